"""A draft into the archive and back: once, and never over somebody else's work."""

from __future__ import annotations

import pytest

from bot.editorial.draft_store import DraftState, StoredDraft
from bot.editorial.publisher import Publisher, PublishResult
from index.archive import Archive
from index.errors import InvalidInputError
from index.ingest.extracted_article import ExtractedArticle
from index.models import DateProvenance
from index.storage.row_mapping import format_utc
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, SetClock

LINK = "https://noran.example/school"


@pytest.fixture
def publisher(archive: Archive) -> Publisher:
    return Publisher(archive)


def kept(
    clock: SetClock, text: str = SCHOOL, number: int = 1, editor: int = 7, **known: object
) -> StoredDraft:
    brought = ExtractedArticle.model_validate({"text": text, **known})
    return StoredDraft(
        number, number, editor, format_utc(clock()), DraftState.OPEN, brought, None, None, None
    )


def published(draft: StoredDraft, done: PublishResult | None) -> StoredDraft:
    assert done is not None
    state = DraftState.PUBLISHED
    return draft._replace(
        state=state,
        outcome=done.outcome,
        article_id=done.article_id,
        audit_entry_number=done.audit_entry_number,
    )


def test_what_was_published_before_a_crash_is_found_and_not_published_again(
    archive: Archive, publisher: Publisher, clock: SetClock
) -> None:
    draft = kept(clock, url=LINK)
    done = publisher.publish(draft, "publish")
    assert publisher.publish(draft, "publish") == done
    assert len(archive.read_log(limit=9)) == 1
    assert len(archive.articles()) == 1


def test_a_replacement_that_changes_nothing_cannot_be_undone(
    archive: Archive, publisher: Publisher, clock: SetClock
) -> None:
    publisher.publish(kept(clock, url=LINK), "publish")
    clock.move(hours=1)
    again = kept(clock, url=LINK, number=2)
    chosen = publisher.preview(again).duplicates[0].article.number
    done = publisher.publish(again, "replace", chosen)
    assert done
    assert (done.outcome, done.audit_entry_number) == ("unchanged", None)


def test_a_replacement_takes_the_place_of_a_correction_and_undoing_it_brings_that_back(
    archive: Archive, publisher: Publisher, clock: SetClock
) -> None:
    publisher.publish(kept(clock, url=LINK), "publish")
    (there,) = archive.articles()
    archive.edit(there.id, actor="telegram 8", text=RAIN)
    clock.move(hours=1)
    again = kept(clock, url=LINK, number=2)
    done = publisher.publish(again, "replace", there.number)
    assert archive.article(there.id).text == SCHOOL
    assert publisher.undo(published(again, done))
    assert archive.article(there.id).text == RAIN
    assert publisher.publish(again, "replace", there.number)
    assert archive.article(there.id).text == SCHOOL


def test_only_the_article_that_was_shown_is_replaced(
    archive: Archive, publisher: Publisher, clock: SetClock
) -> None:
    publisher.publish(kept(clock, url=LINK), "publish")
    again = kept(clock, url=LINK, number=2)
    assert (
        publisher.publish(
            again, "replace", publisher.preview(again).duplicates[0].article.number + 1
        )
        is None
    )
    assert len(archive.read_log(limit=9)) == 1


def test_both_are_kept_under_ids_of_their_own(
    archive: Archive, publisher: Publisher, clock: SetClock
) -> None:
    publisher.publish(kept(clock, url=LINK), "publish")
    second = kept(clock, f"URGENT: {SCHOOL}", url=LINK, number=2)
    assert publisher.publish(second, "publish") is None
    done = publisher.publish(second, "keep")
    assert done
    assert publisher.publish(second, "keep") == done
    assert len(archive.articles()) == 2


def test_a_date_that_is_asked_about_is_not_published(
    archive: Archive, publisher: Publisher, clock: SetClock
) -> None:
    unclear = kept(clock, published="2018-05-04", date_found=DateProvenance.UNCERTAIN)
    assert publisher.publish(unclear, "publish") is None
    assert archive.articles() == []


def test_undoing_twice_is_undoing_once_and_later_work_of_others_is_left_alone(
    archive: Archive, publisher: Publisher, clock: SetClock
) -> None:
    draft = kept(clock)
    done = published(draft, publisher.publish(draft, "publish"))
    assert publisher.undo(done)
    assert publisher.undo(done)
    assert archive.articles() == []
    again = published(draft, publisher.publish(draft, "publish"))
    archive.edit(again.article_id or "", actor="telegram 8", source="The Noran Courier")
    assert not publisher.undo(again)
    assert len(archive.articles()) == 1


def test_a_removed_article_that_comes_again_can_be_undone_to_what_it_was(
    archive: Archive, publisher: Publisher, clock: SetClock
) -> None:
    publisher.publish(kept(clock, url=LINK), "publish")
    (there,) = archive.articles()
    archive.remove(there.id, actor="telegram 8")
    again = kept(clock, PORT, url=LINK, number=2)
    done = publisher.publish(again, "publish")
    assert done
    assert done.outcome == "restored"
    assert publisher.undo(published(again, done))
    assert archive.articles() == []
    archive.restore(there.id)
    assert archive.article(there.id).text == SCHOOL


def test_undoing_keeps_how_a_date_was_known(
    archive: Archive, publisher: Publisher, clock: SetClock
) -> None:
    found = DateProvenance.PAGE
    publisher.publish(kept(clock, url=LINK, published="2026-01-01", date_found=found), "publish")
    (there,) = archive.articles()
    again = kept(clock, url=LINK, number=2, published="2026-01-02", date_found=found)
    done = publisher.publish(again, "replace", there.number)
    assert publisher.undo(published(again, done))
    article = archive.article(there.id)
    assert (str(article.published), article.date_found) == ("2026-01-01", DateProvenance.PAGE)


def test_an_entry_that_is_not_the_newest_is_not_undone(archive: Archive, clock: SetClock) -> None:
    Publisher(archive).publish(kept(clock), "publish")
    (there,) = archive.articles()
    number = archive.read_log(limit=1)[0].number
    archive.edit(there.id, source="The Noran Courier")
    with pytest.raises(InvalidInputError):
        archive.undo(number)
