"""Who may do what: owners (from the settings), admins (by invitation), and everyone else.

An invitation is a link that opens once, within an hour. The words in it are kept as a digest only.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.schema import editors, invitations
from index.clock import Clock
from index.storage import audit_log
from index.storage.database import Database
from index.storage.row_mapping import utc

INVITATION_LASTS = timedelta(hours=1)
INVITED = "invite-"
"""What the words of an invitation's link begin with."""


class Role(StrEnum):
    """What someone may do."""

    OWNER = "owner"
    ADMIN = "admin"
    READER = "reader"


class Admin(NamedTuple):
    """Someone who was invited, and came."""

    id: int
    name: str | None
    since: str
    """UTC, ISO 8601."""


class Roles:
    """The roles of everybody, as the database has them; remembered for who cannot wait for it."""

    def __init__(self, writing: DatabaseWriter, owners: Collection[int], clock: Clock) -> None:
        self._write = writing
        self._owners = owners
        self._clock = clock
        self._admins: set[int] = set()

    async def load(self) -> None:
        """Read who is an admin; another process may revoke one, but not make one."""
        self._admins = {each.id for each in await self._write(_admins)}

    def __contains__(self, person: object) -> bool:
        """Say whether someone is, or lately was, an editor. `role` knows for certain."""
        return person in self._owners or person in self._admins

    async def role(self, person: int) -> Role:
        """Return what someone may do now."""
        if person in self._owners:
            return Role.OWNER
        await self.load()
        return Role.ADMIN if person in self._admins else Role.READER

    async def admins(self) -> list[Admin]:
        """Return all admins, the first made first."""
        return await self._write(_admins)

    async def staff(self) -> list[int]:
        """Return the ids of all owners and admins."""
        return [*dict.fromkeys([*self._owners, *(each.id for each in await self.admins())])]

    async def accept(self, words: str, person: int, name: str | None) -> bool:
        """Make someone an admin who opened an invitation; say whether it was good.

        The same person may open it again: what they get is the same, and is logged once. An owner
        leaves it to somebody else.
        """
        now = self._clock()
        if person in self._owners:
            return True

        def act(connection: Connection) -> bool:
            known = connection.execute(
                select(invitations).where(invitations.c.digest == _digest(words))
            ).one_or_none()
            if known is None:
                return False
            if known.used_by is not None:
                return bool(known.used_by == person and _admin(connection, person))
            if utc(now - INVITATION_LASTS) > known.made_at:
                return False
            connection.execute(
                update(invitations)
                .where(invitations.c.digest == known.digest)
                .values(used_by=person)
            )
            if not _admin(connection, person):
                _keep(connection, person, name=name, since=utc(now))
                after = {"role": Role.ADMIN, "name": name, "invited_by": known.made_by}
                audit_log.write(
                    connection, utc(now), logged_as(person), "joined", str(person), after=after
                )
            return True

        accepted = await self._write(act)
        await self.load()
        return accepted

    async def revoke(self, person: int, by: str) -> bool:
        """Make an admin a reader again; say whether they were one."""
        now = self._clock()
        revoked = await self._write(lambda connection: _revoke(connection, person, by, now))
        await self.load()
        return revoked

    async def invite(self, by: str) -> str:
        """Make an invitation and return the words of its link: they are not kept."""
        now = self._clock()
        return await self._write(lambda connection: _invite(connection, by, now))

    async def at_once(self, person: int) -> bool:
        """Say whether an editor chose to publish without a preview."""
        chosen = select(editors.c.at_once).where(editors.c.id == person)
        return bool(await self._write(lambda connection: connection.scalar(chosen)))

    async def choose_at_once(self, person: int, *, yes: bool) -> None:
        """Remember whether an editor wants to publish without a preview."""
        await self._write(lambda connection: _keep(connection, person, at_once=yes))


def logged_as(person: int) -> str:
    """Return the name under which the log has what somebody does in Telegram."""
    return f"telegram {person}"


def invite(database: Database, by: str, now: datetime) -> str:
    """Make an invitation and return the words of its link: they are not kept."""
    with database.writing() as connection:
        return _invite(connection, by, now)


def admins(database: Database) -> list[Admin]:
    """Return all admins, the first made first."""
    with database.reading() as connection:
        return _admins(connection)


def revoke(database: Database, person: int, by: str, now: datetime) -> bool:
    """Make an admin a reader again; say whether they were one."""
    with database.writing() as connection:
        return _revoke(connection, person, by, now)


def _invite(connection: Connection, by: str, now: datetime) -> str:
    words = INVITED + secrets.token_urlsafe(24)
    row = {"digest": _digest(words), "made_at": utc(now), "made_by": by}
    connection.execute(insert(invitations).values(row))
    until = {"until": utc(now + INVITATION_LASTS)}
    audit_log.write(connection, utc(now), by, "invited", row["digest"][:12], after=until)
    return words


def _admins(connection: Connection) -> list[Admin]:
    found = select(editors.c.id, editors.c.name, editors.c.since).where(
        editors.c.since.is_not(None)
    )
    return [Admin(*row) for row in connection.execute(found.order_by(editors.c.since))]


def _admin(connection: Connection, person: int) -> bool:
    since = select(editors.c.since).where(editors.c.id == person)
    return connection.scalar(since) is not None


def _revoke(connection: Connection, person: int, by: str, now: datetime) -> bool:
    named = select(editors.c.name).where(editors.c.id == person, editors.c.since.is_not(None))
    row = connection.execute(named).one_or_none()
    if row is None:
        return False
    connection.execute(delete(editors).where(editors.c.id == person))
    before = {"role": Role.ADMIN, "name": row.name}
    audit_log.write(connection, utc(now), by, "revoked", str(person), before=before)
    return True


def _keep(connection: Connection, person: int, **values: object) -> None:
    changed = connection.execute(update(editors).where(editors.c.id == person).values(values))
    if not changed.rowcount:
        connection.execute(insert(editors).values(id=person, **{"at_once": False, **values}))


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode(errors="replace")).hexdigest()
