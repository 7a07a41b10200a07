"""The front door of the archive: add articles, ask questions, get dated quotes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from index.answering import AnswerTrace, EncodedQuestion, answer_with_trace, encode_question
from index.clock import Clock, system_clock
from index.dedup.near_duplicates import Duplicate, copies_among, signature, wording
from index.draft_preparation import PreparedDraft, digest, headline_of, proof
from index.embeddings.embedder import Embedder
from index.entity_counts import ArticleText, EntityCounts, most_mentioned
from index.errors import InvalidInputError, reasons
from index.excerpts import excerpt
from index.models import (
    Answer,
    ArchiveStats,
    Article,
    ChangeRange,
    DateProvenance,
    DateWindow,
    Draft,
    Excerpt,
    Quote,
)
from index.optimistic_retry import retry_on_conflict
from index.passage_embedding import embed_story
from index.reembed import reembed
from index.search.retriever import Retriever, require_own_vectors
from index.standing_queries import matching
from index.storage.article_queries import ArticleFilter
from index.storage.article_store import ArticleStore, no_such_article
from index.storage.records import ArticleArrival, ArticleRecord, AuditEntry, EmbeddedArticle
from index.storage.row_mapping import utc
from index.stories.models import Story
from index.text.boilerplate import BoilerplateRules, find_story_body
from index.text.gazetteer import Gazetteer, GazetteerConfig
from index.text.spans import Span
from index.undo import inverse_changes, newest_entry

if TYPE_CHECKING:
    from index.stories.builder import ClusteringContext

SOMEBODY = "archive"
"""Who the log names where nobody says who they are."""
NO_NAMES = GazetteerConfig()
"""A list of names with nothing in it."""


class AddOutcome(StrEnum):
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
        names: GazetteerConfig = NO_NAMES,
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
        self._store = ArticleStore(folder, zone, clock)

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
            with self._retriever.snapshot():
                second.result()

    def ask(self, question: str, *, limit: int = 3, window: DateWindow | None = None) -> Answer:
        """Answer `question` with at most `limit` quotes, or say that nothing here answers it.

        It searches what was published in `window`; where none is given, in the time that the
        question names, if any; an open `DateWindow()` is everything. Raises `BadQuestion` for what is
        no question, `ForeignVectors` where the archive was embedded with another model.
        """
        return self.answer(self.understand(question), limit=limit, window=window)

    def understand(self, question: str) -> EncodedQuestion:
        """Do the part of `ask` that takes the model, and nothing but the model.

        Raises `BadQuestion`.
        """
        return encode_question(question, self.embedder, self._zone, self._clock())

    def answer(
        self, understood: EncodedQuestion, *, limit: int = 3, window: DateWindow | None = None
    ) -> Answer:
        """Do the part of `ask` that takes the archive. Raises `ForeignVectors`."""
        return answer_with_trace(self._retriever, understood, limit, window).answer

    def examine(
        self, question: str, *, limit: int = 3, window: DateWindow | None = None
    ) -> AnswerTrace:
        """Answer as `ask` does, and show what the answer was chosen from."""
        return answer_with_trace(self._retriever, self.understand(question), limit, window)

    def add(
        self,
        draft: Draft,
        *,
        revive: bool = False,
        afresh: bool = False,
        quiet: bool = False,
        by: str = SOMEBODY,
    ) -> AddOutcome:
        """Put an article into the archive, in the place of the one with its id if there is one.

        The same draft again changes nothing, though the article may have been corrected since;
        with `afresh` it takes the corrections' place. A removed one stays removed unless `revive`.
        `quiet` says that it is no news; `by` is who does it, for the log. Raises `ForeignVectors`,
        `StoreError`; the archive is then as it was.
        """
        return retry_on_conflict(
            lambda: self._add(draft, revive=revive, afresh=afresh, quiet=quiet, by=by)
        )

    def _add(self, draft: Draft, *, revive: bool, afresh: bool, quiet: bool, by: str) -> AddOutcome:
        brought = digest(draft)
        read = self._store.record(draft.id)
        if read and read.removed and not revive:
            return AddOutcome.LEFT_OUT
        same = read if read and not read.removed and read.brought == brought else None
        if same and not afresh:
            return AddOutcome.UNCHANGED
        held = self.prepare_draft(draft)
        if same and _fields(same.article) == _fields(held.draft):
            return AddOutcome.UNCHANGED
        require_own_vectors(self._store, self.embedder)
        embedded = self._embedded(held.draft, held.body)
        saved = self._store.save(
            held.draft, held.headline, brought, embedded, read, by, quiet=quiet
        )
        return AddOutcome(saved)

    def prepare_draft(self, draft: Draft) -> PreparedDraft:
        """Say what the archive would make of a draft, and keep nothing."""
        return proof(draft, self._boilerplate)

    def edit(self, article_id: str, *, by: str = SOMEBODY, **changes: Any) -> Article:
        """Change an article's title, text, source, url, author, published or language.

        Only a new text or title is embedded again. Raises `NotFound`, `InvalidInputError`.
        """
        retry_on_conflict(lambda: self._edit(self._live(article_id), changes, by))
        return self.article(article_id)

    def _edit(self, read: ArticleRecord, changes: dict[str, Any], by: str) -> None:
        old = read.article
        if "published" in changes and "date_found" not in changes:
            known = DateProvenance.EDITOR if changes["published"] else DateProvenance.UNKNOWN
            changes = {**changes, "date_found": known}
        fields = _fields(old)
        try:
            draft = Draft.model_validate({**fields, **changes})
        except ValidationError as error:
            raise InvalidInputError(f"the article cannot be changed so: {reasons(error)}") from None
        if draft.model_dump() == fields:
            return
        body = find_story_body(draft.text, self._boilerplate).body
        embedded = None
        if (draft.text, draft.title) != (old.text, old.title):
            require_own_vectors(self._store, self.embedder)
            embedded = self._embedded(draft, body)
        self._store.edit(draft, headline_of(draft, body), embedded, read, by)

    def copies(self, draft: Draft) -> list[Duplicate]:
        """Return the articles that `draft` is a copy of, the surest first; not the one of its id.

        First those with the same address, then with the same text, then with the same text lightly
        edited. An archive of any size is searched at less than it costs to embed the draft.
        """
        words = wording(
            draft.title, find_story_body(draft.text, self._boilerplate).body.of(draft.text)
        )
        return copies_among(words, self._store.alike(draft, signature(words.body)))

    def remove(self, article_id: str, *, by: str = SOMEBODY) -> None:
        """Take an article out of every answer. Raises `NotFound`."""
        self._store.remove(article_id, by)

    def restore(self, article_id: str, *, by: str = SOMEBODY) -> None:
        """Bring a removed article back. Raises `NotFound`."""
        self._store.restore(article_id, by)

    def log(
        self, *, about: str | None = None, below: int | None = None, limit: int
    ) -> list[AuditEntry]:
        """Return who changed what, the newest first: of one article or person, below a number."""
        return self._store.log(about=about, below=below, limit=limit)

    def undo(self, number: int, *, by: str = SOMEBODY) -> None:
        """Undo what that entry of the log tells of an article.

        Raises `NotFound` where there is no such entry, `InvalidInputError` where it is of no article, or
        the article has been changed since.
        """
        retry_on_conflict(lambda: self._undo(number, by))

    def _undo(self, number: int, by: str) -> None:
        told, read = newest_entry(self._store, number)
        changes = inverse_changes(told, read.article)
        if changes:
            self._edit(read, changes, by)
        if told.what in ("added", "restored"):
            self._store.remove(read.article.id, by, None if changes else read)
        elif told.what == "removed":
            self._store.restore(read.article.id, by, read)

    def article(self, article_id: str) -> Article:
        """Return an article of the archive. Raises `NotFound`."""
        return self._live(article_id).article

    def find(self, article_id: str) -> Article | None:
        """Return an article of the archive; None where there is none with this id."""
        read = self._store.record(article_id)
        return None if read is None or read.removed else read.article

    def is_unchanged(self, draft: Draft) -> bool:
        """Say whether this very draft was the last that was brought under its id."""
        read = self._store.record(draft.id)
        return bool(read and not read.removed and read.brought == digest(draft))

    def around(self, article_id: str, start: int, end: int) -> Excerpt:
        """Return the lines around `article.text[start:end]`. Raises `NotFound`, `InvalidInputError`."""
        article = self.article(article_id)
        return excerpt(
            article, find_story_body(article.text, self._boilerplate).body, Span(start, end)
        )

    def _live(self, article_id: str) -> ArticleRecord:
        record = self._store.record(article_id)
        if record is None or record.removed:
            raise no_such_article(article_id, removed=False)
        return record

    def articles(
        self,
        window: DateWindow | None = None,
        *,
        removed: bool = False,
        removed_since: datetime | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Article]:
        """Return articles, the last published first."""
        since = utc(removed_since) if removed_since else None
        return self._store.articles(ArticleFilter(window, removed, since, None, limit, offset))

    def arrivals(self, *, after: int = 0, limit: int) -> list[ArticleArrival]:
        """Return what came after a change, each article once: what alerts and digests follow."""
        return self._store.arrivals(after, limit)

    def stories(self, window: DateWindow | None, *, language: str | None = None) -> list[Story]:
        """Return the stories published in a window; in `language`, among equals, what stands there.

        The one to be told first is first, and no article is in two. Raises `ForeignVectors`.
        """
        from index.stories.builder import stories

        return stories(self._sources(), window or DateWindow(), language)

    def stories_in_change_range(
        self, came: ChangeRange, *, language: str | None = None
    ) -> list[Story]:
        """Return the stories of what came between two changes, as `stories` does of a window.

        What came quietly is no news. Raises `ForeignVectors`.
        """
        from index.stories.builder import news

        return news(self._sources(), came, language)

    def _sources(self) -> ClusteringContext:
        from index.stories.builder import ClusteringContext

        require_own_vectors(self._store, self.embedder)
        return ClusteringContext.of(self._store, self.embedder, Gazetteer(self._names), self._zone)

    def last_change(self) -> int:
        """Return the number of the newest change; 0 before the first."""
        return self._store.last_change()

    def changed_since(self, seq: int) -> set[int]:
        """Return the numbers of the articles that came, changed or went after a change."""
        return {each.article_key for each in self._store.changes_after(seq)}

    def change_before(self, moment: datetime) -> int:
        """Return the number of the last change before a moment; 0 where there is none."""
        return self._store.change_before(moment)

    def match_standing_queries(
        self, watched: Sequence[EncodedQuestion], article_ids: Collection[str]
    ) -> list[dict[str, Quote]]:
        """Return, for each watched thing, which of the articles are about it, and what says so.

        Raises `ForeignVectors`.
        """
        return matching(self._retriever, watched, article_ids)

    def mentions(self, window: DateWindow, limit: int) -> EntityCounts:
        """Return the names that most articles of a window mention, at most `limit` of each kind."""
        told = (
            ArticleText(
                each.headline, find_story_body(each.text, self._boilerplate).body.of(each.text)
            )
            for each in self.articles(window)
        )
        return most_mentioned(told, self._names, limit)

    def search(self, understood: EncodedQuestion, *, limit: int) -> list[Article]:
        """Return articles to choose from: first those that are named so, then what comes nearest.

        Unlike an answer it asks for no evidence. Raises `ForeignVectors`.
        """
        named = self._store.articles(ArticleFilter(named=understood.question, limit=limit))
        answer = self.answer(understood, limit=limit, window=DateWindow())
        near = [each.article for each in (*answer.quotes, *answer.nearest)]
        return list({each.id: each for each in [*named, *near]}.values())[:limit]

    def article_by_number(self, number: int) -> tuple[Article, bool]:
        """Return an article by its number, and whether it is removed. Raises `NotFound`."""
        found = self._store.numbered(number)
        if found is None:
            raise no_such_article(str(number), removed=False)
        return found

    def holdings(self) -> ArchiveStats:
        """Say how much the archive holds, and from when to when."""
        return self._store.holdings()

    def reembed(self, *, every: bool = False) -> Iterator[tuple[int, int]]:
        """Embed again what another model embedded, or `every` article; gives (done, of) for each.

        Articles that the second encoder has not seen are shown to it.
        """
        return reembed(self._store, self.embedder, self.second, self._boilerplate, every=every)

    def _embedded(self, draft: Draft, body: Span) -> EmbeddedArticle:
        return embed_story(draft, body, self.embedder, self.second)

    @cached_property
    def _retriever(self) -> Retriever:
        return Retriever(
            self._store, self.embedder, Gazetteer(self._names), self._folder, lambda: self.second
        )


def _fields(of: Draft) -> dict[str, Any]:
    """Return what a draft says of an article, and an article of itself."""
    return of.model_dump(include=set(Draft.model_fields))
