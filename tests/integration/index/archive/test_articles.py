from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from index.archive import AddOutcome, Archive
from index.embeddings.embedder import Embedder
from index.errors import EmbeddingModelMismatch, InvalidInputError, NotFoundError
from index.ingest.text.files import load_draft
from index.models import DateProvenance
from tests.fixtures.counting_embedder import CountingEmbedder
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, SEED, OpenArchive, SetClock, draft


class Renamed:
    """The same model under another fingerprint, as other weights would have."""

    def __init__(self, model: Embedder) -> None:
        self._model = model
        self.name = "another/model"
        self.fingerprint = "another"
        self.dimension = model.dimension
        self.embed_questions = model.embed_questions
        self.embed_passages = model.embed_passages
        self.count_tokens = model.count_tokens


def test_loading_the_same_file_twice_changes_nothing(archive: Archive) -> None:
    seed = load_draft(SEED)
    assert archive.add(seed) is AddOutcome.ADDED
    before = archive.stats(), archive.articles()
    assert archive.add(seed) is AddOutcome.UNCHANGED
    assert (archive.stats(), archive.articles()) == before


def test_an_edited_file_replaces_its_article_and_keeps_the_day_it_was_added(
    archive: Archive, clock: SetClock
) -> None:
    archive.add(draft("port", PORT))
    added = archive.article("port").added_at
    clock.move(days=1)
    assert archive.add(draft("port", SCHOOL)) is AddOutcome.REPLACED
    assert archive.stats().articles == 1
    assert archive.article("port").text == SCHOOL
    assert archive.article("port").added_at == added


