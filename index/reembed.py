"""Embedding again what another model embedded, an article at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from index.embeddings.embedder import Embedder
from index.optimistic_retry import retry_on_conflict
from index.passage_embedding import PassageContext, embed_story
from index.storage.article_store import ArticleStore
from index.text.boilerplate import BoilerplateRules, find_story_body


def reembed(
    store: ArticleStore,
    embedder: Embedder,
    second: Embedder | None,
    boilerplate: BoilerplateRules,
    *,
    every: bool = False,
) -> Iterator[tuple[int, int]]:
    """Embed what is not of this model, or `every` article, and show the second encoder the rest.

    Gives (done, of).
    """
    waiting = store.article_ids() if every else store.embedded_otherwise(embedder.fingerprint)
    if second:
        unseen = store.without_second(second.fingerprint)
        waiting = [*dict.fromkeys([*waiting, *unseen])]
    for done, article_id in enumerate(waiting):
        yield done, len(waiting)
        retry_on_conflict(
            partial(_reembed, store, embedder, second, boilerplate, article_id, every=every)
        )
    yield len(waiting), len(waiting)


def _reembed(
    store: ArticleStore,
    embedder: Embedder,
    second: Embedder | None,
    boilerplate: BoilerplateRules,
    article_id: str,
    *,
    every: bool,
) -> None:
    read = store.record(article_id)
    if read is None:
        return
    body = find_story_body(read.article.text, boilerplate).body
    if every or read.embedded_by != embedder.fingerprint:
        store.reembed(embed_story(read.article, body, embedder, second), read)
    elif second:
        parts = store.spans(read.key)
        first = next(iter(parts.values()))[0]
        context = PassageContext.of_story(read.article, body, first)
        texts = context.before(read.article.text, parts.values())
        made = dict(zip(parts, second.embed_passages(texts), strict=True))
        store.add_second(second.fingerprint, made, read)
