"""Drafts: what editors brought, until it is published, discarded, or a day old.

A draft is found again by its number, and by the update that brought it: an update that is handled
again after a crash finds the drafts that it had made.
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
from index.storage.row_mapping import utc

DRAFT_LASTS = timedelta(days=1)
PROMPT_LASTS = timedelta(minutes=30)


class DraftState(StrEnum):
    """What became of a draft."""

    OPEN = "open"
    PUBLISHED = "published"
    DISCARDED = "discarded"


_FAILED = "failed"
"""The state of what could not be read: it is told again where its update is handled again."""


class StoredFailure(NamedTuple):
    """What could not be read: its address or name, and why."""

    label: str
    refusal: RejectReason


class StoredDraft(NamedTuple):
    """A draft as it is kept."""

    number: int
    update_id: int
    editor: int
    made_at: str
    """An instant in UTC, ISO 8601."""
    state: DraftState
    brought: ExtractedArticle
    outcome: str | None
    article_id: str | None
    entry: int | None


class PendingInput(NamedTuple):
    """What an editor was asked to write: a field of a draft or of an article."""

    of: str
    number: int
    field: str


class DraftStore:
    """The drafts and prompts of one bot."""

    def __init__(self, writing: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writing
        self._bot_id = bot_id
        self._clock = clock
        self._asked: set[int] = set()

    async def load(self) -> None:
        """Read which editors have been asked for something."""
        asked = select(prompts.c.editor).where(
            prompts.c.bot_id == self._bot_id,
            prompts.c.asked_at >= utc(self._clock() - PROMPT_LASTS),
        )
        there = await self._write(lambda connection: connection.scalars(asked).all())
        self._asked = set(there)

    def asked_for(self, editor: int) -> bool:
        """Say whether an editor's next message may be what they were asked for."""
        return editor in self._asked

    async def keep(
        self,
        update_id: int,
        editor: int,
        brought: Sequence[ExtractedArticle],
        failures: Sequence[StoredFailure] = (),
    ) -> list[StoredDraft]:
        """Keep what an update brought; what was kept of it before stays as it is."""
        kept = [(DraftState.OPEN.value, each.model_dump_json()) for each in brought]
        kept += [(_FAILED, json.dumps(each)) for each in failures]

        def act(connection: Connection) -> list[StoredDraft]:
            known = select(drafts.c.number).filter_by(bot_id=self._bot_id, update_id=update_id)
            if connection.execute(known).first() is None and kept:
                about = {"bot_id": self._bot_id, "update_id": update_id, "editor": editor}
                at = utc(self._clock())
                rows = [
                    {**about, "place": place, "made_at": at, "state": state, "brought": content}
                    for place, (state, content) in enumerate(kept)
                ]
                connection.execute(insert(drafts), rows)
            return self._of_update(connection, update_id, editor)

        return await self._write(act)

    async def failures(self, update_id: int, editor: int) -> list[StoredFailure]:
        """Return what of an editor's update could not be read."""

        def act(connection: Connection) -> list[StoredFailure]:
            rows = connection.scalars(
                select(drafts.c.brought)
                .filter_by(bot_id=self._bot_id, update_id=update_id, editor=editor, state=_FAILED)
                .order_by(drafts.c.place)
            )
            read = (json.loads(row) for row in rows)
            return [StoredFailure(label, RejectReason(refusal)) for label, refusal in read]

        return await self._write(act)

    async def of_update(self, update_id: int, editor: int) -> list[StoredDraft]:
        """Return what an editor's update brought, in its order."""
        return await self._write(lambda connection: self._of_update(connection, update_id, editor))

    async def draft(self, number: int, editor: int) -> StoredDraft | None:
        """Return an editor's draft; None where they have no such one, or it has expired."""
        one = (
            select(drafts)
            .filter_by(bot_id=self._bot_id, number=number, editor=editor)
            .where(drafts.c.made_at >= self._since(), drafts.c.state != _FAILED)
        )
        row = await self._write(lambda connection: connection.execute(one).one_or_none())
        return _kept(row) if row else None

    async def change(self, number: int, brought: ExtractedArticle) -> None:
        """Put what an editor made of a draft in its place."""
        await self._set(number, brought=brought.model_dump_json())

    async def published(
        self, number: int, outcome: str, article_id: str, entry: int | None
    ) -> None:
        """Note what a draft was published as, and the line of the log that can be undone."""
        await self._set(
            number, state=DraftState.PUBLISHED, outcome=outcome, article_id=article_id, entry=entry
        )

    async def discard(self, number: int) -> None:
        """Note that a draft is not wanted."""
        await self._set(number, state=DraftState.DISCARDED)

    async def reopen(self, number: int) -> None:
        """Make a draft wait again for what becomes of it."""
        await self._set(number, state=DraftState.OPEN, outcome=None, article_id=None, entry=None)

    async def ask_for(self, editor: int, of: str, number: int, field: str) -> None:
        """Take the editor's next message for a field of that draft or article."""

        def act(connection: Connection) -> None:
            self._forget_prompt(connection, editor)
            asked = {"of": of, "number": number, "field": field, "asked_at": utc(self._clock())}
            connection.execute(insert(prompts).values(bot_id=self._bot_id, editor=editor, **asked))

        await self._write(act)
        self._asked.add(editor)

    async def claim(self, editor: int, update_id: int) -> PendingInput | None:
        """Return what the editor was asked for, and take that update for the answer.

        None where nothing was asked for, or another update has answered it.
        """
        this = prompts.c.bot_id == self._bot_id, prompts.c.editor == editor
        since = utc(self._clock() - PROMPT_LASTS)
        free = or_(prompts.c.answered_by.is_(None), prompts.c.answered_by == update_id)
        taken = update(prompts).where(*this, prompts.c.asked_at >= since, free)

        def act(connection: Connection) -> PendingInput | None:
            if not connection.execute(taken.values(answered_by=update_id)).rowcount:
                return None
            row = connection.execute(select(prompts).where(*this)).one()
            return PendingInput(row.of, row.number, row.field)

        found = await self._write(act)
        self._asked.discard(editor)
        return found

    async def release(self, editor: int, update_id: int) -> None:
        """Ask for it once more: that update was no answer after all."""
        this = update(prompts).where(
            prompts.c.bot_id == self._bot_id,
            prompts.c.editor == editor,
            prompts.c.answered_by == update_id,
        )
        await self._write(lambda connection: connection.execute(this.values(answered_by=None)))
        self._asked.add(editor)

    async def drop_prompt(self, editor: int) -> None:
        """Ask the editor for nothing any more."""
        if editor in self._asked:
            await self._write(lambda connection: self._forget_prompt(connection, editor))
            self._asked.discard(editor)

    async def forget(self) -> None:
        """Forget what has expired."""
        old = delete(drafts).where(drafts.c.made_at < self._since())
        await self._write(lambda connection: connection.execute(old))

    def _forget_prompt(self, connection: Connection, editor: int) -> None:
        connection.execute(delete(prompts).filter_by(bot_id=self._bot_id, editor=editor))

    def _of_update(self, connection: Connection, update_id: int, editor: int) -> list[StoredDraft]:
        there = (
            select(drafts)
            .filter_by(bot_id=self._bot_id, update_id=update_id, editor=editor)
            .where(drafts.c.made_at >= self._since(), drafts.c.state != _FAILED)
        )
        return [_kept(row) for row in connection.execute(there.order_by(drafts.c.place))]

    async def _set(self, number: int, **values: Any) -> None:
        this = update(drafts).where(drafts.c.number == number).values(values)
        await self._write(lambda connection: connection.execute(this))

    def _since(self) -> str:
        return utc(self._clock() - DRAFT_LASTS)


def _kept(row: Row[Any]) -> StoredDraft:
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
