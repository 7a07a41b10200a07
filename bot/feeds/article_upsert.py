"""A story from a feed goes to its place in the archive, or is known to be there already.

These calls take the archive, and some the model. Done twice, as after a crash, they do no more than
done once: what a feed has added is known by the log.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from bot.feeds.store.items import ItemResult, ItemState
from index.archive import AddOutcome, Archive
from index.dedup.near_duplicates import DuplicateKind, classify_duplicate, tokenize_story
from index.errors import NotFoundError
from index.ingest.extracted_article import ExtractedArticle
from index.models import Article, DateProvenance, Draft
from index.text.normalise import fold

_ADDING_ACTIONS = frozenset(("added", "restored"))
_CORRECTABLE_FIELDS = ("title", "text", "author")
_MAX_LOG_ENTRIES = 200
"""So many entries of an article's log are looked at."""


class ArticleUpserter:
    """The archive, as feeds need it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def find_and_refresh(
        self, extracted: ExtractedArticle, actor: str, *, hold: bool = False
    ) -> ItemResult | None:
        """Return where the archive has a story already, brought up to date; None where it has not.

        What another feed or an editor brought stays as it is, but a summary gives way to the whole
        article. With `hold` an article stays as it is where it would change: that is HELD.
        """
        existing = self._find_existing(extracted.to_draft())
        if existing is None:
            return None
        is_fuller = existing.only_summary and not extracted.only_summary
        is_own = is_fuller or self._is_own(existing.id, actor)
        changes = self._find_changes(existing, extracted, actor) if is_own else {}
        if changes and hold:
            return ItemResult(ItemState.PENDING_APPROVAL, existing.id, is_own)
        self._apply_changes(existing.id, changes, actor)
        return ItemResult(ItemState.DONE if is_own else ItemState.DUPLICATE, existing.id, is_own)

    def was_removed(self, extracted: ExtractedArticle) -> bool:
        """Say whether an editor removed a story from the archive."""
        newest_entries = self._archive.read_log(
            subject=self._with_free_id(extracted.to_draft()).id, limit=1
        )
        return bool(newest_entries) and newest_entries[0].action == "removed"

    def add(self, extracted: ExtractedArticle, actor: str, *, suppress_alerts: bool) -> ItemResult:
        """Add a story that is not there; one that an editor removed stays so."""
        draft = self._with_free_id(extracted.to_draft())
        outcome = self._archive.add(draft, suppress_alerts=suppress_alerts, actor=actor)
        if outcome is AddOutcome.STILL_REMOVED:
            return ItemResult(ItemState.REJECTED, draft.id, why="removed")
        return ItemResult(ItemState.DONE, draft.id, own=True)

    def has_corrections(self, article_id: str, extracted: ExtractedArticle, actor: str) -> bool:
        """Say whether a publisher has corrected anything in an article."""
        article = self._archive.find(article_id)
        return article is not None and bool(self._find_changes(article, extracted, actor))

    def apply_corrections(self, article_id: str, extracted: ExtractedArticle, actor: str) -> None:
        """Put what a publisher has corrected in an article."""
        article = self._archive.find(article_id)
        if article is not None:
            self._apply_changes(article_id, self._find_changes(article, extracted, actor), actor)

    def _find_changes(
        self, article: Article, extracted: ExtractedArticle, actor: str
    ) -> dict[str, Any]:
        """Return what a story would change; what an editor has changed stays so."""
        if extracted.only_summary and not article.only_summary:
            return {}
        new_values: dict[str, Any] = {
            name: getattr(extracted, name) for name in _CORRECTABLE_FIELDS
        }
        if fold(extracted.text) == fold(article.text):
            new_values["text"] = article.text
        new_values["only_summary"] = extracted.only_summary
        if article.published is None or article.only_summary:
            new_values |= {"published": extracted.published, "date_found": extracted.date_found}
        edited_fields = self._fields_edited_by_others(article.id, actor)
        changes = {
            name: value
            for name, value in new_values.items()
            if value is not None and name not in edited_fields and value != getattr(article, name)
        }
        return {} if changes.keys() <= {"date_found"} else changes

    def _apply_changes(self, article_id: str, changes: dict[str, Any], actor: str) -> None:
        if changes:
            with suppress(NotFoundError):  # it was removed in between
                self._archive.edit(article_id, actor=actor, **changes)

    def _find_existing(self, draft: Draft) -> Article | None:
        """Return the article of the same id, or one that the draft is a copy of."""
        prepared = self._archive.prepare_draft(draft)
        existing = self._archive.find(draft.id)
        if existing:
            return None if self._is_different_article(existing, prepared.draft) else existing
        for duplicate in self._archive.find_duplicates(prepared.draft):
            if duplicate.kind is not DuplicateKind.ADDRESS or not self._is_different_article(
                duplicate.article, prepared.draft
            ):
                return duplicate.article
        return None

    def _with_free_id(self, draft: Draft) -> Draft:
        """Return the draft under an id of its own: another day's article has its address."""
        existing = self._archive.find(draft.id)
        if existing is None or draft.published is None:
            return draft
        return draft.model_copy(update={"id": f"{draft.id}-{draft.published.isoformat()[:10]}"})

    def _is_different_article(self, existing: Article, draft: Draft) -> bool:
        """Say whether an address has another article than it had: «the bulletin» of another day."""
        dates = {
            candidate.published.isoformat()[:10]
            for candidate in (existing, draft)
            if candidate.published and candidate.date_found is not DateProvenance.UNCERTAIN
        }
        if len(dates) < 2 or existing.only_summary or draft.only_summary:
            return False
        first, second = (self._archive.prepare_draft(candidate) for candidate in (existing, draft))
        return (
            classify_duplicate(
                *(
                    tokenize_story(prepared.draft.title, prepared.body.slice(prepared.draft.text))
                    for prepared in (first, second)
                )
            )
            is None
        )

    def _is_own(self, article_id: str, actor: str) -> bool:
        entries = self._archive.read_log(subject=article_id, limit=_MAX_LOG_ENTRIES)
        return any(entry.actor == actor and entry.action in _ADDING_ACTIONS for entry in entries)

    def _fields_edited_by_others(self, article_id: str, actor: str) -> set[str]:
        """Return the fields that somebody else has changed."""
        entries = self._archive.read_log(subject=article_id, limit=_MAX_LOG_ENTRIES)
        edits = (
            entry
            for entry in entries
            if entry.action == "edited" and not entry.actor.startswith("feed ")
        )
        return {name for entry in edits if entry.actor != actor for name in entry.after or {}}
