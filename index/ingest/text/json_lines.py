"""Lines of JSON, one article each, as `briefing import` and `briefing eval` read them."""

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
from index.errors import InvalidInputError, reasons
from index.ingest import rejections
from index.ingest.charset import decode
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.rejections import RejectReason
from index.models import DateProvenance, Draft, parse_iso_date

if TYPE_CHECKING:
    from index.text.dates.parser import ParsedDate

MAX_LINE_LENGTH = 40_000_000
"""The most bytes of one line."""
_LONG_AGO = timedelta(days=400)
MAX_STORIES = 1_000
"""The most lines of one document: `briefing import` reads files of any length."""
_FIELDS = frozenset(("id", "title", "text", "source", "url", "published", "language", "author"))


class InvalidLine(NamedTuple):
    """A line that is no article, and why."""

    line: int
    reason: str


class JsonLine(NamedTuple):
    """A line read: where the file stands after it, and the article in it or why there is none."""

    number: int
    position: int
    """How many bytes of the file (as it lies on the disk) have been read, for a progress bar."""
    content: Draft | InvalidLine


def read_articles(path: Path, clock: Clock = system_clock) -> Iterator[JsonLine]:
    """Read the articles of a .jsonl or .jsonl.gz file, in order; blank lines are passed over.

    A date that is not ISO 8601 is read as it is printed. A bad line is given as `InvalidLine` and the
    rest is read. Raises `InvalidInputError` where the file cannot be opened, or ends before it should.
    """
    for number, position, raw in read_lines(path):
        yield JsonLine(number, position, _article(number, raw, clock))


def read_lines(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Give the number, position and bytes of each line that is not blank. Raises `InvalidInputError`.

    Of a line longer than `MAX_LINE_LENGTH` only the beginning is given, which `parsed` refuses.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            stream: IO[bytes] | gzip.GzipFile = gzip.GzipFile(fileobj=file) if zipped else file
            number = 0
            while raw := stream.readline(MAX_LINE_LENGTH):
                number += 1
                if len(raw) == MAX_LINE_LENGTH:
                    _pass_over_the_rest(stream, raw)
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


def _pass_over_the_rest(stream: IO[bytes] | gzip.GzipFile, raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(MAX_LINE_LENGTH)


def parsed(raw: bytes) -> dict[str, Any]:
    """Return the JSON object on a line. Raises ValueError with a plain reason."""
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
        raise ValueError("is JSON, but not an object")  # noqa: TRY004  # the line's fault, not ours
    return value


def _article(number: int, raw: bytes, clock: Clock) -> Draft | InvalidLine:
    try:
        fields = {name: value for name, value in parsed(raw).items() if name in _FIELDS}
        if _is_absent(fields.get("id")):
            fields["id"] = _made_id(fields)
        if read := _read_date(fields.get("published"), clock()):
            fields |= _fields_of(read)
        return Draft.model_validate(fields)
    except ValidationError as error:
        return InvalidLine(number, reasons(error))
    except ValueError as error:
        return InvalidLine(number, str(error))


def _fields_of(read: ParsedDate) -> dict[str, Any]:
    """Return the fields of a date that was read as it is printed."""
    found = DateProvenance.GIVEN if read.certain else DateProvenance.UNCERTAIN
    return {"published": read.published, "date_found": found}


def _read_date(said: Any, now: datetime) -> ParsedDate | None:
    """Read a date that is printed, where it is; ISO 8601 is read elsewhere."""
    if not isinstance(said, str) or not said.strip() or _is_iso(said.strip()):
        return None
    from index.text.dates.parser import read_date

    read, before = read_date(said, now=now), read_date(said, now=now - _LONG_AGO)
    if read is None or before is None or read.published != before.published:
        return None  # «3 hours ago» says nothing in a file
    return read


def _is_iso(said: str) -> bool:
    try:
        parse_iso_date(said)
    except ValueError:
        return False
    return True


def read_stories(
    content: bytes,
) -> tuple[tuple[ExtractedArticle, ...], tuple[tuple[int, str], ...]]:
    """Return the stories on the lines of one document, and the number and fault of every other.

    The same fields are read as by `read_articles`. Raises `sources.refusals.Refused` where no line
    has a story, or more than `MAX_STORIES` do.
    """
    stories: list[ExtractedArticle] = []
    bad: list[tuple[int, str]] = []
    for number, raw in enumerate(_utf8(content).split(b"\n"), start=1):
        if not raw.strip():
            continue
        if len(stories) + len(bad) == MAX_STORIES:
            raise rejections.SourceRejected(
                RejectReason.TOO_LARGE,
                f"it has more than {MAX_STORIES:,} lines",
                "Cut it into smaller files, or use `briefing import`",
            )
        try:
            stories.append(_story(parsed(raw)))
        except ValidationError as error:
            bad.append((number, reasons(error)))
        except ValueError as error:
            bad.append((number, str(error)))
    if not stories:
        raise rejections.SourceRejected(
            RejectReason.NO_STORY,
            f"no line of it is an article; line {bad[0][0]} {bad[0][1]}" if bad else "it is empty",
            "Write one article as one JSON object on each line",
        )
    return tuple(stories), tuple(bad)


def _story(fields: dict[str, Any]) -> ExtractedArticle:
    known = {
        name: fields[name]
        for name in _FIELDS & ExtractedArticle.model_fields.keys() & fields.keys()
    }
    if read := _read_date(known.get("published"), system_clock()):
        known |= {"printed": known["published"], "otherwise": read.otherwise}
        known |= _fields_of(read)
    story = ExtractedArticle.model_validate(known)
    if story.published is None or story.date_found is not DateProvenance.UNKNOWN:
        return story
    return story.model_copy(update={"date_found": DateProvenance.GIVEN})


def _utf8(content: bytes) -> bytes:
    try:
        content.decode()
    except UnicodeDecodeError:
        return decode(content).encode()
    return content


def _is_absent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _made_id(fields: dict[str, Any]) -> str:
    """Make an id of the address where there is one, else of everything that is known."""
    url = fields.get("url")
    given = {name: value for name, value in fields.items() if not _is_absent(value)}
    known = json.dumps(given, sort_keys=True, default=str) if _is_absent(url) else str(url).strip()
    return f"line-{hashlib.sha256(known.encode(errors='replace')).hexdigest()[:16]}"