def test_what_an_editor_changed_is_not_undone_by_loading_the_same_again(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    archive.edit("port", source="وكالة الرمال", published="2026-01-11")
    assert archive.add(draft("port", PORT)) is AddOutcome.UNCHANGED
    kept = archive.article("port")
    assert (kept.source, kept.date_found) == ("وكالة الرمال", DateProvenance.EDITOR)


def test_a_removed_article_stays_removed_when_it_is_loaded_again_unless_asked_for(
    archive: Archive,
) -> None:
    archive.add(draft("port", PORT))
    archive.remove("port")
    assert archive.add(draft("port", PORT)) is AddOutcome.STILL_REMOVED
    assert archive.add(draft("port", PORT), restore_removed=True) is AddOutcome.RESTORED
    assert archive.article("port").text == PORT


def test_a_date_is_known_as_given_read_before_the_story_or_unknown(archive: Archive) -> None:
    archive.add(draft("given", PORT, published="2026-01-10"))
    archive.add(draft("read", f"صحيفة نوران: الأحد 11 كانون الثاني 2026\n{PORT}"))
    archive.add(draft("unknown", PORT))
    found = {each.id: each.date_found for each in archive.articles()}
    assert found == {
        "given": DateProvenance.GIVEN,
        "read": DateProvenance.BYLINE,
        "unknown": DateProvenance.UNKNOWN,
    }
    assert archive.article("read").source == "صحيفة نوران"


def test_articles_are_listed_by_date_with_unknown_dates_last(archive: Archive) -> None:
    archive.add(draft("rain", RAIN))
    archive.add(draft("port", PORT, published="2026-01-10"))
    archive.add(draft("school", SCHOOL, published="2026-01-20T08:30:00+02:00"))
    assert [each.id for each in archive.articles()] == ["school", "port", "rain"]
    assert [each.id for each in archive.articles(limit=1, offset=1)] == ["port"]


def test_what_the_archive_holds_counts_live_articles_only(archive: Archive) -> None:
    archive.add(draft("port", PORT, published="2026-01-10"))
    archive.add(draft("school", SCHOOL, published="2026-01-20"))
    archive.remove("school")
    archive_stats = archive.stats()
    assert archive_stats.articles == 1
    assert str(archive_stats.since) == str(archive_stats.until) == "2026-01-10"


@pytest.mark.parametrize("act", ["article", "edit", "remove", "restore"])
def test_an_id_that_is_not_there_is_named_with_a_remedy(archive: Archive, act: str) -> None:
    with pytest.raises(NotFoundError, match="nowhere") as missing:
        getattr(archive, act)("nowhere")
    assert missing.value.remedy


def test_a_bad_edit_names_the_field_and_changes_nothing(archive: Archive) -> None:
    archive.add(draft("port", PORT))
    with pytest.raises(InvalidInputError, match="published"):
        archive.edit("port", source="x", published="soon")
    assert archive.article("port").source is None


def test_vectors_of_another_model_are_refused_until_they_are_made_again(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    open_archive().add(draft("port", PORT))
    other = open_archive(model=Renamed(embedder))
    with pytest.raises(EmbeddingModelMismatch, match="another/model") as refused:
        other.ask("الميناء")
    assert "briefing reembed" in refused.value.remedy
    assert list(other.reembed())[-1] == (1, 1)
    assert other.ask("الميناء").answered
    with pytest.raises(EmbeddingModelMismatch):
        open_archive().ask("الميناء")


def test_every_article_is_embedded_again_where_that_is_asked_for(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    archive = open_archive()
    archive.add(draft("port", PORT))
    archive.add(draft("school", SCHOOL))
    archive.remove("school")
    counting = CountingEmbedder(embedder)
    again = open_archive(model=counting)
    assert list(again.reembed())[-1] == (0, 0)
    assert list(again.reembed(reembed_all=True))[-1] == (2, 2)
    assert {PORT, SCHOOL} <= set(counting.passages)


def test_nothing_is_added_with_another_model_than_the_archives(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    archive = open_archive()
    archive.add(draft("port", PORT))
    other = open_archive(model=Renamed(embedder))
    with pytest.raises(EmbeddingModelMismatch):
        other.add(draft("school", SCHOOL))
    with pytest.raises(EmbeddingModelMismatch):
        other.edit("port", text=RAIN)
    assert archive.ask("الميناء").answered


def test_a_removed_article_is_embedded_again_with_the_rest_and_can_be_restored(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    archive = open_archive()
    archive.add(draft("port", PORT))
    archive.add(draft("school", SCHOOL))
    archive.remove("port")
    other = open_archive(model=Renamed(embedder))
    assert list(other.reembed())[-1] == (2, 2)
    other.restore("port")
    assert other.ask("متى يعود الميناء إلى العمل؟").quotes[0].article.id == "port"


class Interrupted(Renamed):
    """A model during whose work, once, something else happens."""

    def __init__(self, model: Embedder, meanwhile: Callable[[], object]) -> None:
        super().__init__(model)
        self.fingerprint = model.fingerprint
        self._meanwhile: list[Callable[[], object]] = [meanwhile]
        self.embed_passages = self._interrupted

    def _interrupted(self, texts: Sequence[str]) -> NDArray[np.float32]:
        while self._meanwhile:
            self._meanwhile.pop()()
        return self._model.embed_passages(texts)


def consistent(archive: Archive) -> bool:
    """Every quote that there is lies within its article and is one of its passages."""
    quotes = archive.ask("Noran port school rain", limit=20).quotes
    return bool(quotes) and all(
        0 <= quote.start < quote.end <= len(quote.article.text)
        and quote.article.text[quote.start : quote.end] == quote.text
        for quote in quotes
    )


def test_an_edit_that_another_process_overtakes_is_made_again_on_the_newer_text(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    there = open_archive()
    there.add(draft("port", PORT))
    slow = Interrupted(embedder, lambda: there.add(draft("port", RAIN)))
    here = open_archive(model=slow)
    here.edit("port", title="Noran")
    after = here.article("port")
    assert (after.text, after.title) == (RAIN, "Noran")
    assert consistent(here)


def test_an_article_removed_while_it_was_being_replaced_stays_removed(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    there = open_archive()
    there.add(draft("port", PORT))
    slow = Interrupted(embedder, lambda: there.remove("port"))
    here = open_archive(model=slow)
    assert here.add(draft("port", RAIN)) is AddOutcome.STILL_REMOVED
    assert here.stats().articles == 0


def test_the_same_article_added_by_two_processes_at_once_is_there_once(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    there = open_archive()
    slow = Interrupted(embedder, lambda: there.add(draft("port", SCHOOL)))
    here = open_archive(model=slow)
    assert here.add(draft("port", RAIN)) is AddOutcome.REPLACED
    assert here.stats().articles == 1
    assert consistent(here)


def test_a_failure_while_embedding_leaves_the_archive_as_it_was(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    broken = Renamed(embedder)
    broken.fingerprint = embedder.fingerprint

    def fail(_: object) -> None:
        raise MemoryError

    broken.embed_passages = fail  # type: ignore[assignment]
    archive = open_archive(model=broken)
    with pytest.raises(MemoryError):
        archive.add(draft("port", PORT))
    assert archive.stats().articles == 0
