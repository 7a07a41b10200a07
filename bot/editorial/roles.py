"""Roles of users: owners (from the settings), admins (by invitation) and readers.

An invitation is a link that can be used once, within an hour. Only a hash of its token is stored.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.invitation_tokens import hash_token, make_token
from bot.telegram.schema import editors, invitations
from index.clock import Clock
from index.storage import audit_log
from index.storage.database import Database
from index.storage.row_mapping import format_utc

INVITATION_LIFETIME = timedelta(hours=1)


class Role(StrEnum):
    """What a user may do."""

    OWNER = "owner"
    ADMIN = "admin"
    READER = "reader"


class Admin(NamedTuple):
    """A user who accepted an invitation."""

    id: int
    name: str | None
    since: str
    """UTC, ISO 8601."""


class Roles:
    """The roles in the database, with a cache of the admins' ids for synchronous checks."""

    def __init__(self, writer: DatabaseWriter, owners: Collection[int], clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._owners = owners
        self._clock = clock
        self._admin_ids: set[int] = set()

    async def load(self) -> None:
        """Load the admins; another process may revoke an admin but never add one."""
        self._admin_ids = {admin.id for admin in await self._read(_select_admins)}

    def __contains__(self, user_id: object) -> bool:
        """Return whether a user is an editor according to the cache; `current_role` is exact."""
        return user_id in self._owners or user_id in self._admin_ids

    async def current_role(self, user_id: int) -> Role:
        """Return the current role of a user."""
        if user_id in self._owners:
            return Role.OWNER
        await self.load()
        return Role.ADMIN if user_id in self._admin_ids else Role.READER

    async def is_editor(self, user_id: int) -> bool:
        """Return whether a user is currently an owner or an admin."""
        return await self.current_role(user_id) is not Role.READER

    async def list_admins(self) -> list[Admin]:
        """Return all admins, the oldest first."""
        return await self._read(_select_admins)

    async def list_editor_ids(self) -> list[int]:
        """Return the ids of all owners and admins."""
        return [*dict.fromkeys([*self._owners, *(admin.id for admin in await self.list_admins())])]

    async def accept_invitation(self, token_hash: str, user_id: int, name: str | None) -> bool:
        """Make a user an admin by an invitation; return whether the invitation is valid.

        The same user may open it again without effect, and the audit log has one entry. An owner
        does not use the invitation up.
        """
        now = self._clock()
        if user_id in self._owners:
            return True

        def act(connection: Connection) -> bool:
            invitation = connection.execute(
                select(invitations).where(invitations.c.digest == token_hash)
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
        """Make an admin a reader; return whether the user was an admin."""
        now = self._clock()
        revoked = await self._write(
            lambda connection: _delete_admin(connection, user_id, actor, now)
        )
        await self.load()
        return revoked

    async def create_invitation(self, actor: str) -> str:
        """Create an invitation and return its token, which is not stored."""
        now = self._clock()
        return await self._write(lambda connection: _insert_invitation(connection, actor, now))

    def forget(self, user_id: int) -> bool:
        """Drop an admin whose row was deleted from the cache; return whether the user was one."""
        was_admin = user_id in self._admin_ids
        self._admin_ids.discard(user_id)
        return was_admin

    async def publishes_immediately(self, user_id: int) -> bool:
        """Return whether an editor publishes without a preview."""
        query = select(editors.c.at_once).where(editors.c.id == user_id)
        return bool(await self._read(lambda connection: connection.scalar(query)))

    async def set_publishes_immediately(self, user_id: int, *, enabled: bool) -> None:
        """Store whether an editor publishes without a preview."""
        await self._write(lambda connection: _upsert_editor(connection, user_id, at_once=enabled))


def audit_actor(user_id: int) -> str:
    """Return the actor in the audit log for a user of Telegram."""
    return f"telegram {user_id}"


def create_invitation(database: Database, actor: str, now: datetime) -> str:
    """Create an invitation and return its token, which is not stored."""
    with database.write_transaction() as connection:
        return _insert_invitation(connection, actor, now)


def list_admins(database: Database) -> list[Admin]:
    """Return all admins, the oldest first."""
    with database.read_transaction() as connection:
        return _select_admins(connection)


def revoke_admin(database: Database, user_id: int, actor: str, now: datetime) -> bool:
    """Make an admin a reader; return whether the user was an admin."""
    with database.write_transaction() as connection:
        return _delete_admin(connection, user_id, actor, now)


def _insert_invitation(connection: Connection, actor: str, now: datetime) -> str:
    token = make_token()
    row = {"digest": hash_token(token), "made_at": format_utc(now), "made_by": actor}
    connection.execute(insert(invitations).values(row))
    after = {"until": format_utc(now + INVITATION_LIFETIME)}
    audit_log.write(connection, format_utc(now), actor, "invited", row["digest"][:12], after=after)
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
