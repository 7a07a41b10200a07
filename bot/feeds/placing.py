"""A story from a feed goes to its place in the archive, or is known to be there already.

These calls take the archive, and some the model. Done twice, as after a crash, they do no more than
done once: what a feed has added is known by the log.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from bot.store.feed_items import Became, ItemState
from index.archive import Archive, Outcome
from index.article import Article, DateFound, Draft
from index.copies import Likeness, likeness, wording
from index.errors import NotFound
from index.sources.brought import Brought
from index.text.normalise import fold

_BROUGHT = frozenset(("added", "restored"))
_CORRECTED = ("title", "text", "author")
_ENTRIES = 200
"""So many entries of an article's log are looked at."""


class Placed(NamedTuple):
    """What became of a story; `changed` says whether that of an article was corrected."""

    became: Became
    changed: bool = False


class Placing:
    """The archive, as feeds need it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def there(self, story: Brought, by: str) -> Placed | None:
        """Return where the archive has a story already, brought up to date; None where it has not.

        What another feed or an editor brought stays as it is, but a summary gives way to the whole
        article.
        """
        found = self._found(story.draft())
        if found is None:
            return None
        own = self._is_own(found.id, by)
        better = found.only_summary and not story.only_summary
        changed = (own or better) and self._correct(found, story, by)
        own = own or better
        state = ItemState.DONE if own else ItemState.CARRIED
        return Placed(Became(state, found.id, own), changed)

    def add(self, story: Brought, by: str, *, quiet: bool) -> Became:
        """Add a story that is not there; one that an editor removed stays so."""
        draft = self._free(story.draft())
        outcome = self._archive.add(draft, quiet=quiet, by=by)
        if outcome is Outcome.LEFT_OUT:
            return Became(ItemState.REFUSED, draft.id, why="removed")
        return Became(ItemState.DONE, draft.id, own=True)

    def correct(self, article_id: str, story: Brought, by: str) -> bool:
        """Put what a publisher has corrected in an article; say whether anything has changed.

        What an editor has changed stays as the editor wants it.
        """
        article = self._archive.find(article_id)
        return article is not None and self._correct(article, story, by)

    def _correct(self, article: Article, story: Brought, by: str) -> bool:
        if story.only_summary and not article.only_summary:
            return False
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
        if changes.keys() <= {"date_found"}:
            return False
        try:
            self._archive.edit(article.id, by=by, **changes)
        except NotFound:  # it was removed in between
            return False
        return True

    def _found(self, draft: Draft) -> Article | None:
        """Return the article of the same id, or one that the draft is a copy of."""
        proof = self._archive.proof(draft)
        there = self._archive.find(draft.id)
        if there:
            return None if self._is_other_news(there, proof.draft) else there
        for copy in self._archive.copies(proof.draft):
            if copy.how is not Likeness.ADDRESS or not self._is_other_news(
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
            if each.published and each.date_found is not DateFound.UNCERTAIN
        }
        if len(days) < 2 or there.only_summary or draft.only_summary:
            return False
        one, other = (self._archive.proof(each) for each in (there, draft))
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
