"""Add an article from a feed to the archive, or find and refresh the copy that it has.

The methods use the archive, and some use the model. They are idempotent, as recovery after a crash
requires: the audit log shows what a feed has added.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

from bot.feeds.store.items import ItemResult, ItemState
from index.archive import AddOutcome, Archive
from index.dedup.near_duplicates import DuplicateKind, classify_duplicate, tokenize_story
from index.errors import NotFoundError
from index.ingest.extracted_article import ExtractedArticle
from index.models import Article, DateProvenance, Draft
from index.text.normalise import fold
from index.urls import canonicalise_url, is_same_site

_ADDING_ACTIONS = frozenset(("added", "restored"))
_CORRECTABLE_FIELDS = ("title", "text", "author", "url", "only_summary")
_REPLACEABLE_FIELDS = (*_CORRECTABLE_FIELDS, "source", "published", "date_found")
"""Fields that a new version of a summary, or of a site's boilerplate, gives."""
_MAX_LOG_ENTRIES = 200
"""Number of newest audit log entries of an article that are read."""


class SiteBoilerplate(NamedTuple):
    """A text that a feed's site shows in place of its articles."""

    text: str
    feed_address: str
    """A feed takes away no article of another site, whatever it says of the pages there."""


class ArticleUpserter:
    """The operations on the archive that feeds need."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def find_and_refresh(
        self, extracted: ExtractedArticle, actor: str, *, hold: bool = False
    ) -> ItemResult | None:
        """Return the archive's copy of a story, refreshed; None if the archive has none.

        An article of another address stays unchanged, and so does one from another feed or from an
        editor, except that a full article replaces a summary. With `hold`, an article that would
        change stays unchanged and the state of the result is `PENDING_APPROVAL`.
        """
        existing = self._find_existing(extracted.to_draft())
        if existing is None:
            return None
        is_own = _may_have_same_address(existing, extracted) and (
            _gives_way(existing, extracted) or self._is_own(existing.id, actor)
        )
        changes = self._find_changes(existing, extracted, actor) if is_own else {}
        if changes and hold:
            return ItemResult(ItemState.PENDING_APPROVAL, existing.id, is_own)
        self._apply_changes(existing.id, changes, actor)
        return ItemResult(ItemState.DONE if is_own else ItemState.DUPLICATE, existing.id, is_own)

    def was_removed(self, extracted: ExtractedArticle, actor: str) -> bool:
        """Return whether somebody else than this feed removed the story from the archive."""
        article_id = self._with_free_id(extracted.to_draft()).id
        return self._remover(article_id) not in (None, actor)

    def add(self, extracted: ExtractedArticle, actor: str, *, suppress_alerts: bool) -> ItemResult:
        """Add a new story; the result is `REJECTED` if an editor removed it before."""
        draft = self._with_free_id(extracted.to_draft())
        outcome = self._archive.add(
            draft,
            restore_removed=self._remover(draft.id) == actor,
            suppress_alerts=suppress_alerts,
            actor=actor,
        )
        if outcome is AddOutcome.STILL_REMOVED:
            return ItemResult(ItemState.REJECTED, draft.id, why="removed")
        return ItemResult(ItemState.DONE, draft.id, own=True)

    def is_version(
        self,
        article_id: str,
        extracted: ExtractedArticle,
        boilerplate: SiteBoilerplate | None = None,
    ) -> bool:
        """Return whether a story is a version of an article, if that still exists.

        Another address with another text is another article, unless that of the archive is only
        `boilerplate`.
        """
        article = self._archive.find(article_id)
        return (
            article is None
            or _may_have_same_address(article, extracted)
            or _has_boilerplate(article, boilerplate)
            or self._have_same_story(article, extracted.to_draft())
        )

    def has_corrections(
        self,
        article_id: str,
        extracted: ExtractedArticle,
        actor: str,
        boilerplate: SiteBoilerplate | None = None,
    ) -> bool:
        """Return whether the publisher's version changes anything in the article."""
        article = self._archive.find(article_id)
        return article is not None and bool(
            self._find_changes(article, extracted, actor, boilerplate)
        )

    def apply_corrections(
        self,
        article_id: str,
        extracted: ExtractedArticle,
        actor: str,
        boilerplate: SiteBoilerplate | None = None,
    ) -> None:
        """Apply the publisher's corrections to the article, if it still exists."""
        article = self._archive.find(article_id)
        if article is not None:
            changes = self._find_changes(article, extracted, actor, boilerplate)
            self._apply_changes(article_id, changes, actor)

    def withdraw(self, article_id: str, boilerplate: SiteBoilerplate, actor: str) -> bool:
        """Remove an article if its text is only `boilerplate`; return whether it was removed."""
        article = self._archive.find(article_id)
        if article is None or not _has_boilerplate(article, boilerplate):
            return False
        with suppress(NotFoundError):  # the article was removed in the meantime
            self._archive.remove(article_id, actor=actor)
        return True

    def _find_changes(
        self,
        article: Article,
        extracted: ExtractedArticle,
        actor: str,
        boilerplate: SiteBoilerplate | None = None,
    ) -> dict[str, Any]:
        """Return the fields that the story would change, except those that editors changed.

        A summary replaces the text of an article only if that is `boilerplate`.
        """
        is_boilerplate = _has_boilerplate(article, boilerplate)
        is_replaced = article.only_summary or is_boilerplate
        if extracted.only_summary and not is_replaced:
            return {}
        fields = _REPLACEABLE_FIELDS if is_replaced else _CORRECTABLE_FIELDS
        new_values: dict[str, Any] = {name: getattr(extracted, name) for name in fields}
        if fold(extracted.text) == fold(article.text):
            new_values["text"] = article.text
        if _may_have_same_address(article, extracted) and not is_boilerplate:
            new_values["url"] = article.url or extracted.url
        if article.published is None:
            new_values |= {"published": extracted.published, "date_found": extracted.date_found}
        edited_fields = self._fields_edited_by_others(article.id, actor)
        changes = {
            name: value
            for name, value in new_values.items()
            if (value is not None or (name == "url" and is_boilerplate))
            and name not in edited_fields
            and value != getattr(article, name)
        }
        return {} if changes.keys() <= {"date_found"} else changes

    def _apply_changes(self, article_id: str, changes: dict[str, Any], actor: str) -> None:
        if changes:
            with suppress(NotFoundError):  # the article was removed in the meantime
                self._archive.edit(article_id, actor=actor, **changes)

    def _find_existing(self, draft: Draft) -> Article | None:
        """Return the article with the draft's id, or an article of which the draft is a copy."""
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
        """Return the draft; if its id is taken, with its date appended to the id."""
        existing = self._archive.find(draft.id)
        if existing is None or draft.published is None:
            return draft
        return draft.model_copy(update={"id": f"{draft.id}-{draft.published.isoformat()[:10]}"})

    def _is_different_article(self, existing: Article, draft: Draft) -> bool:
        """Return whether an address has a new article, such as a daily bulletin of another day."""
        dates = {
            candidate.published.isoformat()[:10]
            for candidate in (existing, draft)
            if candidate.published and candidate.date_found is not DateProvenance.UNCERTAIN
        }
        if len(dates) < 2 or existing.only_summary or draft.only_summary:
            return False
        return not self._have_same_story(existing, draft)

    def _have_same_story(self, existing: Article, draft: Draft) -> bool:
        """Return whether two texts are those of one story, whatever their addresses."""
        first, second = (
            tokenize_story(prepared.draft.title, prepared.story.body.slice(prepared.draft.text))
            for prepared in map(self._archive.prepare_draft, (existing, draft))
        )
        return classify_duplicate(first, second) is not None

    def _remover(self, article_id: str) -> str | None:
        """Return who removed an article; None if nobody did."""
        newest_entries = self._archive.read_log(subject=article_id, limit=1)
        return next((entry.actor for entry in newest_entries if entry.action == "removed"), None)

    def _is_own(self, article_id: str, actor: str) -> bool:
        entries = self._archive.read_log(subject=article_id, limit=_MAX_LOG_ENTRIES)
        return any(entry.actor == actor and entry.action in _ADDING_ACTIONS for entry in entries)

    def _fields_edited_by_others(self, article_id: str, actor: str) -> set[str]:
        """Return the fields that a person, not a feed, has edited."""
        entries = self._archive.read_log(subject=article_id, limit=_MAX_LOG_ENTRIES)
        edits = (
            entry
            for entry in entries
            if entry.action == "edited" and not entry.actor.startswith("feed ")
        )
        return {name for entry in edits if entry.actor != actor for name in entry.after or {}}


def _may_have_same_address(article: Article, extracted: ExtractedArticle) -> bool:
    """Return whether a story is at the address of an article, or one of them has no address."""
    if article.url is None or extracted.url is None:
        return True
    return canonicalise_url(article.url) == canonicalise_url(extracted.url)


def _gives_way(article: Article, extracted: ExtractedArticle) -> bool:
    """Return whether a story replaces an article of another feed.

    It replaces a summary if it is the full article, or if only it has an address.
    """
    return article.only_summary and (
        not extracted.only_summary or (article.url is None and extracted.url is not None)
    )


def _has_boilerplate(article: Article, boilerplate: SiteBoilerplate | None) -> bool:
    """Return whether the text of an article of the feed's own site is only boilerplate."""
    return (
        boilerplate is not None
        and fold(article.text) == fold(boilerplate.text)
        and article.url is not None
        and is_same_site(article.url, boilerplate.feed_address)
    )
