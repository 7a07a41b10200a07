"""Handle the list of admins, invitations and the audit log: /admins for owners, /log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from zoneinfo import ZoneInfo

from bot.editorial import article_view
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.roles import Roles, audit_actor
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.runtime.executors import Executors
from bot.telegram.message import Button, Buttons, OutgoingMessage, join_html, truncate, trusted_text
from bot.telegram.reply import Reply, say
from bot.telegram.updates import Actor, BotIdentity
from index.archive import Archive
from index.storage.records import AuditEntry

_PAGE_SIZE = 10
_MAX_NAME_LENGTH = 30
_MAX_ADMINS = 30
"""Number of admins in the list, the newest; `briefing admin list` has all."""
UserIdCallback = Callable[[int], None]
"""Receives the id of a user."""


class AdminHandlers:
    """Handles the administration of editors and shows the audit log."""

    def __init__(
        self,
        archive: Archive,
        roles: Roles,
        me: BotIdentity,
        executors: Executors,
        on_editor_added: UserIdCallback,
        on_editor_removed: UserIdCallback,
        zone: ZoneInfo,
    ) -> None:
        self._archive = archive
        self._roles = roles
        self._me = me
        self._executors = executors
        self._on_editor_added = on_editor_added
        self._on_editor_removed = on_editor_removed
        self._zone = zone

    async def accept_invitation(self, token_hash: str, actor: Actor, lang: UiLanguage) -> Reply:
        """Make the user an admin if the invitation is valid."""
        if not await self._roles.accept_invitation(token_hash, actor.id, actor.name):
            return say(
                translator(lang).gettext(
                    "This invitation has expired or has been used. Please ask for a new one."
                )
            )
        self._on_editor_added(actor.id)
        return say(
            translator(lang).gettext(
                "You are an editor now. /add: add an article · /articles: the archive · "
                "/log: who changed what"
            )
        )

    async def list_admins(
        self, lang: UiLanguage, notice: str = "", *, edits: bool = False
    ) -> Reply:
        """List the admins, each with a button to revoke them."""
        _ = translator(lang).gettext
        admins = (await self._roles.list_admins())[-_MAX_ADMINS:]
        lines = [notice] if notice else []
        lines.append(_("Editors:") if admins else _("There are no editors yet."))
        rows: list[tuple[Button, ...]] = []
        for admin in admins:
            name = truncate(admin.name or str(admin.id), _MAX_NAME_LENGTH)
            lines.append(f"{article_view.sanitize(name)} · {admin.id} · {admin.since[:10]}")
            # Translators: Button. {name}: an editor's name.
            label = _("Remove {name}").format(name=name)
            data = EditorialCallback(subject="admin", number=admin.id, action="revoke").pack()
            rows.append((Button(label, data),))
        invite_data = EditorialCallback(subject="admin", number=0, action="invite").pack()
        # Translators: Button.
        rows.append((Button(_("Invite an editor"), invite_data),))
        return Reply(
            OutgoingMessage(join_html(map(trusted_text, lines), "\n"), tuple(rows)), edits=edits
        )

    async def revoke_admin(self, admin_id: int, owner_id: int, lang: UiLanguage) -> Reply:
        """Make an admin a reader, and show the list again."""
        admins = {admin.id: admin for admin in await self._roles.list_admins()}
        if await self._roles.revoke_admin(admin_id, audit_actor(owner_id)):
            self._on_editor_removed(admin_id)
        name = admins[admin_id].name if admin_id in admins else None
        notice = (
            translator(lang)
            # Translators: {name}: an editor's name.
            .gettext("No longer an editor: {name}")
            .format(name=article_view.sanitize(name or str(admin_id)))
        )
        return await self.list_admins(lang, notice, edits=True)

    async def create_invitation(self, owner_id: int, lang: UiLanguage) -> Reply:
        """Create an invitation and return its link."""
        token = await self._roles.create_invitation(audit_actor(owner_id))
        link = self._me.start_link(token)
        invited = translator(lang).gettext(
            "The first person to open this link within an hour becomes an editor:"
        )
        return say(f"{invited}\n{link}")

    async def show_log(self, lang: UiLanguage, below: int | None = None) -> Reply:
        """Show the entries of the audit log before `below`, the newest first."""
        entries = await self._executors.editor_lookup.run(
            lambda: self._archive.read_log(before_number=below, limit=_PAGE_SIZE + 1)
        )
        headlines = await self._executors.editor_lookup.run(partial(self._find_headlines, entries))
        admins = await self._roles.list_admins()
        names = {audit_actor(admin.id): admin.name for admin in admins if admin.name}
        labels = article_view.LogLabels(self._zone, names, headlines)
        text, shown_count = article_view.render_log(entries[:_PAGE_SIZE], labels, lang)
        rows: Buttons = ()
        if shown_count < len(entries):
            last_number = entries[shown_count - 1].number
            older_data = EditorialCallback(subject="log", number=last_number).pack()
            # Translators: Button.
            rows = ((Button(translator(lang).gettext("Older"), older_data),),)
        return Reply(OutgoingMessage(text, rows), edits=below is not None)

    def _find_headlines(self, entries: Sequence[AuditEntry]) -> dict[str, str]:
        """Return the headlines of the articles that entries are about, also of removed ones."""
        headlines = {}
        for entry in entries:
            article = self._archive.find(entry.subject_id) if entry.subject_id else None
            fields = {**(entry.before or {}), **(entry.after or {})}
            headline = (
                article.headline if article else fields.get("headline") or fields.get("title")
            )
            if entry.subject_id and headline:
                headlines[entry.subject_id] = str(headline)
        return headlines
