"""A story from a feed goes to its place in the archive, or is known to be there already.

These calls take the archive, and some the model. Done twice, as after a crash, they do no more than
done once: what a feed has added is known by the log.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from bot.feeds.store.items import ItemResult, ItemState
from index.archive import AddOutcome, Archive
from index.dedup.near_duplicates import DuplicateKind, likeness, wording
from index.errors import NotFoundError
from index.ingest.extracted_article import ExtractedArticle
from index.models import Article, DateProvenance, Draft
from index.text.normalise import fold

_BROUGHT = frozenset(("added", "restored"))
_CORRECTED = ("title", "text", "author")
_ENTRIES = 200
"""So many entries of an article's log are looked at."""


class ArticleUpserter:
    """The archive, as feeds need it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def find_and_refresh(
        self, story: ExtractedArticle, by: str, *, hold: bool = False
    ) -> ItemResult | None:
        """Return where the archive has a story already, brought up to date; None where it has not.

        What another feed or an editor brought stays as it is, but a summary gives way to the whole
        article. With `hold` an article stays as it is where it would change: that is HELD.
        """
        found = self._found(story.draft())
        if found is None:
            return None
        better = found.only_summary and not story.only_summary
        own = better or self._is_own(found.id, by)
        changes = self._changes(found, story, by) if own else {}
        if changes and hold:
            return ItemResult(ItemState.HELD, found.id, own)
        self._change(found.id, changes, by)
        return ItemResult(ItemState.DONE if own else ItemState.CARRIED, found.id, own)

    def was_removed(self, story: ExtractedArticle) -> bool:
        """Say whether an editor removed a story from the archive."""
        last = self._archive.log(about=self._free(story.draft()).id, limit=1)
        return bool(last) and last[0].what == "removed"

    def add(self, story: ExtractedArticle, by: str, *, quiet: bool) -> ItemResult:
        """Add a story that is not there; one that an editor removed stays so."""
        draft = self._free(story.draft())
        outcome = self._archive.add(draft, quiet=quiet, by=by)
        if outcome is AddOutcome.LEFT_OUT:
            return ItemResult(ItemState.REFUSED, draft.id, why="removed")
        return ItemResult(ItemState.DONE, draft.id, own=True)

    def corrects(self, article_id: str, story: ExtractedArticle, by: str) -> bool:
        """Say whether a publisher has corrected anything in an article."""
        article = self._archive.find(article_id)
        return article is not None and bool(self._changes(article, story, by))

    def correct(self, article_id: str, story: ExtractedArticle, by: str) -> None:
        """Put what a publisher has corrected in an article."""
        article = self._archive.find(article_id)
        if article is not None:
            self._change(article_id, self._changes(article, story, by), by)

    def _changes(self, article: Article, story: ExtractedArticle, by: str) -> dict[str, Any]:
        """Return what a story would change; what an editor has changed stays so."""
        if story.only_summary and not article.only_summary:
            return {}
        wanted: dict[str, Any] = {name: getattr(story, name) for name in _CORRECTED}
        if fold(story.text) == fold(article.text):
            wanted["text"] = article.text
        wanted["only_summary"] = story.only_summary
        if article.published is None or article.only_summary:
            wanted |= {"published": story.published, "date_found": story.date_found}
        kept = self._edited(article.id, by)
        changes = {
            name: value
            for name, value in wanted.items()
            if value is not None and name not in kept and value != getattr(article, name)
        }
        return {} if changes.keys() <= {"date_found"} else changes

    def _change(self, article_id: str, changes: dict[str, Any], by: str) -> None:
        if changes:
            with suppress(NotFoundError):  # it was removed in between
                self._archive.edit(article_id, by=by, **changes)

    def _found(self, draft: Draft) -> Article | None:
        """Return the article of the same id, or one that the draft is a copy of."""
        proof = self._archive.prepare_draft(draft)
        there = self._archive.find(draft.id)
        if there:
            return None if self._is_other_news(there, proof.draft) else there
        for copy in self._archive.copies(proof.draft):
            if copy.how is not DuplicateKind.ADDRESS or not self._is_other_news(
                copy.article, proof.draft
            ):
                return copy.article
        return None

    def _free(self, draft: Draft) -> Draft:
        """Return the draft under an id of its own: another day's article has its address."""
        there = self._archive.find(draft.id)
        if there is None or draft.published is None:
            return draft
        return draft.model_copy(update={"id": f"{draft.id}-{draft.published.isoformat()[:10]}"})

    def _is_other_news(self, there: Article, draft: Draft) -> bool:
        """Say whether an address has another article than it had: «the bulletin» of another day."""
        days = {
            each.published.isoformat()[:10]
            for each in (there, draft)
            if each.published and each.date_found is not DateProvenance.UNCERTAIN
        }
        if len(days) < 2 or there.only_summary or draft.only_summary:
            return False
        one, other = (self._archive.prepare_draft(each) for each in (there, draft))
        return (
            likeness(*(wording(p.draft.title, p.body.of(p.draft.text)) for p in (one, other)))
            is None
        )

    def _is_own(self, article_id: str, by: str) -> bool:
        told = self._archive.log(about=article_id, limit=_ENTRIES)
        return any(each.by == by and each.what in _BROUGHT for each in told)

    def _edited(self, article_id: str, by: str) -> set[str]:
        """Return the fields that somebody else has changed."""
        told = self._archive.log(about=article_id, limit=_ENTRIES)
        edits = (each for each in told if each.what == "edited" and not each.by.startswith("feed "))
        return {name for each in edits if each.by != by for name in each.after or {}}
