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
from index.storage.row_mapping import format_utc

INVITATION_LIFETIME = timedelta(hours=1)
INVITATION_PREFIX = "invite-"
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

    def __init__(self, writer: DatabaseWriter, owners: Collection[int], clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._owners = owners
        self._clock = clock
        self._admin_ids: set[int] = set()

    async def load(self) -> None:
        """Read who is an admin; another process may revoke one, but not make one."""
        self._admin_ids = {admin.id for admin in await self._read(_select_admins)}

    def __contains__(self, user_id: object) -> bool:
        """Say whether someone is, or lately was, an editor. `current_role` knows for certain."""
        return user_id in self._owners or user_id in self._admin_ids

    async def current_role(self, user_id: int) -> Role:
        """Return what someone may do now."""
        if user_id in self._owners:
            return Role.OWNER
        await self.load()
        return Role.ADMIN if user_id in self._admin_ids else Role.READER

    async def is_editor(self, user_id: int) -> bool:
        """Return whether someone is an owner or an admin now."""
        return await self.current_role(user_id) is not Role.READER

    async def list_admins(self) -> list[Admin]:
        """Return all admins, the first made first."""
        return await self._read(_select_admins)

    async def list_editor_ids(self) -> list[int]:
        """Return the ids of all owners and admins."""
        return [*dict.fromkeys([*self._owners, *(admin.id for admin in await self.list_admins())])]

    async def accept_invitation(self, token: str, user_id: int, name: str | None) -> bool:
        """Make someone an admin who opened an invitation; say whether it was good.

        The same person may open it again: what they get is the same, and is logged once. An owner
        leaves it to somebody else.
        """
        now = self._clock()
        if user_id in self._owners:
            return True

        def act(connection: Connection) -> bool:
            invitation = connection.execute(
                select(invitations).where(invitations.c.digest == _token_digest(token))
            ).one_or_none()
            if invitation is None:
                return False
            if invitation.used_by is not None:
                return bool(invitation.used_by == user_id and _is_admin(connection, user_id))
            if format_utc(now - INVITATION_LIFETIME) > invitation.made_at:
                return False
            connection.execute(
                update(invitations)
                .where(invitations.c.digest == invitation.digest)
                .values(used_by=user_id)
            )
            if not _is_admin(connection, user_id):
                _upsert_editor(connection, user_id, name=name, since=format_utc(now))
                after = {"role": Role.ADMIN, "name": name, "invited_by": invitation.made_by}
                audit_log.write(
                    connection,
                    format_utc(now),
                    audit_actor(user_id),
                    "joined",
                    str(user_id),
                    after=after,
                )
            return True

        accepted = await self._write(act)
        await self.load()
        return accepted

    async def revoke_admin(self, user_id: int, actor: str) -> bool:
        """Make an admin a reader again; say whether they were one."""
        now = self._clock()
        revoked = await self._write(
            lambda connection: _delete_admin(connection, user_id, actor, now)
        )
        await self.load()
        return revoked

    async def create_invitation(self, actor: str) -> str:
        """Make an invitation and return the words of its link: they are not kept."""
        now = self._clock()
        return await self._write(lambda connection: _insert_invitation(connection, actor, now))

    async def publishes_immediately(self, user_id: int) -> bool:
        """Say whether an editor chose to publish without a preview."""
        query = select(editors.c.at_once).where(editors.c.id == user_id)
        return bool(await self._read(lambda connection: connection.scalar(query)))

    async def set_publishes_immediately(self, user_id: int, *, enabled: bool) -> None:
        """Remember whether an editor wants to publish without a preview."""
        await self._write(lambda connection: _upsert_editor(connection, user_id, at_once=enabled))


def audit_actor(user_id: int) -> str:
    """Return the name under which the log has what somebody does in Telegram."""
    return f"telegram {user_id}"


def create_invitation(database: Database, actor: str, now: datetime) -> str:
    """Make an invitation and return the words of its link: they are not kept."""
    with database.write_transaction() as connection:
        return _insert_invitation(connection, actor, now)


def list_admins(database: Database) -> list[Admin]:
    """Return all admins, the first made first."""
    with database.read_transaction() as connection:
        return _select_admins(connection)


def revoke_admin(database: Database, user_id: int, actor: str, now: datetime) -> bool:
    """Make an admin a reader again; say whether they were one."""
    with database.write_transaction() as connection:
        return _delete_admin(connection, user_id, actor, now)


def _insert_invitation(connection: Connection, actor: str, now: datetime) -> str:
    token = INVITATION_PREFIX + secrets.token_urlsafe(24)
    row = {"digest": _token_digest(token), "made_at": format_utc(now), "made_by": actor}
    connection.execute(insert(invitations).values(row))
    until = {"until": format_utc(now + INVITATION_LIFETIME)}
    audit_log.write(connection, format_utc(now), actor, "invited", row["digest"][:12], after=until)
    return token


def _select_admins(connection: Connection) -> list[Admin]:
    query = select(editors.c.id, editors.c.name, editors.c.since).where(
        editors.c.since.is_not(None)
    )
    return [Admin(*row) for row in connection.execute(query.order_by(editors.c.since))]


def _is_admin(connection: Connection, user_id: int) -> bool:
    query = select(editors.c.since).where(editors.c.id == user_id)
    return connection.scalar(query) is not None


def _delete_admin(connection: Connection, user_id: int, actor: str, now: datetime) -> bool:
    query = select(editors.c.name).where(editors.c.id == user_id, editors.c.since.is_not(None))
    row = connection.execute(query).one_or_none()
    if row is None:
        return False
    connection.execute(delete(editors).where(editors.c.id == user_id))
    before = {"role": Role.ADMIN, "name": row.name}
    audit_log.write(connection, format_utc(now), actor, "revoked", str(user_id), before=before)
    return True


def _upsert_editor(connection: Connection, user_id: int, **values: object) -> None:
    result = connection.execute(update(editors).where(editors.c.id == user_id).values(values))
    if not result.rowcount:
        connection.execute(insert(editors).values(id=user_id, **{"at_once": False, **values}))


def _token_digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
