"""Questions and articles in different languages, with the second encoder and without it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.storage.article_store import ArticleStore
from tests.fixtures.answer_comparison import assert_same_answer
from tests.fixtures.counting_embedder import CountingEmbedder
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, TRIPOLI, OpenArchive, draft


def stored(archive: Archive, second: Embedder) -> NDArray[np.float32]:
    """Return the second encoder's vectors in the database, in the order of the passages."""
    store = ArticleStore(archive._folder, TRIPOLI)
    with store.snapshot() as storage_snapshot:
        found = storage_snapshot.read_cross_lingual_vectors(second.fingerprint, range(1, 100))
    store.close()
    return np.array([found[each] for each in sorted(found)])


def test_only_a_question_in_another_language_than_an_article_needs_it(
    open_archive: OpenArchive, second: Embedder
) -> None:
    counting = CountingEmbedder(second)
    archive = open_archive(second=counting)
    archive.add(draft("port", PORT))
    archive.ask("متى يعود الميناء؟")
    assert counting.questions == []
    archive.ask("When does the port open?")
    assert counting.questions == ["When does the port open?"]
    archive.add(draft("school", SCHOOL))
    archive.ask("متى يعود الميناء؟")
    assert len(counting.questions) == 2


def test_it_is_given_each_passage_after_its_title(
    open_archive: OpenArchive, second: Embedder
) -> None:
    counting = CountingEmbedder(second)
    archive = open_archive(second=counting)
    archive.add(draft("port", PORT, title="الميناء"))
    assert counting.passages == [f"الميناء\n{PORT}"]


def test_its_cosine_is_part_of_the_score_in_every_process_at_once(
    open_archive: OpenArchive, second: Embedder
) -> None:
    here, there = open_archive(second=second), open_archive(second=second)
    here.add(draft("port", PORT))
    there.add(draft("rain", RAIN))
    found = here.ask_with_trace("When does the port open?").retrieved.ranked
    assert len(found) == 2
    assert all(each.cross_lingual_cosine != 0 for each in found)


def test_an_archive_made_without_it_is_asked_as_before_until_it_is_embedded_again(
    open_archive: OpenArchive, second: Embedder
) -> None:
    without = open_archive()
    without.add(draft("port", PORT))
    without.add(draft("gone", RAIN))
    without.remove("gone")
    question = "When does the port open?"
    before = without.ask(question)
    counting = CountingEmbedder(second)
    later = open_archive(second=counting)
    assert_same_answer(later.ask(question), before)
    assert list(later.reembed())[-1] == (2, 2)
    assert sorted(counting.passages) == sorted([PORT, RAIN])
    assert later.ask_with_trace(question).retrieved.ranked[0].cross_lingual_cosine != 0
    assert list(later.reembed()) == [(0, 0)]


@pytest.mark.parametrize("title", [None, "الميناء"])
def test_what_is_made_later_is_what_would_have_been_made_at_once(
    open_archive: OpenArchive, second: Embedder, title: str | None
) -> None:
    text = "\n".join([PORT, PORT.replace("الأحد", "الاثنين"), PORT.replace("سالم", "كريم")] * 3)
    at_once, later = open_archive("at once", second=second), open_archive("later")
    at_once.add(draft("port", text, title=title))
    later.add(draft("port", text, title=title))
    list(open_archive("later", second=second).reembed())
    assert len(stored(at_once, second)) > 1
    assert stored(later, second) == pytest.approx(stored(at_once, second), abs=1e-3)  # of fp16


def test_an_edited_article_has_the_vectors_of_its_new_text(
    open_archive: OpenArchive, second: Embedder
) -> None:
    archive = open_archive(second=second)
    archive.add(draft("port", PORT))
    archive.edit("port", text=SCHOOL)
    expected = second.embed_passages([SCHOOL])[0]
    (vector,) = stored(archive, second)
    assert float(vector @ expected) > 0.999
