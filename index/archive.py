"""The front door of the archive: add articles, ask questions, get dated quotes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from index.article import (
    HEADLINE_LENGTH,
    Answer,
    Article,
    DateFound,
    Draft,
    Holdings,
    Quote,
    Window,
)
from index.clock import Clock, system_clock
from index.embedding import embed_story
from index.errors import BadInput, ForeignVectors, NotFound, reasons
from index.model.embedder import Embedder
from index.questions import asked
from index.search.dense import DenseIndex
from index.search.quotes import choose, quote
from index.search.rank import Ranked, rank
from index.store.rows import Candidate
from index.store.store import Store
from index.text.headline import headline
from index.text.language import language_of
from index.text.story import BoilerplateRules, Story, story

DEPTH = 50
"""How many passages dense search hands to ranking."""


class Outcome(StrEnum):
    """What adding an article did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    RESTORED = "restored"
    LEFT_OUT = "left out"
    """It had been removed, and stays so."""


class Retrieved(NamedTuple):
    """Passages in the order of their scores, with what quoting them needs."""

    ranked: list[Ranked]
    candidates: dict[int, Candidate]


class Examined(NamedTuple):
    """An answer, and everything that it was chosen from."""

    answer: Answer
    retrieved: Retrieved


class Archive:
    """One archive in one folder. Several processes may have the same one open."""

    def __init__(
        self,
        folder: Path,
        load_embedder: Callable[[], Embedder],
        *,
        zone: ZoneInfo,
        boilerplate: BoilerplateRules,
        clock: Clock = system_clock,
    ) -> None:
        """Open the archive in `folder`, or make an empty one there.

        The model is loaded when it is first needed. Raises `StoreError`.
        """
        self._folder = folder
        self._load_embedder = load_embedder
        self._boilerplate = boilerplate
        self._store = Store(folder, zone, clock)
        self._seen = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Save the search cache and give the files back."""
        if "_dense" in self.__dict__:
            self._dense.save()
        self._store.close()

    @cached_property
    def embedder(self) -> Embedder:
        """The model, loaded at the first call. Raises `ModelError`."""
        return self._load_embedder()

    def ask(self, question: str, *, limit: int = 3, window: Window | None = None) -> Answer:
        """Answer `question` with at most `limit` quotes from articles published in `window`.

        Raises `BadQuestion` for what is no question, `ForeignVectors` where the archive was
        embedded with another model.
        """
        return self.examine(question, limit=limit, window=window).answer

    def examine(self, question: str, *, limit: int = 3, window: Window | None = None) -> Examined:
        """Answer as `ask` does, and show what the answer was chosen from."""
        question = asked(question)
        found = self.retrieve(question, window)
        best = self._quotes(found, limit)
        nearest = () if best or window is None else self._quotes(self.retrieve(question), limit)
        answer = Answer(
            question=question, answered=bool(best), window=window, quotes=best, nearest=nearest
        )
        return Examined(answer, found)

    def retrieve(self, question: str, window: Window | None = None) -> Retrieved:
        """Return the passages nearest to `question`, best first, as of this moment."""
        self._catch_up()
        vector = self.embedder.embed_questions([question])[0]
        among = self._store.passage_ids_within(window) if window else None
        hits = self._dense.search(vector, DEPTH, among)
        candidates = self._store.candidates(
            self.embedder.fingerprint, (hit.passage_id for hit in hits)
        )
        return Retrieved(rank(vector, hits, candidates), candidates)

    def add(self, draft: Draft, *, revive: bool = False) -> Outcome:
        """Put an article into the archive, in the place of the one with its id if there is one.

        The same draft again changes nothing. A removed article stays removed unless `revive`.
        Raises `ForeignVectors`, `StoreError`; the archive is then as it was.
        """
        digest = hashlib.sha256(draft.model_dump_json().encode()).hexdigest()
        record = self._store.record(draft.id)
        if record and record.removed and not revive:
            return Outcome.LEFT_OUT
        if record and not record.removed and record.brought == digest:
            return Outcome.UNCHANGED
        told = story(draft.text, self._boilerplate)
        draft = _completed(draft, told)
        embedded = embed_story(draft, told.body, self.embedder)
        return Outcome(self._store.save(draft, _headline(draft, told), digest, embedded))

    def edit(self, article_id: str, **changes: Any) -> Article:
        """Change an article's title, text, source, url, published or language.

        Only a new text or title is embedded again. Raises `NotFound`, `BadInput`.
        """
        old = self.article(article_id)
        if "published" in changes:
            known = DateFound.EDITOR if changes["published"] else DateFound.UNKNOWN
            changes = {**changes, "date_found": known}
        fields = old.model_dump(include=set(Draft.model_fields))
        try:
            draft = Draft.model_validate({**fields, **changes})
        except ValidationError as error:
            raise BadInput(f"the article cannot be changed so: {reasons(error)}") from None
        told = story(draft.text, self._boilerplate)
        reworded = (draft.text, draft.title) != (old.text, old.title)
        self._store.edit(
            draft,
            _headline(draft, told),
            embed_story(draft, told.body, self.embedder) if reworded else None,
        )
        return self.article(article_id)

    def remove(self, article_id: str) -> None:
        """Take an article out of every answer. Raises `NotFound`."""
        self._store.remove(article_id)

    def restore(self, article_id: str) -> None:
        """Bring a removed article back. Raises `NotFound`."""
        self._store.restore(article_id)

    def article(self, article_id: str) -> Article:
        """Return an article of the archive. Raises `NotFound`."""
        record = self._store.record(article_id)
        if record is None or record.removed:
            raise NotFound(
                f"no article has the id {article_id}", "`briefing articles list` shows all ids"
            )
        return record.article

    def articles(
        self,
        window: Window | None = None,
        *,
        removed: bool = False,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Article]:
        """Return articles, the last published first."""
        return self._store.articles(window, removed=removed, limit=limit, offset=offset)

    def holdings(self) -> Holdings:
        """Say how much the archive holds, and from when to when."""
        return self._store.holdings()

    def reembed(self) -> Iterator[tuple[int, int]]:
        """Embed again what another model embedded, an article at a time; gives (done, of)."""
        waiting = self._store.embedded_otherwise(self.embedder.fingerprint)
        for done, article_id in enumerate(waiting):
            yield done, len(waiting)
            record = self._store.record(article_id)
            if record and not record.removed:
                told = story(record.article.text, self._boilerplate)
                embedded = embed_story(record.article, told.body, self.embedder)
                self._store.reembed(article_id, embedded)
        yield len(waiting), len(waiting)

    @cached_property
    def _dense(self) -> DenseIndex:
        embedder = self.embedder
        return DenseIndex(self._store, embedder.dimension, embedder.fingerprint, self._folder)

    def _quotes(self, found: Retrieved, limit: int) -> tuple[Quote, ...]:
        choices = choose(found.ranked, found.candidates, limit)
        keys = {key for choice in choices for key in (choice.found.article_key, *choice.also)}
        articles = self._store.articles_by_key(keys)
        return tuple(
            quote(choice, articles) for choice in choices if choice.found.article_key in articles
        )

    def _catch_up(self) -> None:
        """Apply what changed since the last question. Raises `ForeignVectors`."""
        newest = self._store.last_change()
        if newest == self._seen:
            return
        foreign = self._store.embedded_otherwise(self.embedder.fingerprint)
        if foreign:
            raise ForeignVectors(
                f"{len(foreign):,} articles of this archive were embedded with another model than "
                f"{self.embedder.name}",
                "`briefing reembed` embeds them again, or set embedding.model back to the old one",
            )
        self._dense.follow()
        self._seen = newest


def _headline(draft: Draft, told: Story) -> str:
    return draft.title or headline(draft.text, told.body, HEADLINE_LENGTH)


def _completed(draft: Draft, told: Story) -> Draft:
    """Fill what the draft leaves open from the line before the story, and tell its language."""
    filled: dict[str, Any] = {}
    if told.byline:
        if draft.source is None:
            filled["source"] = told.byline.source
        if draft.published is None:
            filled["published"] = told.byline.published
            filled["date_found"] = DateFound.BYLINE
    if draft.language is None:
        filled["language"] = language_of(told.body.of(draft.text))
    if draft.published is not None and draft.date_found is DateFound.UNKNOWN:
        filled["date_found"] = DateFound.GIVEN
    return draft.model_copy(update=filled)
