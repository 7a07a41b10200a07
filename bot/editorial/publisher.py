"""Publish drafts to the archive and undo publications; repeated calls have no further effect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.editorial.draft_store import StoredDraft
from bot.editorial.draft_view import DraftPreview
from bot.editorial.roles import audit_actor
from index.archive import AddOutcome, Archive
from index.dedup.near_duplicates import Duplicate, DuplicateKind
from index.draft_preparation import PreparedDraft
from index.errors import InvalidInputError
from index.models import Draft
from index.storage.records import AuditEntry

_STORED_OUTCOMES = frozenset((AddOutcome.ADDED, AddOutcome.REPLACED, AddOutcome.RESTORED))


class PublishResult(NamedTuple):
    """The outcome of publishing, and its audit log entry; None if nothing changed."""

    outcome: str
    article_id: str
    audit_entry_number: int | None


class Publisher:
    """The operations on the archive that drafts need; some use the model."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def prepare(self, stored_draft: StoredDraft) -> PreparedDraft:
        """Return a draft as the archive would store it."""
        return self._archive.prepare_draft(stored_draft.extracted.to_draft())

    def preview(self, stored_draft: StoredDraft) -> DraftPreview:
        """Return the preview of a draft, with its duplicates in the archive."""
        prepared = self.prepare(stored_draft)
        duplicates = tuple(self._find_duplicates(prepared))
        return DraftPreview(
            stored_draft.number,
            prepared,
            stored_draft.extracted.printed,
            stored_draft.extracted.otherwise,
            duplicates,
            stored_draft.extracted.hidden,
        )

    def publish(
        self, stored_draft: StoredDraft, mode: str, replaced_number: int = 0
    ) -> PublishResult | None:
        """Publish a draft; None if an editor must look at it again.

        `mode` is "publish", which requires that there are no duplicates; "keep", which adds the
        draft beside them; or "replace", which replaces the article number `replaced_number`. A
        publication that was completed before a crash is found in the audit log and not repeated.
        """
        preview = self.preview(stored_draft)
        if preview.needs_date or preview.hidden:
            return None
        draft = stored_draft.extracted.to_draft()
        if mode == "keep":
            draft = stored_draft.extracted.to_draft(f"{draft.id}-{stored_draft.number}")
        elif mode == "replace":
            article_ids = [
                duplicate.article.id
                for duplicate in preview.duplicates
                if duplicate.article.number == replaced_number
            ]
            if not article_ids:
                return None
            draft = stored_draft.extracted.to_draft(article_ids[0])
        elif preview.duplicates and self._publication_entry(draft, stored_draft) is None:
            return None
        outcome = self._archive.add(
            draft,
            restore_removed=True,
            overwrite_edits=True,
            actor=audit_actor(stored_draft.editor_id),
        )
        entry = self._publication_entry(draft, stored_draft)
        return PublishResult(
            entry.action if entry else outcome, draft.id, entry.number if entry else None
        )

    def undo(self, stored_draft: StoredDraft) -> bool:
        """Undo the publication of a draft; return False if the article was changed since."""
        assert stored_draft.audit_entry_number is not None, (
            "the draft has an entry in the audit log"
        )
        try:
            self._archive.undo(
                stored_draft.audit_entry_number, actor=audit_actor(stored_draft.editor_id)
            )
        except InvalidInputError:
            return self._is_undone(stored_draft)
        return True

    def _is_undone(self, stored_draft: StoredDraft) -> bool:
        """Return whether the publication is already undone, after a crash or a second tap."""
        entries = self._newest_entries(stored_draft.article_id or "")
        publication = next(
            (entry for entry in entries if entry.number == stored_draft.audit_entry_number), None
        )
        if (
            not entries
            or publication is None
            or entries[0].actor != audit_actor(stored_draft.editor_id)
        ):
            return False
        if entries[0].action == "edited":
            return entries[0].after == publication.before
        return entries[0].action == "removed" and publication.action != "replaced"

    def _publication_entry(self, draft: Draft, stored_draft: StoredDraft) -> AuditEntry | None:
        """Return the article's newest audit log entry if it is the publication of this draft."""
        newest = next(iter(self._newest_entries(draft.id)), None)
        if (
            newest is None
            or newest.actor != audit_actor(stored_draft.editor_id)
            or newest.action not in _STORED_OUTCOMES
        ):
            return None
        return (
            newest
            if newest.recorded_at >= stored_draft.made_at and self._archive.is_unchanged(draft)
            else None
        )

    def _newest_entries(self, article_id: str) -> list[AuditEntry]:
        return self._archive.read_log(subject=article_id, limit=3)

    def _find_duplicates(self, prepared: PreparedDraft) -> Sequence[Duplicate]:
        """Return the duplicates in the archive, the article with the same id first."""
        duplicates = self._archive.find_duplicates(prepared.draft)
        if existing := self._archive.find(prepared.draft.id):
            kind = DuplicateKind.ADDRESS if prepared.draft.url else DuplicateKind.TEXT
            return [Duplicate(existing, kind), *duplicates]
        return duplicates
