"""Token vectors in an archive: stored with each passage, and added to archives filled before."""

from __future__ import annotations

import pytest

from index.archive import Archive
from index.embeddings.embedder import Embedder
from index.embeddings.token_vectors import encode_passages, token_fingerprint
from index.storage.article_store import ArticleStore
from index.storage.token_vectors import PackedTokens
from tests.fixtures.answer_comparison import assert_same_answer
from tests.fixtures.counting_embedder import CountingEmbedder
from tests.fixtures.sample_articles import PORT, RAIN, SCHOOL, TRIPOLI, OpenArchive, draft

QUESTION = "When does the port open?"


def stored_tokens(archive: Archive, embedder: Embedder) -> dict[int, PackedTokens]:
    fingerprint = token_fingerprint(embedder)
    assert fingerprint
    store = ArticleStore(archive._folder, TRIPOLI)
    with store.snapshot() as snapshot:
        found = snapshot.read_token_vectors(fingerprint, range(1, 100))
    store.close()
    return found


def fill(archive: Archive) -> None:
    for name, text in (("port", PORT), ("school", SCHOOL), ("rain", RAIN)):
        archive.add(draft(name, text))


def test_an_archive_filled_without_token_vectors_is_asked_as_before_until_it_is_reembedded(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    without = CountingEmbedder(embedder)
    old = open_archive("old", model=without)
    fill(old)
    before = old.ask(QUESTION)
    old.close()
    assert stored_tokens(old, embedder) == {}

    new = open_archive("old")
    assert_same_answer(new.ask(QUESTION), before)
    assert list(new.reembed())[-1] == (3, 3)
    assert sorted(stored_tokens(new, embedder)) == [4, 5, 6]
    fresh = open_archive("fresh")
    fill(fresh)
    assert_same_answer(new.ask(QUESTION), fresh.ask(QUESTION))
    assert list(new.reembed())[-1] == (0, 0), "nothing is left to do"


def test_the_tokens_of_a_passage_cover_its_text_and_not_its_context(
    open_archive: OpenArchive, embedder: Embedder
) -> None:
    archive = open_archive()
    archive.add(draft("port", f"{PORT}\n\n{RAIN}", title="A title that no passage says"))
    (tokens,) = stored_tokens(archive, embedder).values()
    text = archive.ask("متى يعود الميناء؟").quotes[0].text
    covered = {place for start, end in tokens.spans.tolist() for place in range(start, end)}
    assert {place for place, sign in enumerate(text) if not sign.isspace()} <= covered
    assert tokens.spans.max() <= len(text)


@pytest.mark.processor
def test_tokens_from_a_start_on_are_the_last_ones_of_the_text(embedder: Embedder) -> None:
    context = "The port of Noran\n"
    (whole,) = encode_passages(embedder, [context + SCHOOL], [0])
    (own,) = encode_passages(embedder, [context + SCHOOL], [len(context)])
    assert whole.tokens
    assert own.tokens
    count = len(own.tokens.vectors)
    assert 0 < count < len(whole.tokens.vectors)
    assert (own.tokens.vectors == whole.tokens.vectors[-count:]).all()
    assert own.tokens.spans[0, 0] == 0
    assert own.tokens.spans[-1, 1] == len(SCHOOL)
    assert own.tokens.importance.sum() == pytest.approx(1)


@pytest.mark.parametrize("text", ["", " ", "\ud800", "😀" * 3000, "كلمة " * 2000])
def test_any_text_has_token_vectors_of_unit_length(embedder: Embedder, text: str) -> None:
    (encoded,) = encode_passages(embedder, [text], [0])
    assert encoded.tokens
    lengths = (encoded.tokens.vectors**2).sum(axis=1)
    assert lengths == pytest.approx(1, abs=1e-4)
    assert (encoded.vector == embedder.embed_passages([text])[0]).all()
