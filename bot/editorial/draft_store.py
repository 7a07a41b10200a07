"""Store drafts until they expire after a day, and the input that editors were asked for.

A draft is found by its number, or by the update that created it: an update that is handled again
after a crash finds its drafts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.schema import drafts, prompts
from index.clock import Clock
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.rejections import RejectReason
from index.storage.row_mapping import format_utc

DRAFT_LIFETIME = timedelta(days=1)
PROMPT_LIFETIME = timedelta(minutes=30)


class DraftState(StrEnum):
    """The state of a draft."""

    OPEN = "open"
    PUBLISHED = "published"
    DISCARDED = "discarded"


_FAILED = "failed"
"""State of a source that could not be read, stored so that a repeated update reports it again."""


class StoredFailure(NamedTuple):
    """A source that could not be read: its address or name, and why."""

    label: str
    reason: RejectReason


class StoredDraft(NamedTuple):
    """A draft as stored."""

    number: int
    update_id: int
    editor_id: int
    made_at: str
    """Time in UTC, ISO 8601."""
    state: DraftState
    extracted: ExtractedArticle
    outcome: str | None
    article_id: str | None
    audit_entry_number: int | None


class PendingInput(NamedTuple):
    """The field of a draft, article or feed that an editor was asked for."""

    subject: str
    number: int
    field: str


class DraftStore:
    """Stores the drafts and prompts of one bot."""

    def __init__(self, writer: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._bot_id = bot_id
        self._clock = clock
        self._awaiting_input: set[int] = set()

    async def load(self) -> None:
        """Load which editors have been asked for input."""
        query = select(prompts.c.editor).where(
            prompts.c.bot_id == self._bot_id,
            prompts.c.asked_at >= format_utc(self._clock() - PROMPT_LIFETIME),
        )
        editor_ids = await self._read(lambda connection: connection.scalars(query).all())
        self._awaiting_input = set(editor_ids)

    def is_awaiting_input(self, editor_id: int) -> bool:
        """Return whether an editor's next message may be requested input."""
        return editor_id in self._awaiting_input

    def forget(self, editor_id: int) -> None:
        """Expect no input from an editor whose prompts were deleted."""
        self._awaiting_input.discard(editor_id)

    async def save(
        self,
        update_id: int,
        editor_id: int,
        articles: Sequence[ExtractedArticle],
        failures: Sequence[StoredFailure] = (),
    ) -> list[StoredDraft]:
        """Store the articles and failures of an update, unless it has stored drafts before."""
        contents = [(DraftState.OPEN.value, article.model_dump_json()) for article in articles]
        contents += [(_FAILED, json.dumps(failure)) for failure in failures]

        def act(connection: Connection) -> list[StoredDraft]:
            existing = select(drafts.c.number).filter_by(bot_id=self._bot_id, update_id=update_id)
            if connection.execute(existing).first() is None and contents:
                common = {"bot_id": self._bot_id, "update_id": update_id, "editor": editor_id}
                made_at = format_utc(self._clock())
                rows = [
                    {
                        **common,
                        "place": index,
                        "made_at": made_at,
                        "state": state,
                        "brought": content,
                    }
                    for index, (state, content) in enumerate(contents)
                ]
                connection.execute(insert(drafts), rows)
            return self._select_by_update(connection, update_id, editor_id)

        return await self._write(act)

    async def list_failures(self, update_id: int, editor_id: int) -> list[StoredFailure]:
        """Return the sources of an editor's update that could not be read."""

        def act(connection: Connection) -> list[StoredFailure]:
            rows = connection.scalars(
                select(drafts.c.brought)
                .filter_by(
                    bot_id=self._bot_id, update_id=update_id, editor=editor_id, state=_FAILED
                )
                .order_by(drafts.c.place)
            )
            pairs = (json.loads(row) for row in rows)
            return [StoredFailure(label, RejectReason(reason)) for label, reason in pairs]

        return await self._read(act)

    async def list_by_update(self, update_id: int, editor_id: int) -> list[StoredDraft]:
        """Return the drafts of an editor's update, in order."""
        return await self._read(
            lambda connection: self._select_by_update(connection, update_id, editor_id)
        )

    async def find(self, number: int, editor_id: int) -> StoredDraft | None:
        """Return an editor's draft; None if there is none or it has expired."""
        query = (
            select(drafts)
            .filter_by(bot_id=self._bot_id, number=number, editor=editor_id)
            .where(drafts.c.made_at >= self._cutoff(), drafts.c.state != _FAILED)
        )
        row = await self._read(lambda connection: connection.execute(query).one_or_none())
        return _draft_from_row(row) if row else None

    async def replace_content(self, number: int, extracted: ExtractedArticle) -> None:
        """Replace the article of a draft by its edited version."""
        await self._update(number, brought=extracted.model_dump_json())

    async def mark_published(
        self, number: int, outcome: str, article_id: str, audit_entry_number: int | None
    ) -> None:
        """Record the publication of a draft, and the audit log entry that can be undone."""
        await self._update(
            number,
            state=DraftState.PUBLISHED,
            outcome=outcome,
            article_id=article_id,
            entry=audit_entry_number,
        )

    async def mark_discarded(self, number: int) -> None:
        """Record that a draft was discarded."""
        await self._update(number, state=DraftState.DISCARDED)

    async def reopen(self, number: int) -> None:
        """Reopen a draft whose publication was undone."""
        await self._update(number, state=DraftState.OPEN, outcome=None, article_id=None, entry=None)

    async def request_input(self, editor_id: int, subject: str, number: int, field: str) -> None:
        """Expect the editor's next message as input for a field."""

        def act(connection: Connection) -> None:
            self._delete_prompt(connection, editor_id)
            row = {
                "of": subject,
                "number": number,
                "field": field,
                "asked_at": format_utc(self._clock()),
            }
            connection.execute(insert(prompts).values(bot_id=self._bot_id, editor=editor_id, **row))

        await self._write(act)
        self._awaiting_input.add(editor_id)

    async def claim_input(self, editor_id: int, update_id: int) -> PendingInput | None:
        """Return the input that the editor was asked for, and assign the update to it.

        None if nothing was asked for, or if another update was assigned.
        """
        conditions = prompts.c.bot_id == self._bot_id, prompts.c.editor == editor_id
        since = format_utc(self._clock() - PROMPT_LIFETIME)
        is_unclaimed = or_(prompts.c.answered_by.is_(None), prompts.c.answered_by == update_id)
        statement = update(prompts).where(*conditions, prompts.c.asked_at >= since, is_unclaimed)

        def act(connection: Connection) -> PendingInput | None:
            if not connection.execute(statement.values(answered_by=update_id)).rowcount:
                return None
            row = connection.execute(select(prompts).where(*conditions)).one()
            return PendingInput(row.of, row.number, row.field)

        pending_input = await self._write(act)
        self._awaiting_input.discard(editor_id)
        return pending_input

    async def release_input(self, editor_id: int, update_id: int) -> None:
        """Expect the input again: the update was not a valid answer."""
        statement = update(prompts).where(
            prompts.c.bot_id == self._bot_id,
            prompts.c.editor == editor_id,
            prompts.c.answered_by == update_id,
        )
        await self._write(lambda connection: connection.execute(statement.values(answered_by=None)))
        self._awaiting_input.add(editor_id)

    async def cancel_input(self, editor_id: int) -> None:
        """Cancel the input that the editor was asked for."""
        if editor_id in self._awaiting_input:
            await self._write(lambda connection: self._delete_prompt(connection, editor_id))
            self._awaiting_input.discard(editor_id)

    async def delete_expired(self) -> None:
        """Delete the expired drafts."""
        statement = delete(drafts).where(drafts.c.made_at < self._cutoff())
        await self._write(lambda connection: connection.execute(statement))

    def _delete_prompt(self, connection: Connection, editor_id: int) -> None:
        connection.execute(delete(prompts).filter_by(bot_id=self._bot_id, editor=editor_id))

    def _select_by_update(
        self, connection: Connection, update_id: int, editor_id: int
    ) -> list[StoredDraft]:
        query = (
            select(drafts)
            .filter_by(bot_id=self._bot_id, update_id=update_id, editor=editor_id)
            .where(drafts.c.made_at >= self._cutoff(), drafts.c.state != _FAILED)
        )
        return [_draft_from_row(row) for row in connection.execute(query.order_by(drafts.c.place))]

    async def _update(self, number: int, **values: Any) -> None:
        statement = update(drafts).where(drafts.c.number == number).values(values)
        await self._write(lambda connection: connection.execute(statement))

    def _cutoff(self) -> str:
        return format_utc(self._clock() - DRAFT_LIFETIME)


def _draft_from_row(row: Row[Any]) -> StoredDraft:
    return StoredDraft(
        row.number,
        row.update_id,
        row.editor,
        row.made_at,
        DraftState(row.state),
        ExtractedArticle.model_validate_json(row.brought),
        row.outcome,
        row.article_id,
        row.entry,
    )
