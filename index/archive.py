"""The front door of the archive: add articles, ask questions, get dated quotes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from index.answering import Examined, Understood, examine, understand
from index.article import (
    HEADLINE_LENGTH,
    Answer,
    Article,
    DateFound,
    Draft,
    Excerpt,
    Holdings,
    Window,
)
from index.clock import Clock, system_clock
from index.embedding import Context, embed_story
from index.errors import BadInput, Superseded, reasons
from index.model.embedder import Embedder
from index.search.retriever import Retriever, require_own_vectors
from index.store.rows import Embedded, Record
from index.store.store import Store, no_such_article
from index.text.excerpt import around
from index.text.headline import headline
from index.text.language import language_of
from index.text.names import NameRules, Names
from index.text.spans import Span
from index.text.story import BoilerplateRules, Story, story

_BROUGHT = ("id", "text", "title", "source", "url", "published", "language")
_TRIES = 5
NO_NAMES = NameRules()
"""A list of names with nothing in it."""
_Result = TypeVar("_Result")


class Outcome(StrEnum):
    """What adding an article did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    RESTORED = "restored"
    LEFT_OUT = "left out"
    """It had been removed, and stays so."""


class Archive:
    """One archive in one folder. Several processes may have the same one open."""

    def __init__(
        self,
        folder: Path,
        load_embedder: Callable[[], Embedder],
        load_second: Callable[[], Embedder] | None = None,
        *,
        zone: ZoneInfo,
        boilerplate: BoilerplateRules,
        names: NameRules = NO_NAMES,
        clock: Clock = system_clock,
    ) -> None:
        """Open the archive in `folder`, or make an empty one there.

        The model is loaded when it is first needed, and so is the second encoder where there is
        one. Raises `StoreError`.
        """
        self._folder = folder
        self._load_embedder = load_embedder
        self._load_second = load_second
        self._boilerplate = boilerplate
        self._names = names
        self._zone = zone
        self._clock = clock
        self._store = Store(folder, zone, clock)

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
        if "_retriever" in self.__dict__:
            self._retriever.save()
        self._store.close()

    @cached_property
    def embedder(self) -> Embedder:
        """The model, loaded at the first call. Raises `ModelError`."""
        return self._load_embedder()

    @cached_property
    def second(self) -> Embedder | None:
        """The second encoder, loaded at the first call, if there is one. Raises `ModelError`."""
        return self._load_second() if self._load_second else None

    def prepare(self) -> None:
        """Load the models and catch up with the database, so that the first question need not.

        Raises `ModelError`, `ForeignVectors`, `StoreError`.
        """
        with ThreadPoolExecutor(1) as beside:
            second = beside.submit(lambda: self.second)
            with self._retriever.moment():
                second.result()

    def ask(self, question: str, *, limit: int = 3, window: Window | None = None) -> Answer:
        """Answer `question` with at most `limit` quotes, or say that nothing here answers it.

        It searches what was published in `window`; where none is given, in the time that the
        question names, if any; an open `Window()` is everything. Raises `BadQuestion` for what is
        no question, `ForeignVectors` where the archive was embedded with another model.
        """
        return self.answer(self.understand(question), limit=limit, window=window)

    def understand(self, question: str) -> Understood:
        """Do the part of `ask` that takes the model, and nothing but the model.

        Raises `BadQuestion`.
        """
        return understand(question, self.embedder, self._zone, self._clock())

    def answer(
        self, understood: Understood, *, limit: int = 3, window: Window | None = None
    ) -> Answer:
        """Do the part of `ask` that takes the archive. Raises `ForeignVectors`."""
        return examine(self._retriever, understood, limit, window).answer

    def examine(self, question: str, *, limit: int = 3, window: Window | None = None) -> Examined:
        """Answer as `ask` does, and show what the answer was chosen from."""
        return examine(self._retriever, self.understand(question), limit, window)

    def add(self, draft: Draft, *, revive: bool = False) -> Outcome:
        """Put an article into the archive, in the place of the one with its id if there is one.

        The same draft again changes nothing. A removed article stays removed unless `revive`.
        Raises `ForeignVectors`, `StoreError`; the archive is then as it was.
        """
        return _from_the_newest(lambda: self._add(draft, revive=revive))

    def _add(self, draft: Draft, *, revive: bool) -> Outcome:
        brought = _digest(draft)
        read = self._store.record(draft.id)
        if read and read.removed and not revive:
            return Outcome.LEFT_OUT
        if read and not read.removed and read.brought == brought:
            return Outcome.UNCHANGED
        require_own_vectors(self._store, self.embedder)
        told = story(draft.text, self._boilerplate)
        draft = _completed(draft, told)
        embedded = self._embedded(draft, told)
        return Outcome(self._store.save(draft, _headline(draft, told), brought, embedded, read))

    def edit(self, article_id: str, **changes: Any) -> Article:
        """Change an article's title, text, source, url, published or language.

        Only a new text or title is embedded again. Raises `NotFound`, `BadInput`.
        """
        _from_the_newest(lambda: self._edit(article_id, changes))
        return self.article(article_id)

    def _edit(self, article_id: str, changes: dict[str, Any]) -> None:
        read = self._live(article_id)
        old = read.article
        if "published" in changes:
            known = DateFound.EDITOR if changes["published"] else DateFound.UNKNOWN
            changes = {**changes, "date_found": known}
        fields = old.model_dump(include=set(Draft.model_fields))
        try:
            draft = Draft.model_validate({**fields, **changes})
        except ValidationError as error:
            raise BadInput(f"the article cannot be changed so: {reasons(error)}") from None
        told = story(draft.text, self._boilerplate)
        embedded = None
        if (draft.text, draft.title) != (old.text, old.title):
            require_own_vectors(self._store, self.embedder)
            embedded = self._embedded(draft, told)
        self._store.edit(draft, _headline(draft, told), embedded, read)

    def remove(self, article_id: str) -> None:
        """Take an article out of every answer. Raises `NotFound`."""
        self._store.remove(article_id)

    def restore(self, article_id: str) -> None:
        """Bring a removed article back. Raises `NotFound`."""
        self._store.restore(article_id)

    def article(self, article_id: str) -> Article:
        """Return an article of the archive. Raises `NotFound`."""
        return self._live(article_id).article

    def around(self, article_id: str, start: int, end: int) -> Excerpt:
        """Return the lines around `article.text[start:end]`. Raises `NotFound`, `BadInput`."""
        article = self.article(article_id)
        body = story(article.text, self._boilerplate).body
        quoted = Span(start, end)
        if not body.start <= start < end <= body.end:
            raise BadInput(f"the story of article {article_id} has no such part")
        shown = around(article.text, body, quoted)
        return Excerpt(
            article=article,
            start=shown.start,
            end=shown.end,
            quoted=quoted,
            before=shown.start > body.start,
            after=shown.end < body.end,
        )

    def _live(self, article_id: str) -> Record:
        record = self._store.record(article_id)
        if record is None or record.removed:
            raise no_such_article(article_id, removed=False)
        return record

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
        """Embed again what another model embedded, an article at a time; gives (done, of).

        Articles that the second encoder has not seen are shown to it.
        """
        waiting = self._store.embedded_otherwise(self.embedder.fingerprint)
        if self.second:
            unseen = self._store.without_second(self.second.fingerprint)
            waiting = [*dict.fromkeys([*waiting, *unseen])]
        for done, article_id in enumerate(waiting):
            yield done, len(waiting)
            _from_the_newest(partial(self._reembed, article_id))
        yield len(waiting), len(waiting)

    def _reembed(self, article_id: str) -> None:
        read = self._store.record(article_id)
        if read is None:
            return
        told = story(read.article.text, self._boilerplate)
        if read.embedded_by != self.embedder.fingerprint:
            self._store.reembed(self._embedded(read.article, told), read)
        elif self.second:
            parts = self._store.spans(read.key)
            first = next(iter(parts.values()))[0]
            context = Context.of_story(read.article, told.body, first)
            texts = context.before(read.article.text, parts.values())
            made = dict(zip(parts, self.second.embed_passages(texts), strict=True))
            self._store.add_second(self.second.fingerprint, made, read)

    def _embedded(self, draft: Draft, told: Story) -> Embedded:
        return embed_story(draft, told.body, self.embedder, self.second)

    @cached_property
    def _retriever(self) -> Retriever:
        return Retriever(
            self._store, self.embedder, Names(self._names), self._folder, lambda: self.second
        )


def _from_the_newest(act: Callable[[], _Result]) -> _Result:
    """Do what reads an article, works on it and writes it; again where it changed meanwhile."""
    for _ in range(_TRIES - 1):
        with suppress(Superseded):
            return act()
    return act()


def _digest(draft: Draft) -> str:
    """Return a digest of what a draft brings, so that the same is known when it comes again."""
    named = {*_BROUGHT, "author"} if draft.author else set(_BROUGHT)
    return hashlib.sha256(draft.model_dump_json(include=named).encode()).hexdigest()


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
    return Draft.model_validate({**draft.model_dump(), **filled})
