"""The public interface of the archive: add articles, ask questions, get dated quotes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from index.answering import (
    AnswerTrace,
    EncodedQuestion,
    answer_with_trace,
    encode_question,
    find_newest_on_subject,
)
from index.clock import Clock, system_clock
from index.dedup.near_duplicates import (
    Duplicate,
    find_duplicates,
    minhash_signature,
    tokenize_story,
)
from index.draft_preparation import PreparedDraft, choose_headline, digest_draft, prepare_draft
from index.embeddings.embedder import Embedder
from index.entity_counts import ArticleText, EntityCounts, count_entities
from index.errors import InvalidInputError, format_validation_error
from index.excerpts import build_excerpt
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
from index.research.archive_overview import ArchiveOverview, build_archive_overview
from index.research.name_profile import NameProfile, find_name_profile
from index.research.topic_timeline import TopicTimeline, find_topic_timeline
from index.search.retriever import Retriever, require_matching_model
from index.search.source_filter import match_sources
from index.standing_queries import is_same_query, match_standing_queries
from index.storage.article_queries import ArticleFilter
from index.storage.article_store import ArticleStore, no_such_article
from index.storage.records import ArticleArrival, ArticleRecord, AuditEntry, EmbeddedArticle
from index.storage.row_mapping import format_utc
from index.stories.models import Story
from index.text.boilerplate import BoilerplateRules, StoryBody, find_story_body
from index.text.gazetteer import Gazetteer, GazetteerConfig, GazetteerEntry
from index.text.spans import Span
from index.undo import find_newest_entry, inverse_changes

if TYPE_CHECKING:
    from index.stories.builder import ClusteringContext

DEFAULT_ACTOR = "archive"
"""The actor recorded in the audit log if the caller names none."""
_MAX_SOURCES_IN_ERROR = 20
_NEWEST_ARTICLES = 100
"""The number of articles that count as the newest."""
EMPTY_GAZETTEER = GazetteerConfig()
"""A gazetteer without names."""


class AddOutcome(StrEnum):
    """The effect of adding an article."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    RESTORED = "restored"
    STILL_REMOVED = "left out"
    """It had been removed earlier and stays removed."""


