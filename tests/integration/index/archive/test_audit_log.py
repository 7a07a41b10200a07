"""The log of who changed what, and undoing an entry of it."""

from __future__ import annotations

import pytest

from index.archive import AddOutcome, Archive
from index.errors import InvalidInputError, NotFoundError
from tests.fixtures.sample_articles import PORT, RAIN, draft


def test_every_change_is_logged_with_who_did_it_and_what_it_was_before(archive: Archive) -> None:
    archive.add(draft("port", PORT, source="Noran Gazette"), actor="Layla")
    archive.add(draft("port", f"{PORT} x", source="Noran Gazette"), actor="Omar")
    archive.edit("port", actor="Layla", source="The Courier")
    archive.remove("port", actor="Omar")
    archive.restore("port", actor="Layla")
    restored, removed, edited, replaced, added = archive.read_log(limit=9)
    assert [each.action for each in (added, replaced, edited, removed, restored)] == [
        "added",
        "replaced",
        "edited",
        "removed",
        "restored",
    ]
    assert [each.actor for each in (added, replaced, edited)] == ["Layla", "Omar", "Layla"]
    assert added.before is None
    assert added.after
    assert added.after["source"] == "Noran Gazette"
    assert (replaced.before, replaced.after) == ({"text": PORT}, {"text": f"{PORT} x"})
    assert (edited.before, edited.after) == (
        {"source": "Noran Gazette"},
        {"source": "The Courier"},
    )
    assert removed.before
    assert removed.before["source"] == "The Courier"
    assert restored.after == removed.before


def test_what_changes_nothing_is_not_logged(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    assert archive.add(draft("port", PORT)) is AddOutcome.UNCHANGED
    with pytest.raises(InvalidInputError):
        archive.edit("port", url="no address")
    archive.edit("port", title=None, language="ar")
    assert len(archive.read_log(limit=9)) == 1


def test_the_log_is_read_backwards_page_by_page_and_by_article(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    archive.add(draft("rain", RAIN))
    archive.remove("port")
    newest = archive.read_log(limit=2)
    assert [each.subject_id for each in newest] == ["port", "rain"]
    assert [each.action for each in archive.read_log(before_number=newest[-1].number, limit=2)] == [
        "added"
    ]
    assert [each.action for each in archive.read_log(subject="rain", limit=9)] == ["added"]


def test_each_kind_of_entry_can_be_undone(archive: Archive) -> None:

    def undo_last() -> None:
        archive.undo(archive.read_log(limit=1)[0].number, actor="Layla")

    archive.add(draft("port", PORT, published="2026-01-10"))
    archive.edit("port", title="A title", published="2026-02-02")
    undo_last()
    assert (archive.article("port").title, str(archive.article("port").published)) == (
        None,
        "2026-01-10",
    )
    assert archive.article("port").date_found == "given"
    archive.remove("port")
    undo_last()
    assert archive.article("port").text == PORT
    archive.add(draft("port", RAIN))
    undo_last()
    assert archive.article("port").text == PORT
    archive.add(draft("rain", RAIN))
    undo_last()
    with pytest.raises(NotFoundError):
        archive.article("rain")


def test_what_has_been_changed_again_is_not_undone(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    first = archive.read_log(limit=1)[0].number
    archive.edit("port", title="A title")
    with pytest.raises(InvalidInputError, match="changed again"):
        archive.undo(first)
    with pytest.raises(NotFoundError):
        archive.undo(999)
    assert archive.article("port").title == "A title"
