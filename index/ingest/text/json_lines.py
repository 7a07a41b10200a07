"""Read articles from JSON Lines, for `briefing import`, `briefing eval` and sent documents."""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from index.clock import Clock, system_clock
from index.errors import InvalidInputError, format_validation_error
from index.ingest import rejections
from index.ingest.charset import decode
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.rejections import RejectReason
from index.models import DateProvenance, Draft, parse_iso_date

if TYPE_CHECKING:
    from index.text.dates.parser import ParsedDate

MAX_LINE_LENGTH = 40_000_000
"""Maximum bytes of one line."""
_LONG_AGO = timedelta(days=400)
MAX_STORIES = 1_000
"""Maximum lines of one document; `briefing import` reads files of any length."""
_FIELDS = frozenset(("id", "title", "text", "source", "url", "published", "language", "author"))


class InvalidLine(NamedTuple):
    """A line that is no article, and the reason."""

    line_number: int
    reason: str


class JsonLine(NamedTuple):
    """A line of a file, with its article or the reason why it has none."""

    number: int
    bytes_read: int
    """Bytes of the file (compressed, if it is) read so far, for a progress bar."""
    content: Draft | InvalidLine


def read_articles(path: Path, clock: Clock = system_clock) -> Iterator[JsonLine]:
    """Yield the articles of a .jsonl or .jsonl.gz file, in order, without blank lines.

    Dates may be in ISO 8601 or as printed by sources. An invalid line is yielded as
    `InvalidLine`, and reading continues. Raises `InvalidInputError` if the file cannot be read or
    is damaged.
    """
    for number, bytes_read, raw in read_lines(path):
        yield JsonLine(number, bytes_read, _parse_article(number, raw, clock))


def read_lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield the number, end position in the file and bytes of each line that is not blank.

    A line longer than `MAX_LINE_LENGTH` is truncated to that length, which `parse_line` rejects.
    Raises `InvalidInputError` if the file cannot be read or is damaged.
    """
    try:
        with path.open("rb") as file:
            is_gzip = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            stream: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=file) if is_gzip else file
            number = 0
            while raw := stream.readline(MAX_LINE_LENGTH):
                number += 1
                if len(raw) == MAX_LINE_LENGTH:
                    _skip_rest_of_line(stream, raw)
                if raw.strip():
                    yield number, file.tell(), raw
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidInputError(
            f"{path} is damaged: {error}", "What stood before the damage was kept; fetch it again"
        ) from None
    except OSError as error:
        raise InvalidInputError(
            f"cannot read {path}: {error.strerror or error}", "Check the name and your rights to it"
        ) from None


def _skip_rest_of_line(stream: IO[bytes] | gzip.GzipFile, raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(MAX_LINE_LENGTH)


def parse_line(raw: bytes) -> dict[str, Any]:
    """Return the JSON object on a line. Raises `ValueError` with a reason for users."""
    if len(raw) >= MAX_LINE_LENGTH:
        raise ValueError(f"is longer than {MAX_LINE_LENGTH / 1e6:.0f} MB")
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON ({error.msg})") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError:
        raise ValueError("holds a number of thousands of digits") from None
    if not isinstance(value, dict):
        raise ValueError("is JSON, but not an object")  # noqa: TRY004  # invalid input, not a programming error
    return value


def _parse_article(number: int, raw: bytes, clock: Clock) -> Draft | InvalidLine:
    try:
        fields = {name: value for name, value in parse_line(raw).items() if name in _FIELDS}
        if _is_blank(fields.get("id")):
            fields["id"] = _generate_id(fields)
        if parsed_date := _parse_printed_date(fields.get("published"), clock()):
            fields |= _date_fields(parsed_date)
        return Draft.model_validate(fields)
    except ValidationError as error:
        return InvalidLine(number, format_validation_error(error))
    except ValueError as error:
        return InvalidLine(number, str(error))


def _date_fields(parsed_date: ParsedDate) -> dict[str, Any]:
    """Return the draft fields of a parsed printed date."""
    provenance = DateProvenance.GIVEN if parsed_date.certain else DateProvenance.UNCERTAIN
    return {"published": parsed_date.published, "date_found": provenance}


def _parse_printed_date(value: Any, now: datetime) -> ParsedDate | None:
    """Parse a printed date; None for other values, among them ISO 8601, which `Draft` parses."""
    if not isinstance(value, str) or not value.strip() or _is_iso(value.strip()):
        return None
    from index.text.dates.parser import read_date

    parsed_date, parsed_long_ago = read_date(value, now=now), read_date(value, now=now - _LONG_AGO)
    if (
        parsed_date is None
        or parsed_long_ago is None
        or parsed_date.published != parsed_long_ago.published
    ):
        return None  # a relative date ("3 hours ago") is meaningless in a file
    return parsed_date


def _is_iso(text: str) -> bool:
    try:
        parse_iso_date(text)
    except ValueError:
        return False
    return True


def read_stories(
    content: bytes,
) -> tuple[tuple[ExtractedArticle, ...], tuple[tuple[int, str], ...]]:
    """Return the stories of one document, and the number and error of each invalid line.

    The fields are those of `read_articles`. Raises `SourceRejected` if no line is an article, or
    if there are more than `MAX_STORIES` lines.
    """
    stories: list[ExtractedArticle] = []
    invalid_lines: list[tuple[int, str]] = []
    for number, raw in enumerate(_to_utf8(content).split(b"\n"), start=1):
        if not raw.strip():
            continue
        if len(stories) + len(invalid_lines) == MAX_STORIES:
            raise rejections.SourceRejected(
                RejectReason.TOO_LARGE,
                f"it has more than {MAX_STORIES:,} lines",
                "Cut it into smaller files, or use `briefing import`",
            )
        try:
            stories.append(_parse_story(parse_line(raw)))
        except ValidationError as error:
            invalid_lines.append((number, format_validation_error(error)))
        except ValueError as error:
            invalid_lines.append((number, str(error)))
    if not stories:
        raise rejections.SourceRejected(
            RejectReason.NO_STORY,
            f"no line of it is an article; line {invalid_lines[0][0]} {invalid_lines[0][1]}"
            if invalid_lines
            else "it is empty",
            "Write one article as one JSON object on each line",
        )
    return tuple(stories), tuple(invalid_lines)


def _parse_story(fields: dict[str, Any]) -> ExtractedArticle:
    story_fields = {
        name: fields[name]
        for name in _FIELDS & ExtractedArticle.model_fields.keys() & fields.keys()
    }
    if parsed_date := _parse_printed_date(story_fields.get("published"), system_clock()):
        story_fields |= {
            "printed": story_fields["published"],
            "otherwise": parsed_date.alternatives,
        }
        story_fields |= _date_fields(parsed_date)
    story = ExtractedArticle.model_validate(story_fields)
    if story.published is None or story.date_found is not DateProvenance.UNKNOWN:
        return story
    return story.model_copy(update={"date_found": DateProvenance.GIVEN})


def _to_utf8(content: bytes) -> bytes:
    try:
        content.decode()
    except UnicodeDecodeError:
        return decode(content).encode()
    return content


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _generate_id(fields: dict[str, Any]) -> str:
    """Return an id made of the URL, or without one of all fields."""
    url = fields.get("url")
    present_fields = {name: value for name, value in fields.items() if not _is_blank(value)}
    identity = (
        json.dumps(present_fields, sort_keys=True, default=str)
        if _is_blank(url)
        else str(url).strip()
    )
    return f"line-{hashlib.sha256(identity.encode(errors='replace')).hexdigest()[:16]}"
