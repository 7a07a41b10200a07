"""The front door of the archive: add articles, ask questions, get dated quotes."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

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
from index.embedding import embed_story
from index.errors import BadInput, Superseded, reasons
from index.model.embedder import Embedder
from index.questions import asked, asks_only_for_news
from index.search.choose import newest_first, quotes
from index.search.evidence import evidence, features
from index.search.rank import Ranked
from index.search.retriever import Retrieved, Retriever, Sense, require_own_vectors
from index.store.moment import Moment
from index.store.rows import Record
from index.store.store import Store, no_such_article
from index.text.excerpt import around
from index.text.headline import headline
from index.text.language import language_of
from index.text.names import NameRules, Names
from index.text.spans import Span
from index.text.story import BoilerplateRules, Story, story
from index.text.windows import Timed, timed

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


class Understood(NamedTuple):
    """A question, cleaned; the time that it names; and its sense."""

    question: str
    timed: Timed
    sense: Sense


class Examined(NamedTuple):
    """An answer, and everything that it was chosen from."""

    answer: Answer
    retrieved: Retrieved
    evidence: float
    """The log-odds that the best passage answers; minus infinity where there is none."""


class Archive:
    """One archive in one folder. Several processes may have the same one open."""

    def __init__(
        self,
        folder: Path,
        load_embedder: Callable[[], Embedder],
        *,
        zone: ZoneInfo,
        boilerplate: BoilerplateRules,
        names: NameRules = NO_NAMES,
        clock: Clock = system_clock,
    ) -> None:
        """Open the archive in `folder`, or make an empty one there.

        The model is loaded when it is first needed. Raises `StoreError`.
        """
        self._folder = folder
        self._load_embedder = load_embedder
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

    def prepare(self) -> None:
        """Load the model and catch up with the database, so that the first question need not.

        Raises `ModelError`, `ForeignVectors`, `StoreError`.
        """
        with self._retriever.moment():
            pass

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
        question = asked(question)
        time = timed(question, self._clock().astimezone(self._zone).date())
        words = question if asks_only_for_news(time.rest) else time.rest
        vector = self.embedder.embed_questions([words])[0]
        return Understood(question, time, Sense(words, vector, language_of(question)))

    def answer(
        self, understood: Understood, *, limit: int = 3, window: Window | None = None
    ) -> Answer:
        """Do the part of `ask` that takes the archive. Raises `ForeignVectors`."""
        return self._examine(understood, limit, window).answer

    def examine(self, question: str, *, limit: int = 3, window: Window | None = None) -> Examined:
        """Answer as `ask` does, and show what the answer was chosen from."""
        return self._examine(self.understand(question), limit, window)

    def _examine(self, understood: Understood, limit: int, window: Window | None) -> Examined:
        with self._retriever.moment() as moment:
            time = understood.timed
            window = self._window(window, time, moment)
            if asks_only_for_news(time.rest) and (time.period or time.latest):
                found = self._retriever.newest(moment, window, limit)
                decision = math.inf if found.ranked else -math.inf
            else:
                found = self._retriever.retrieve(moment, understood.sense, window, limit)
                decision = self._evidence(found)
            answered, searched = decision > 0, found.searched
            if not found.searched:
                found = self._retriever.retrieve(moment, understood.sense, None, limit)
            shown = quotes(moment, _order(found, time), found.candidates, limit)
        answer = Answer(
            question=understood.question,
            answered=answered,
            window=window,
            quotes=shown if answered else (),
            nearest=() if answered else shown,
            searched=searched,
        )
        return Examined(answer, found, decision)

    def _window(self, given: Window | None, time: Timed, moment: Moment) -> Window | None:
        """Return the window that is given or, where none is, the one that the question names.

        An open one is none; a named one is none where no article here has a date.
        """
        if given is not None:
            return given if given.since or given.until else None
        if time.period is None or not moment.has_dates():
            return None
        return Window(since=time.period.since, until=time.period.until)

    def _evidence(self, found: Retrieved) -> float:
        rule = self._retriever.calibration.evidence
        if not found.ranked:
            return -math.inf
        if rule is None:
            return math.inf
        own_language = found.ranked[0].own_language
        return evidence(features(found.ranked, found.searched), rule, own_language=own_language)

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
        embedded = embed_story(draft, told.body, self.embedder)
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
            embedded = embed_story(draft, told.body, self.embedder)
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
        """Embed again what another model embedded, an article at a time; gives (done, of)."""
        waiting = self._store.embedded_otherwise(self.embedder.fingerprint)
        for done, article_id in enumerate(waiting):
            yield done, len(waiting)
            _from_the_newest(partial(self._reembed, article_id))
        yield len(waiting), len(waiting)

    def _reembed(self, article_id: str) -> None:
        read = self._store.record(article_id)
        if read:
            told = story(read.article.text, self._boilerplate)
            self._store.reembed(embed_story(read.article, told.body, self.embedder), read)

    @cached_property
    def _retriever(self) -> Retriever:
        return Retriever(self._store, self.embedder, Names(self._names), self._folder)


def _order(found: Retrieved, time: Timed) -> Sequence[Ranked]:
    return newest_first(found.ranked, found.candidates) if time.latest else found.ranked


def _from_the_newest(act: Callable[[], _Result]) -> _Result:
    """Do what reads an article, works on it and writes it; again where it changed meanwhile."""
    for _ in range(_TRIES - 1):
        with suppress(Superseded):
            return act()
    return act()


def _digest(draft: Draft) -> str:
    """Return a digest of what a draft brings, so that the same is known when it comes again."""
    return hashlib.sha256(draft.model_dump_json(include=set(_BROUGHT)).encode()).hexdigest()


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
