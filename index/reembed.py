"""Embed articles again after a change of the embedding model, one article at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from index.embeddings.embedder import Embedder
from index.embeddings.token_vectors import token_fingerprint
from index.optimistic_retry import retry_on_conflict
from index.passage_embedding import PassageContext, embed_story
from index.storage.article_store import ArticleStore
from index.text.boilerplate import BoilerplateRules, find_story_body


def reembed(
    store: ArticleStore,
    embedder: Embedder,
    cross_lingual_embedder: Embedder | None,
    boilerplate: BoilerplateRules,
    *,
    reembed_all: bool = False,
) -> Iterator[tuple[int, int]]:
    """Embed articles with vectors of another model again or, with `reembed_all`, all articles.

    Articles without the model's token vectors are embedded again, too. Also adds missing vectors
    of the second encoder, if any. Yields (done, total) before each
    article and at the end.
    """
    article_ids = (
        store.article_ids() if reembed_all else store.ids_with_foreign_vectors(embedder.fingerprint)
    )
    tokens = token_fingerprint(embedder)
    without_tokens = frozenset(store.ids_without_token_vectors(tokens)) if tokens else frozenset()
    article_ids = [*dict.fromkeys([*article_ids, *sorted(without_tokens)])]
    if cross_lingual_embedder:
        without_vectors = store.ids_without_cross_lingual_vectors(
            cross_lingual_embedder.fingerprint
        )
        article_ids = [*dict.fromkeys([*article_ids, *without_vectors])]
    for done, article_id in enumerate(article_ids):
        yield done, len(article_ids)
        retry_on_conflict(
            partial(
                _reembed_article,
                store,
                embedder,
                cross_lingual_embedder,
                boilerplate,
                article_id,
                reembed_all=reembed_all or article_id in without_tokens,
            )
        )
    yield len(article_ids), len(article_ids)


def _reembed_article(
    store: ArticleStore,
    embedder: Embedder,
    cross_lingual_embedder: Embedder | None,
    boilerplate: BoilerplateRules,
    article_id: str,
    *,
    reembed_all: bool,
) -> None:
    record = store.find_record(article_id)
    if record is None:
        return
    story = find_story_body(record.article.text, boilerplate)
    if reembed_all or record.embedding_fingerprint != embedder.fingerprint:
        store.reembed(embed_story(record.article, story, embedder, cross_lingual_embedder), record)
    elif cross_lingual_embedder:
        spans = store.passage_spans(record.key)
        first_start = next(iter(spans.values()))[0]
        context = PassageContext.for_story(record.article, story.body, first_start)
        texts = context.add_prefix(record.article.text, spans.values())
        vectors = dict(zip(spans, cross_lingual_embedder.embed_passages(texts), strict=True))
        store.add_cross_lingual_vectors(cross_lingual_embedder.fingerprint, vectors, record)