class Archive:
    """One archive in one folder. Several processes may open the same archive."""

    def __init__(
        self,
        folder: Path,
        load_embedder: Callable[[], Embedder],
        load_cross_lingual: Callable[[], Embedder] | None = None,
        *,
        zone: ZoneInfo,
        boilerplate: BoilerplateRules,
        gazetteer_config: GazetteerConfig = EMPTY_GAZETTEER,
        clock: Clock = system_clock,
    ) -> None:
        """Open the archive in `folder`, or create an empty one there.

        The model and the second encoder, if any, are loaded when they are first needed. Raises
        `StoreError`.
        """
        self._folder = folder
        self._load_embedder = load_embedder
        self._load_cross_lingual = load_cross_lingual
        self._boilerplate = boilerplate
        self._gazetteer_config = gazetteer_config
        self._zone = zone
        self._clock = clock
        self._store = ArticleStore(folder, zone, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Save the search caches and close the database."""
        if "_retriever" in self.__dict__:
            self._retriever.save()
        self._store.close()

    @cached_property
    def embedder(self) -> Embedder:
        """The embedding model, loaded on first access. Raises `ModelError`."""
        return self._load_embedder()

    @cached_property
    def cross_lingual_embedder(self) -> Embedder | None:
        """The second encoder or None, loaded on first access. Raises `ModelError`."""
        return self._load_cross_lingual() if self._load_cross_lingual else None

    def warm_up(self) -> None:
        """Load the models and sync the indexes with the database, before the first question.

        The dictionaries of spelling are left out: `load_dictionaries` loads them.
        Raises `ModelError`, `EmbeddingModelMismatch`, `StoreError`.
        """
        with ThreadPoolExecutor(1) as executor:
            cross_lingual = executor.submit(lambda: self.cross_lingual_embedder)
            with self._retriever.snapshot():
                cross_lingual.result()

    def ask(
        self,
        question: str,
        *,
        limit: int = 3,
        window: DateWindow | None = None,
        sources: tuple[str, ...] | None = None,
        after: Sequence[str] = (),
    ) -> Answer:
        """Answer `question` with at most `limit` quotes, or report that nothing answers it.

        Searches the articles published in `window` or, if it is None, in the time that the
        question names, if any; an open `DateWindow()` searches everything. It is the same with
        `sources`: () are all. `after` are earlier questions that it may lean on, the last one last.
        Raises `InvalidQuestion`, and `EmbeddingModelMismatch` if the archive was embedded with
        another model.
        """
        encoded = self._encode_after(question, after)
        return self.answer(encoded, limit=limit, window=window, sources=sources)

    def encode_question(
        self,
        question: str,
        *,
        literal: bool = False,
        after: Sequence[str] = (),
        related_articles: tuple[str, ...] = (),
    ) -> EncodedQuestion:
        """Run the part of `ask` that comes before the search: interpret and embed the question.

        `after` are earlier questions that it may lean on, and `related_articles` the ids of the
        articles that answered them. With `literal`, its spelling stays as it is, and it names no
        source. Raises `InvalidQuestion`, and `EmbeddingModelMismatch` unless `literal`.
        """
        context = None if literal else self._retriever
        return encode_question(
            question, self.embedder, self._zone, self._clock(), context, after, related_articles
        )

    def _encode_after(self, question: str, after: Sequence[str]) -> EncodedQuestion:
        """Encode a question that may lean on earlier ones and on the article that answered them."""
        encoded = self.encode_question(question, after=after)
        if encoded.after is None:
            return encoded
        related = self._answering_articles(after[-1])
        return self.encode_question(question, after=after, related_articles=related)

    def _answering_articles(self, question: str) -> tuple[str, ...]:
        """Return the id of the article that answers a question best, if any does."""
        answer = self.answer(self.encode_question(question), limit=1)
        return tuple(quote.article.id for quote in answer.quotes + answer.nearest)[:1]

    def answer(
        self,
        encoded: EncodedQuestion,
        *,
        limit: int = 3,
        window: DateWindow | None = None,
        sources: tuple[str, ...] | None = None,
        newest: bool = False,
    ) -> Answer:
        """Run the part of `ask` that searches the archive. Raises `EmbeddingModelMismatch`.

        `newest` asks for the newest articles about the question.
        """
        return answer_with_trace(
            self._retriever, encoded, limit, window, sources, newest=newest
        ).answer

    def find_newest_on_subject(
        self, encoded: EncodedQuestion, *, limit: int, sources: tuple[str, ...] | None = None
    ) -> Answer:
        """Return the newest articles on the subject of a question, answering it or not.

        They are the `nearest` of the answer, at most `limit`; none if the archive has nothing on
        the subject. Raises `EmbeddingModelMismatch`.
        """
        return find_newest_on_subject(self._retriever, encoded, limit, sources)

    def ask_with_trace(
        self,
        question: str,
        *,
        limit: int = 3,
        window: DateWindow | None = None,
        sources: tuple[str, ...] | None = None,
        after: Sequence[str] = (),
    ) -> AnswerTrace:
        """Answer as `ask` does, and return the retrieval behind the answer."""
        encoded = self._encode_after(question, after)
        return answer_with_trace(self._retriever, encoded, limit, window, sources)

    def find_sources(self, name: str) -> tuple[str, ...]:
        """Return the archive's sources that a name stands for, in any language and spelling.

        Raises `InvalidInputError` if there is none.
        """
        with self._retriever.snapshot() as snapshot:
            stored = self._retriever.list_sources(snapshot)
        found = match_sources(name, stored)
        if not found:
            raise InvalidInputError(
                f"no article is of the source {name!r}",
                f"The archive has: {', '.join(sorted(stored)[:_MAX_SOURCES_IN_ERROR])}"
                if stored
                else "No article of the archive names its source",
            )
        return found

    def add(
        self,
        draft: Draft,
        *,
        restore_removed: bool = False,
        overwrite_edits: bool = False,
        suppress_alerts: bool = False,
        actor: str = DEFAULT_ACTOR,
    ) -> AddOutcome:
        """Add an article, or replace the one with the same id.

        Adding the same draft again changes nothing, even if the article was edited since; with
        `overwrite_edits` the draft replaces the edits. A removed article stays removed unless
        `restore_removed`. `suppress_alerts` marks the article as no news, so that it triggers no
        alerts. `actor` is recorded in the audit log. Raises `EmbeddingModelMismatch` and
        `StoreError`; the archive is then unchanged.
        """
        return retry_on_conflict(
            lambda: self._add(
                draft,
                restore_removed=restore_removed,
                overwrite_edits=overwrite_edits,
                suppress_alerts=suppress_alerts,
                actor=actor,
            )
        )

    def _add(
        self,
        draft: Draft,
        *,
        restore_removed: bool,
        overwrite_edits: bool,
        suppress_alerts: bool,
        actor: str,
    ) -> AddOutcome:
        draft_digest = digest_draft(draft)
        record = self._store.find_record(draft.id)
        if record and record.removed and not restore_removed:
            return AddOutcome.STILL_REMOVED
        same_record = (
            record
            if record and not record.removed and record.draft_digest == draft_digest
            else None
        )
        if same_record and not overwrite_edits:
            return AddOutcome.UNCHANGED
        prepared = self.prepare_draft(draft)
        if same_record and _draft_fields(same_record.article) == _draft_fields(prepared.draft):
            return AddOutcome.UNCHANGED
        require_matching_model(self._store, self.embedder)
        embedded = self._embed(prepared.draft, prepared.story)
        outcome = self._store.save(
            prepared.draft,
            prepared.headline,
            draft_digest,
            embedded,
            record,
            actor,
            suppress_alerts=suppress_alerts,
        )
        return AddOutcome(outcome)

    def prepare_draft(self, draft: Draft) -> PreparedDraft:
        """Return the draft as `add` would store it, without storing it."""
        return prepare_draft(draft, self._boilerplate)

    def edit(self, article_id: str, *, actor: str = DEFAULT_ACTOR, **changes: Any) -> Article:
        """Change an article's title, text, source, url, author, published or language.

        The article is embedded again only if its text or title changes. Raises `NotFoundError`,
        `InvalidInputError`.
        """
        retry_on_conflict(lambda: self._edit(self._live_record(article_id), changes, actor))
        return self.article(article_id)

    def _edit(self, record: ArticleRecord, changes: dict[str, Any], actor: str) -> None:
        article = record.article
        if "published" in changes and "date_found" not in changes:
            provenance = DateProvenance.EDITOR if changes["published"] else DateProvenance.UNKNOWN
            changes = {**changes, "date_found": provenance}
        fields = _draft_fields(article)
        try:
            draft = Draft.model_validate({**fields, **changes})
        except ValidationError as error:
            raise InvalidInputError(
                f"the article cannot be changed this way: {format_validation_error(error)}"
            ) from None
        if draft.model_dump() == fields:
            return
        story = find_story_body(draft.text, self._boilerplate)
        embedded = None
        if (draft.text, draft.title) != (article.text, article.title):
            require_matching_model(self._store, self.embedder)
            embedded = self._embed(draft, story)
        self._store.edit(draft, choose_headline(draft, story.body), embedded, record, actor)

    def find_duplicates(self, draft: Draft) -> list[Duplicate]:
        """Return the articles of which `draft` is a copy, except the one with its id.

        The same text under another title, address and day is no copy. Order: same URL, then same
        text, then lightly edited text. In an archive of any size the search costs less than
        embedding the draft.
        """
        tokens = tokenize_story(
            draft.title, find_story_body(draft.text, self._boilerplate).body.slice(draft.text)
        )
        return find_duplicates(
            draft,
            tokens,
            self._store.find_duplicate_candidates(draft, minhash_signature(tokens.body)),
        )

    def remove(self, article_id: str, *, actor: str = DEFAULT_ACTOR) -> None:
        """Remove an article from all answers; it can be restored. Raises `NotFoundError`."""
        self._store.remove(article_id, actor)

    def restore(self, article_id: str, *, actor: str = DEFAULT_ACTOR) -> None:
        """Restore a removed article. Raises `NotFoundError`."""
        self._store.restore(article_id, actor)

    def read_log(
        self, *, subject: str | None = None, before_number: int | None = None, limit: int
    ) -> list[AuditEntry]:
        """Return audit log entries, newest first.

        `subject` restricts them to one article or person, `before_number` to earlier entries.
        """
        return self._store.audit_entries(
            subject_id=subject, before_number=before_number, limit=limit
        )

    def undo(self, number: int, *, actor: str = DEFAULT_ACTOR) -> None:
        """Undo the change to an article that an audit log entry records.

        Raises `NotFoundError` if there is no such entry, `InvalidInputError` if it is not about an
        article or the article was changed since.
        """
        retry_on_conflict(lambda: self._undo(number, actor))

    def _undo(self, number: int, actor: str) -> None:
        entry, record = find_newest_entry(self._store, number)
        changes = inverse_changes(entry, record.article)
        if changes:
            self._edit(record, changes, actor)
        if entry.action in ("added", "restored"):
            self._store.remove(record.article.id, actor, None if changes else record)
        elif entry.action == "removed":
            self._store.restore(record.article.id, actor, record)

    def article(self, article_id: str) -> Article:
        """Return a live article. Raises `NotFoundError`."""
        return self._live_record(article_id).article

    def find(self, article_id: str) -> Article | None:
        """Return a live article, or None if there is none with this id."""
        record = self._store.find_record(article_id)
        return None if record is None or record.removed else record.article

    def is_unchanged(self, draft: Draft) -> bool:
        """Return whether the live article with this id was last added from the same draft."""
        record = self._store.find_record(draft.id)
        return bool(record and not record.removed and record.draft_digest == digest_draft(draft))

    def excerpt_around(self, article_id: str, start: int, end: int) -> Excerpt:
        """Return the sentences around `article.text[start:end]`.

        Raises `NotFoundError`, `InvalidInputError`.
        """
        article = self.article(article_id)
        return build_excerpt(
            article, find_story_body(article.text, self._boilerplate).body, Span(start, end)
        )

    def _live_record(self, article_id: str) -> ArticleRecord:
        record = self._store.find_record(article_id)
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
        """Return articles, most recently published first.

        With `removed`, returns removed articles instead, optionally only those removed since
        `removed_since`.
        """
        since = format_utc(removed_since) if removed_since else None
        return self._store.list_articles(ArticleFilter(window, removed, since, None, limit, offset))

    def arrivals(self, *, after: int = 0, limit: int) -> list[ArticleArrival]:
        """Return the articles added after change `after`, each once, for alerts and digests."""
        return self._store.list_arrivals(after, limit)

    def stories(self, window: DateWindow | None, *, language: str | None = None) -> list[Story]:
        """Return the stories published in a window, most important first.

        No article is in two stories. Among equals, text in `language` is preferred. Raises
        `EmbeddingModelMismatch`.
        """
        from index.stories.builder import build_stories

        return build_stories(self._clustering_context(), window or DateWindow(), language)

    def stories_in_change_range(
        self, change_range: ChangeRange, *, language: str | None = None
    ) -> list[Story]:
        """Return the stories of the articles added between two changes, like `stories`.

        Articles added with `suppress_alerts` are left out. Raises `EmbeddingModelMismatch`.
        """
        from index.stories.builder import build_stories_for_changes

        return build_stories_for_changes(self._clustering_context(), change_range, language)

    def _clustering_context(self) -> ClusteringContext:
        from index.stories.builder import ClusteringContext

        require_matching_model(self._store, self.embedder)
        return ClusteringContext.for_embedder(
            self._store, self.embedder, Gazetteer(self._gazetteer_config), self._zone
        )

    def last_change(self) -> int:
        """Return the sequence number of the newest change; 0 if there is none."""
        return self._store.last_change()

    def changed_articles_since(self, seq: int) -> set[int]:
        """Return the numbers of the articles added, changed or removed after change `seq`."""
        return {change.article_key for change in self._store.changes_after(seq)}

    def last_change_before(self, instant: datetime) -> int:
        """Return the sequence number of the last change before `instant`; 0 if there is none."""
        return self._store.last_change_before(instant)

    def match_standing_queries(
        self, queries: Sequence[EncodedQuestion], article_ids: Collection[str]
    ) -> list[dict[str, Quote]]:
        """Return, for each standing query, the matching articles' ids with the matching quotes.

        Raises `EmbeddingModelMismatch`.
        """
        return match_standing_queries(self._retriever, queries, article_ids)

    def is_same_standing_query(self, first: str, second: str) -> bool:
        """Return whether two standing queries are spellings of the same names."""
        return is_same_query(first, second, self._retriever.gazetteer)

    def count_entities(self, window: DateWindow, limit: int) -> EntityCounts:
        """Return the names that the most articles of a window mention, `limit` of each kind."""
        return self._count_entities(self.articles(window), limit)

    def count_newest_entities(self, limit: int) -> EntityCounts:
        """Return the names that the most of the newest articles mention, `limit` of each kind."""
        return self._count_entities(self.articles(limit=_NEWEST_ARTICLES), limit)

    def _count_entities(self, articles: Iterable[Article], limit: int) -> EntityCounts:
        texts = (
            ArticleText(
                article.headline,
                find_story_body(article.text, self._boilerplate).body.slice(article.text),
            )
            for article in articles
        )
        return count_entities(texts, self._gazetteer_config, limit)

    def find_names(self, text: str) -> list[GazetteerEntry]:
        """Return the known names that a text mentions, in order of first mention."""
        return self._retriever.gazetteer.find_entries(text)

    def find_name_profile(self, name: str) -> NameProfile:
        """Return what the articles say of a name: its first and newest sentences, and with whom.

        Raises `EmbeddingModelMismatch`.
        """
        return find_name_profile(self._retriever, self._gazetteer_config, self._boilerplate, name)

    def find_topic_timeline(
        self, encoded: EncodedQuestion, *, first_event: int = 0, limit: int
    ) -> TopicTimeline:
        """Return events of a topic, the oldest first, from the one at `first_event` on.

        Raises `EmbeddingModelMismatch`.
        """
        return find_topic_timeline(self._retriever, encoded, self._boilerplate, first_event, limit)

    def overview(self) -> ArchiveOverview:
        """Return the number of articles by period of publication and by source."""
        return build_archive_overview(
            self._store.stats(), self._store.count_by_day(), self._store.count_by_source()
        )

    def today(self) -> date:
        """Return the current day in the archive's time zone."""
        return self._clock().astimezone(self._zone).date()

    def search_articles(self, encoded: EncodedQuestion, *, limit: int) -> list[Article]:
        """Return articles to choose from: title matches first, then the nearest by search.

        Unlike `answer` it applies no answerability threshold. Raises `EmbeddingModelMismatch`.
        """
        title_matches = self._store.list_articles(
            ArticleFilter(contains=encoded.question, limit=limit)
        )
        answer = self.answer(encoded, limit=limit, window=DateWindow())
        nearest = [quote.article for quote in (*answer.quotes, *answer.nearest)]
        return list({article.id: article for article in [*title_matches, *nearest]}.values())[
            :limit
        ]

    def article_by_number(self, number: int) -> tuple[Article, bool]:
        """Return an article by its number, and whether it is removed. Raises `NotFoundError`."""
        numbered_article = self._store.find_by_number(number)
        if numbered_article is None:
            raise no_such_article(str(number), removed=False)
        return numbered_article

    def stats(self) -> ArchiveStats:
        """Return the number of articles and passages, and the range of publication dates."""
        return self._store.stats()

    def reembed(self, *, reembed_all: bool = False) -> Iterator[tuple[int, int]]:
        """Embed articles with vectors of another model again or, with `reembed_all`, all articles.

        Also adds missing vectors of the second encoder. Yields (done, total) for each article.
        """
        return reembed(
            self._store,
            self.embedder,
            self.cross_lingual_embedder,
            self._boilerplate,
            reembed_all=reembed_all,
        )

    def _embed(self, draft: Draft, story: StoryBody) -> EmbeddedArticle:
        return embed_story(draft, story, self.embedder, self.cross_lingual_embedder)

    @cached_property
    def _retriever(self) -> Retriever:
        return Retriever(
            self._store,
            self.embedder,
            Gazetteer(self._gazetteer_config),
            self._folder,
            lambda: self.cross_lingual_embedder,
        )


def _draft_fields(draft: Draft) -> dict[str, Any]:
    """Return the `Draft` fields of a draft or an article."""
    return draft.model_dump(include=set(Draft.model_fields))
