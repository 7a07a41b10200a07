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
from index.search.retriever import Retriever, require_matching_model
from index.standing_queries import match_standing_queries
from index.storage.article_queries import ArticleFilter
from index.storage.article_store import ArticleStore, no_such_article
from index.storage.records import ArticleArrival, ArticleRecord, AuditEntry, EmbeddedArticle
from index.storage.row_mapping import format_utc
from index.stories.models import Story
from index.text.boilerplate import BoilerplateRules, find_story_body
from index.text.gazetteer import Gazetteer, GazetteerConfig
from index.text.spans import Span
from index.undo import find_newest_entry, inverse_changes

if TYPE_CHECKING:
    from index.stories.builder import ClusteringContext

DEFAULT_ACTOR = "archive"
"""Who the log names where nobody says who they are."""
EMPTY_GAZETTEER = GazetteerConfig()
"""A list of names with nothing in it."""


class AddOutcome(StrEnum):
    """What adding an article did."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    RESTORED = "restored"
    STILL_REMOVED = "left out"
    """It had been removed, and stays so."""


class Archive:
    """One archive in one folder. Several processes may have the same one open."""

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
        """Open the archive in `folder`, or make an empty one there.

        The model is loaded when it is first needed, and so is the second encoder where there is
        one. Raises `StoreError`.
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
        """Save the search cache and give the files back."""
        if "_retriever" in self.__dict__:
            self._retriever.save()
        self._store.close()

    @cached_property
    def embedder(self) -> Embedder:
        """The model, loaded at the first call. Raises `ModelError`."""
        return self._load_embedder()

    @cached_property
    def cross_lingual_embedder(self) -> Embedder | None:
        """The second encoder, loaded at the first call, if there is one. Raises `ModelError`."""
        return self._load_cross_lingual() if self._load_cross_lingual else None

    def warm_up(self) -> None:
        """Load the models and catch up with the database, so that the first question need not.

        Raises `ModelError`, `ForeignVectors`, `StoreError`.
        """
        with ThreadPoolExecutor(1) as executor:
            cross_lingual = executor.submit(lambda: self.cross_lingual_embedder)
            with self._retriever.snapshot():
                cross_lingual.result()

    def ask(self, question: str, *, limit: int = 3, window: DateWindow | None = None) -> Answer:
        """Answer `question` with at most `limit` quotes, or say that nothing here answers it.

        It searches what was published in `window`; where none is given, in the time that the
        question names, if any; an open `DateWindow()` is everything. Raises `BadQuestion` for what
        is no question, `ForeignVectors` where the archive was embedded with another model.
        """
        return self.answer(self.encode_question(question), limit=limit, window=window)

    def encode_question(self, question: str) -> EncodedQuestion:
        """Do the part of `ask` that takes the model, and nothing but the model.

        Raises `BadQuestion`.
        """
        return encode_question(question, self.embedder, self._zone, self._clock())

    def answer(
        self, encoded: EncodedQuestion, *, limit: int = 3, window: DateWindow | None = None
    ) -> Answer:
        """Do the part of `ask` that takes the archive. Raises `ForeignVectors`."""
        return answer_with_trace(self._retriever, encoded, limit, window).answer

    def ask_with_trace(
        self, question: str, *, limit: int = 3, window: DateWindow | None = None
    ) -> AnswerTrace:
        """Answer as `ask` does, and show what the answer was chosen from."""
        return answer_with_trace(self._retriever, self.encode_question(question), limit, window)

    def add(
        self,
        draft: Draft,
        *,
        restore_removed: bool = False,
        overwrite_edits: bool = False,
        suppress_alerts: bool = False,
        actor: str = DEFAULT_ACTOR,
    ) -> AddOutcome:
        """Put an article into the archive, in the place of the one with its id if there is one.

        The same draft again changes nothing, though the article may have been corrected since; with
        `overwrite_edits` it takes the corrections' place. A removed one stays removed unless
        `restore_removed`. `suppress_alerts` says that it is no news; `actor` is who does it, for
        the log. Raises `ForeignVectors`, `StoreError`; the archive is then as it was.
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
        embedded = self._embed(prepared.draft, prepared.body)
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
        """Say what the archive would make of a draft, and keep nothing."""
        return prepare_draft(draft, self._boilerplate)

    def edit(self, article_id: str, *, actor: str = DEFAULT_ACTOR, **changes: Any) -> Article:
        """Change an article's title, text, source, url, author, published or language.

        Only a new text or title is embedded again. Raises `NotFound`, `InvalidInputError`.
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
                f"the article cannot be changed so: {format_validation_error(error)}"
            ) from None
        if draft.model_dump() == fields:
            return
        body = find_story_body(draft.text, self._boilerplate).body
        embedded = None
        if (draft.text, draft.title) != (article.text, article.title):
            require_matching_model(self._store, self.embedder)
            embedded = self._embed(draft, body)
        self._store.edit(draft, choose_headline(draft, body), embedded, record, actor)

    def find_duplicates(self, draft: Draft) -> list[Duplicate]:
        """Return the articles that `draft` is a copy of, the surest first; not the one of its id.

        First those with the same address, then with the same text, then with the same text lightly
        edited. An archive of any size is searched at less than it costs to embed the draft.
        """
        tokens = tokenize_story(
            draft.title, find_story_body(draft.text, self._boilerplate).body.slice(draft.text)
        )
        return find_duplicates(
            tokens, self._store.find_duplicate_candidates(draft, minhash_signature(tokens.body))
        )

    def remove(self, article_id: str, *, actor: str = DEFAULT_ACTOR) -> None:
        """Take an article out of every answer. Raises `NotFound`."""
        self._store.remove(article_id, actor)

    def restore(self, article_id: str, *, actor: str = DEFAULT_ACTOR) -> None:
        """Bring a removed article back. Raises `NotFound`."""
        self._store.restore(article_id, actor)

    def read_log(
        self, *, subject: str | None = None, before_number: int | None = None, limit: int
    ) -> list[AuditEntry]:
        """Return who changed what, the newest first: of one article or person, below a number."""
        return self._store.audit_entries(
            subject_id=subject, before_number=before_number, limit=limit
        )

    def undo(self, number: int, *, actor: str = DEFAULT_ACTOR) -> None:
        """Undo what that entry of the log tells of an article.

        Raises `NotFound` where there is no such entry, `InvalidInputError` where it is of no
        article, or the article has been changed since.
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
        """Return an article of the archive. Raises `NotFound`."""
        return self._live_record(article_id).article

    def find(self, article_id: str) -> Article | None:
        """Return an article of the archive; None where there is none with this id."""
        record = self._store.find_record(article_id)
        return None if record is None or record.removed else record.article

    def is_unchanged(self, draft: Draft) -> bool:
        """Say whether this very draft was the last that was brought under its id."""
        record = self._store.find_record(draft.id)
        return bool(record and not record.removed and record.draft_digest == digest_draft(draft))

    def excerpt_around(self, article_id: str, start: int, end: int) -> Excerpt:
        """Return the lines around `article.text[start:end]`.

        Raises `NotFound`, `InvalidInputError`.
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
        """Return articles, the last published first."""
        since = format_utc(removed_since) if removed_since else None
        return self._store.list_articles(ArticleFilter(window, removed, since, None, limit, offset))

    def arrivals(self, *, after: int = 0, limit: int) -> list[ArticleArrival]:
        """Return what came after a change, each article once: what alerts and digests follow."""
        return self._store.list_arrivals(after, limit)

    def stories(self, window: DateWindow | None, *, language: str | None = None) -> list[Story]:
        """Return the stories published in a window; in `language`, among equals, what stands there.

        The one to be told first is first, and no article is in two. Raises `ForeignVectors`.
        """
        from index.stories.builder import build_stories

        return build_stories(self._clustering_context(), window or DateWindow(), language)

    def stories_in_change_range(
        self, change_range: ChangeRange, *, language: str | None = None
    ) -> list[Story]:
        """Return the stories of what came between two changes, as `build_stories` does of a window.

        What came quietly is no news. Raises `ForeignVectors`.
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
        """Return the number of the newest change; 0 before the first."""
        return self._store.last_change()

    def changed_articles_since(self, seq: int) -> set[int]:
        """Return the numbers of the articles that came, changed or went after a change."""
        return {change.article_key for change in self._store.changes_after(seq)}

    def last_change_before(self, instant: datetime) -> int:
        """Return the number of the last change before a moment; 0 where there is none."""
        return self._store.last_change_before(instant)

    def match_standing_queries(
        self, queries: Sequence[EncodedQuestion], article_ids: Collection[str]
    ) -> list[dict[str, Quote]]:
        """Return, for each watched thing, which of the articles are about it, and what says so.

        Raises `ForeignVectors`.
        """
        return match_standing_queries(self._retriever, queries, article_ids)

    def count_entities(self, window: DateWindow, limit: int) -> EntityCounts:
        """Return the names that most articles of a window mention, at most `limit` of each kind."""
        texts = (
            ArticleText(
                article.headline,
                find_story_body(article.text, self._boilerplate).body.slice(article.text),
            )
            for article in self.articles(window)
        )
        return count_entities(texts, self._gazetteer_config, limit)

    def search_articles(self, encoded: EncodedQuestion, *, limit: int) -> list[Article]:
        """Return articles to choose from: first those that are named so, then what comes nearest.

        Unlike an answer it asks for no evidence. Raises `ForeignVectors`.
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
        """Return an article by its number, and whether it is removed. Raises `NotFound`."""
        numbered_article = self._store.find_by_number(number)
        if numbered_article is None:
            raise no_such_article(str(number), removed=False)
        return numbered_article

    def stats(self) -> ArchiveStats:
        """Say how much the archive holds, and from when to when."""
        return self._store.stats()

    def reembed(self, *, reembed_all: bool = False) -> Iterator[tuple[int, int]]:
        """Embed again what another model embedded, or `reembed_all` article; gives (done, of) for each.

        Articles that the second encoder has not seen are shown to it.

        """
        return reembed(
            self._store,
            self.embedder,
            self.cross_lingual_embedder,
            self._boilerplate,
            reembed_all=reembed_all,
        )

    def _embed(self, draft: Draft, body: Span) -> EmbeddedArticle:
        return embed_story(draft, body, self.embedder, self.cross_lingual_embedder)

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
    """Return what a draft says of an article, and an article of itself."""
    return draft.model_dump(include=set(Draft.model_fields))
