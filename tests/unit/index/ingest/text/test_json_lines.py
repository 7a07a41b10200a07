"""Articles as lines of JSON."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import InvalidInputError
from index.ingest.text import json_lines
from index.ingest.text.json_lines import InvalidLine, parse_line, read_articles, read_lines
from index.models import Draft

ARTICLE = {"id": "a1", "text": "وصل الوفد إلى مرسى النور."}


def write_lines(folder: Path, *lines: Any) -> Path:
    path = folder / "articles.jsonl"
    path.write_bytes(
        b"\n".join(x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines)
    )
    return path


def drafts(path: Path) -> list[Draft]:
    return [line.content for line in read_articles(path) if isinstance(line.content, Draft)]


def invalid_lines(path: Path) -> list[InvalidLine]:
    return [line.content for line in read_articles(path) if isinstance(line.content, InvalidLine)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "is not JSON"),
        (b"[1]", "not an object"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"\x00\x01\x02", "not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"text": ' + b"1" * 5_000 + b"}", "thousands of digits"),
        ({"id": "x"}, "text"),
        ({"id": "x", "text": ""}, "text: has no words"),
        ({"id": "x", "text": "؟!"}, "text: has no words"),
        ({"id": "x", "text": 5}, "text"),
        ({"id": "x", "text": "وصل\x00الوفد"}, "text: holds a NUL"),
        ({"id": "x", "text": "وصل \ud800"}, "text"),
        ({"id": 1.5, "text": "وصل"}, "id"),
        ({"id": "x", "text": "وصل", "published": "أمس"}, "published"),
        ({"id": "x", "text": "وصل", "published": 5}, "published"),
        ({"id": "x", "text": "وصل", "url": "ftp://amal.example"}, "url"),
        ({"id": "x", "text": "وصل", "language": "Arabic!"}, "language"),
    ],
)
def test_invalid_line_is_reported_and_the_rest_is_read(
    tmp_path: Path, line: Any, reason: str
) -> None:
    path = write_lines(tmp_path, ARTICLE, line, {**ARTICLE, "id": "a2"})
    assert [draft.id for draft in drafts(path)] == ["a1", "a2"]
    (refused,) = invalid_lines(path)
    assert refused.line_number == 2
    assert reason in refused.reason


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_every_field_except_text_is_optional(tmp_path: Path, absent: str | None) -> None:
    names = ("id", "title", "source", "url", "published", "language")
    (draft,) = drafts(write_lines(tmp_path, dict.fromkeys(names, absent) | {"text": "وصل الوفد."}))
    assert draft.id.startswith("line-")
    assert (draft.title, draft.source, draft.url, draft.published, draft.language) == (None,) * 5


def test_id_may_be_a_number_even_zero(tmp_path: Path) -> None:
    assert [
        d.id for d in drafts(write_lines(tmp_path, {**ARTICLE, "id": 0}, {**ARTICLE, "id": 7}))
    ] == ["0", "7"]


def test_unknown_fields_are_ignored(tmp_path: Path) -> None:
    assert len(drafts(write_lines(tmp_path, {**ARTICLE, "tags": ["x"]}))) == 1


def test_the_same_line_without_an_id_is_the_same_article(tmp_path: Path) -> None:
    first, second, third = drafts(
        write_lines(tmp_path, {"text": "وصل"}, {"text": "وصل"}, {"text": "غادر"})
    )
    assert first.id == second.id != third.id


def test_without_an_id_the_url_identifies_the_article(tmp_path: Path) -> None:
    url = "https://amal.example/1"
    first, second = drafts(
        write_lines(tmp_path, {"text": "وصل", "url": url}, {"text": "غادر", "url": url})
    )
    assert first.id == second.id


def test_blank_url_does_not_identify_an_article(tmp_path: Path) -> None:
    first, second = drafts(
        write_lines(tmp_path, {"text": "وصل", "url": " "}, {"text": "غادر", "url": " "})
    )
    assert first.id != second.id


def test_blank_lines_are_counted_but_not_read(tmp_path: Path) -> None:
    path = write_lines(tmp_path, b"", ARTICLE, b"   ", b"{")
    assert [line.number for line in read_articles(path)] == [2, 4]


def test_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    path = write_lines(tmp_path, b"\xef\xbb\xbf" + json.dumps(ARTICLE).encode() + b"\r")
    assert [draft.id for draft in drafts(path)] == ["a1"]


def test_gzip_file_is_read_like_a_plain_one(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(ARTICLE).encode()))
    assert [draft.id for draft in drafts(path)] == ["a1"]


def test_truncated_gzip_file_yields_its_lines_and_then_an_error(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl.gz"
    whole = b"".join(
        json.dumps({**ARTICLE, "id": f"a{n}-{hash(n * 7919)}"}).encode() + b"\n"
        for n in range(9_000)
    )
    zipped = gzip.compress(whole)
    path.write_bytes(zipped[: len(zipped) // 2])
    numbers: list[int] = []
    with pytest.raises(InvalidInputError, match="damaged"):
        numbers.extend(line.number for line in read_articles(path))
    reading = read_articles(path)
    assert next(reading).number == 1


def test_bytes_read_grow_to_the_file_size(tmp_path: Path) -> None:
    path = write_lines(tmp_path, ARTICLE, ARTICLE)
    assert [line.bytes_read for line in read_articles(path)][-1] == path.stat().st_size


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_unreadable_file_is_invalid_input(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInputError, match="cannot read"):
        list(read_lines(tmp_path / name))


def test_too_long_line_is_rejected_once_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_lines, "MAX_LINE_LENGTH", 200)
    path = write_lines(tmp_path, b"x" * 950, ARTICLE)
    assert [
        (refused.line_number, "longer than" in refused.reason) for refused in invalid_lines(path)
    ] == [(1, True)]
    assert [line.number for line in read_articles(path)] == [1, 2]


@pytest.mark.parametrize("raw", [b"", b"null", b"5", b'"text"', b"\xff", b"{'a': 1}", b"9" * 5_000])
def test_line_without_an_object_is_rejected_with_a_reason(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_line(raw)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=5,
)
OBJECTS = st.dictionaries(st.sampled_from(sorted(json_lines._FIELDS)), VALUES).map(
    lambda x: json.dumps(x).encode()
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(),
        st.lists(st.one_of(OBJECTS, st.binary()), max_size=6).map(b"\n".join),
        st.tuples(st.binary(), st.integers(0, 60)).map(
            lambda x: gzip.compress(x[0])[: x[1]] + x[0]
        ),
    )
)
def test_any_bytes_are_read_or_raise_invalid_input(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "any.jsonl"
    path.write_bytes(raw)
    try:
        found = list(read_articles(path))
    except InvalidInputError:
        return
    assert all(isinstance(line.content, Draft | InvalidLine) for line in found)
    assert all(line.content.reason for line in found if isinstance(line.content, InvalidLine))
