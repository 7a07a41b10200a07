"""From a draft into the archive, and back: what an editor's decision does, each time but once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.editorial.draft_store import StoredDraft
from bot.editorial.draft_view import DraftPreview
from bot.editorial.roles import logged_as
from index.archive import AddOutcome, Archive
from index.dedup.near_duplicates import Duplicate, DuplicateKind
from index.draft_preparation import PreparedDraft
from index.errors import InvalidInputError
from index.models import Draft
from index.storage.records import AuditEntry

_CAME = frozenset((AddOutcome.ADDED, AddOutcome.REPLACED, AddOutcome.RESTORED))


class PublishResult(NamedTuple):
    """What publishing did, and the line of the log that says so; None where it changed nothing."""

    outcome: str
    article_id: str
    entry: int | None


class Publisher:
    """The archive as the desk needs it. Its calls take the archive, and some the model."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def proof(self, kept: StoredDraft) -> PreparedDraft:
        """Return a draft as the archive would hold it."""
        return self._archive.prepare_draft(kept.brought.draft())

    def preview(self, kept: StoredDraft) -> DraftPreview:
        """Return what is known of a draft, and what the archive has of it already."""
        proof = self.proof(kept)
        copies = tuple(self._copies(proof))
        return DraftPreview(
            kept.number, proof, kept.brought.printed, kept.brought.otherwise, copies
        )

    def publish(self, kept: StoredDraft, how: str, chosen: int = 0) -> PublishResult | None:
        """Publish a draft as was decided; None where it is to be looked at once more.

        `how` is "publish", where there must be no copy; "keep", beside those that there are; or
        "replace", in the place of the article with the number `chosen`. A decision that was carried
        out before a crash is found in the log, and not carried out again.
        """
        look = self.preview(kept)
        if look.asks_for_date:
            return None
        draft = kept.brought.draft()
        if how == "keep":
            draft = kept.brought.draft(f"{draft.id}-{kept.number}")
        elif how == "replace":
            named = [each.article.id for each in look.copies if each.article.number == chosen]
            if not named:
                return None
            draft = kept.brought.draft(named[0])
        elif look.copies and self._own_entry(draft, kept) is None:
            return None
        outcome = self._archive.add(draft, revive=True, afresh=True, by=logged_as(kept.editor))
        entry = self._own_entry(draft, kept)
        return PublishResult(
            entry.what if entry else outcome, draft.id, entry.number if entry else None
        )

    def undo(self, kept: StoredDraft) -> bool:
        """Take back what publishing a draft did; say no where the article was changed since."""
        assert kept.entry is not None, "it did something"
        try:
            self._archive.undo(kept.entry, by=logged_as(kept.editor))
        except InvalidInputError:
            return self._is_undone(kept)
        return True

    def _is_undone(self, kept: StoredDraft) -> bool:
        """Say whether it was undone already, and a crash or a second tap came between."""
        newest = self._newest(kept.article_id or "")
        told = next((each for each in newest if each.number == kept.entry), None)
        if not newest or told is None or newest[0].by != logged_as(kept.editor):
            return False
        if newest[0].what == "edited":
            return newest[0].after == told.before
        return newest[0].what == "removed" and told.what != "replaced"

    def _own_entry(self, draft: Draft, kept: StoredDraft) -> AuditEntry | None:
        """Return the newest line of the log, where it is this draft's having been published."""
        newest = next(iter(self._newest(draft.id)), None)
        if newest is None or newest.by != logged_as(kept.editor) or newest.what not in _CAME:
            return None
        return newest if newest.at >= kept.made_at and self._archive.is_unchanged(draft) else None

    def _newest(self, article_id: str) -> list[AuditEntry]:
        return self._archive.log(about=article_id, limit=3)

    def _copies(self, proof: PreparedDraft) -> Sequence[Duplicate]:
        """Return what the archive has of it: the article of the same id first."""
        found = self._archive.copies(proof.draft)
        if there := self._archive.find(proof.draft.id):
            how = DuplicateKind.ADDRESS if proof.draft.url else DuplicateKind.TEXT
            return [Duplicate(there, how), *found]
        return found
