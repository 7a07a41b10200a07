"""Render articles, lists of articles and the audit log for editors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bot.editorial import draft_view
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_view import ListRow
from bot.editorial.texts import FIELD_LABELS
from bot.i18n.formats import date_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import DIRECTION_MARKS, isolate, strip_controls
from bot.i18n.translations import N_, translator
from bot.telegram.message import (
    Button,
    Buttons,
    HtmlText,
    OutgoingMessage,
    bold,
    join_html,
    plain_text,
    truncate,
    trusted_text,
)
from index.draft_preparation import PreparedDraft
from index.models import Article
from index.storage.records import AuditEntry

_MAX_TITLE_LENGTH = 300
_MAX_VALUE_LENGTH = 80
_MAX_ENTRY_LENGTH = 2_000
_ACTIONS = {
    "added": N_("added"),
    "replaced": N_("replaced"),
    "edited": N_("edited"),
    "removed": N_("removed"),
    "restored": N_("restored"),
    "invited": N_("invited an editor"),
    "joined": N_("became an editor"),
    "revoked": N_("removed an editor"),
    "feed added": N_("added a feed"),
    "feed changed": N_("changed a feed"),
    "feed removed": N_("removed a feed"),
}
"""The actions of the audit log in words."""
_SUMMARY_FIELDS = ("headline", "title", "source", "published", "name")


def render_list(
    header: HtmlText, articles: Sequence[Article], lang: UiLanguage, first: int, buttons: Buttons
) -> OutgoingMessage:
    """Render a list of articles, numbered from `first`."""
    list_rows = [
        ListRow(_data(article.number, "show"), article.headline, article, ())
        for article in articles
    ]
    return draft_view.render_list(header, list_rows, lang, first=first, buttons=buttons)


def render_article(
    article: Article, prepared: PreparedDraft, lang: UiLanguage, *, removed: bool, notice: str
) -> OutgoingMessage:
    """Render an article with its metadata and the buttons that change it."""
    _ = translator(lang).gettext
    blocks = [trusted_text(notice)] if notice else []
    blocks += [
        bold(plain_text(truncate(article.headline, _MAX_TITLE_LENGTH))),
        draft_view.metadata_text(prepared, lang),
        trusted_text(
            # Translators: {at}: a date and time.
            _("Added: {at}").format(
                at=sanitize(f"{article.added_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
            )
        ),
        # Translators: {number}: the article's number in the archive.
        trusted_text(_("Number {number}").format(number=article.number)),
        draft_view.opening_text(prepared),
    ]
    if removed:
        return OutgoingMessage(
            join_html(blocks, "\n"),
            # Translators: Button.
            ((Button(_("Restore"), _data(article.number, "restore")),),),
        )
    field_buttons = tuple(
        Button(_(FIELD_LABELS[field]), _data(article.number, field))
        for field in ("published", "source", "title", "text")
    )
    last_row = (
        # Translators: Button.
        Button(translator(lang).pgettext("article", "Remove"), _data(article.number, "remove")),
        Button(_("Back"), EditorialCallback(subject="library", number=0).pack()),
    )
    return OutgoingMessage(join_html(blocks, "\n"), (field_buttons, last_row))


class LogLabels(NamedTuple):
    """What the log says to people in place of identifiers, and the time zone of its times."""

    zone: ZoneInfo
    actor_names: Mapping[str, str]
    """Names by the actor of an entry."""
    headlines: Mapping[str, str]
    """Headlines by the id of an article."""


def render_log(
    entries: Sequence[AuditEntry], labels: LogLabels, lang: UiLanguage
) -> tuple[HtmlText, int]:
    """Render entries of the audit log; return the text and the number of entries that fit."""
    _ = translator(lang).gettext
    if not entries:
        return trusted_text(_("The log is empty.")), 0
    blocks = [trusted_text(_("Who changed what:"))]
    for audit_entry in entries:
        block = _render_log_entry(audit_entry, labels, lang)
        if not join_html([*blocks, block], "\n\n").fits():
            break
        blocks.append(block)
    return join_html(blocks, "\n\n"), len(blocks) - 1


def _render_log_entry(entry: AuditEntry, labels: LogLabels, lang: UiLanguage) -> HtmlText:
    """Render an entry: its local time, the actor's name, the action, the headline, the changes."""
    recorded_at = datetime.fromisoformat(entry.recorded_at).astimezone(labels.zone)
    subject = entry.subject_id or ""
    parts = [
        date_text(recorded_at, lang),
        labels.actor_names.get(entry.actor, entry.actor),
        translator(lang).gettext(_ACTIONS.get(entry.action, entry.action)),
        labels.headlines.get(subject, subject),
    ]
    if entry.before is not None and entry.after is not None:
        parts += _format_changes(entry.before, entry.after)
    runs = [isolate(strip_controls(part)) for part in parts if part]
    line = truncate(" · ".join(runs), _MAX_ENTRY_LENGTH)
    return trusted_text(f"{DIRECTION_MARKS[lang]}{line}")


def audit_entry_text(entry: AuditEntry) -> str:
    """Return an entry of the audit log on one line: time, actor, action, subject and changes."""
    timestamp = f"{entry.recorded_at[:10]} {entry.recorded_at[11:16]} UTC"
    changes = _format_changes(entry.before, entry.after)
    return " · ".join([timestamp, entry.actor, entry.action, entry.subject_id or "", *changes])


def sanitize(value: str) -> str:
    """Return text of other people without control characters and with isolated direction."""
    return isolate(strip_controls(value))


def _data(article_number: int, action: str) -> str:
    return EditorialCallback(subject="article", number=article_number, action=action).pack()


def _format_changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
    if before is None or after is None:
        fields = after or before or {}
        return [
            f"{name}: {_format_value(fields[name])}" for name in _SUMMARY_FIELDS if fields.get(name)
        ][:3]
    return [
        f"{name}: {_format_value(before.get(name))} → {_format_value(after.get(name))}"
        for name in after
    ]


def _format_value(value: Any) -> str:
    return "–" if value is None else truncate(" ".join(str(value).split()), _MAX_VALUE_LENGTH)
