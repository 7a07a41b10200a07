"""An article as editors see it, and lists of articles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from bot.editorial import draft_view as drafts
from bot.editorial.draft_view import ListRow
from bot.i18n.catalogue import UiLanguage
from bot.i18n.editorial_strings import DESK
from bot.i18n.phrases import isolated, visible
from bot.telegram.message import (
    Button,
    Buttons,
    HtmlText,
    OutgoingMessage,
    bold,
    clipped,
    joined,
    text,
    trusted_text,
)
from index.draft_preparation import PreparedDraft
from index.models import Article
from index.storage.records import AuditEntry

_TITLE = 300
_VALUE = 80
_ENTRY = 2_000
_TOLD = ("headline", "title", "source", "published", "name")


def articles(
    head: HtmlText, shown: Sequence[Article], lang: UiLanguage, first: int, buttons: Buttons
) -> OutgoingMessage:
    """Lay out a list of articles, numbered from `first`."""
    lines = [ListRow(f"article:{each.number}:show", each.headline, each, ()) for each in shown]
    return drafts.listed(head, lines, lang, first=first, buttons=buttons)


def article(
    of: Article, proof: PreparedDraft, lang: UiLanguage, *, removed: bool, said: str
) -> OutgoingMessage:
    """Lay out an article with what is known of it, and the buttons that change it."""
    words, start = DESK[lang], f"article:{of.number}"
    blocks = [trusted_text(said)] if said else []
    blocks += [
        bold(text(clipped(of.headline, _TITLE))),
        drafts.known(proof, lang),
        trusted_text(
            words["added at"].format(at=run(f"{of.added_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"))
        ),
        trusted_text(words["number"].format(number=of.number)),
        drafts.first_lines(proof),
    ]
    if removed:
        return OutgoingMessage(
            joined(blocks, "\n"), ((Button(words["restore"], f"{start}:restore"),),)
        )
    fields = tuple(
        Button(words[f"edit {field}"], f"{start}:{field}")
        for field in ("published", "source", "title", "text")
    )
    last = (Button(words["remove"], f"{start}:remove"), Button(words["back"], "library:0"))
    return OutgoingMessage(joined(blocks, "\n"), (fields, last))


def log(entries: Sequence[AuditEntry], lang: UiLanguage) -> tuple[HtmlText, int]:
    """Lay out entries of the log, the newest first, and say how many had room."""
    words = DESK[lang]
    if not entries:
        return trusted_text(words["log none"]), 0
    blocks = [trusted_text(words["log"])]
    for each in entries:
        line = text(clipped(entry(each), _ENTRY))
        if not joined([*blocks, line], "\n\n").fits():
            break
        blocks.append(line)
    return joined(blocks, "\n\n"), len(blocks) - 1


def entry(of: AuditEntry) -> str:
    """Tell an entry of the log on one line: when, who, what, and what was changed."""
    at = f"{of.at[:10]} {of.at[11:16]} UTC"
    changed = _changes(of.before, of.after)
    return " · ".join([at, of.by, of.what, of.about or "", *changed])


def run(words: str) -> str:
    """Return words of somebody else's, apart from the direction of the bot's own."""
    return isolated(visible(words))


def _changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[str]:
    if before is None or after is None:
        known = after or before or {}
        return [
            f"{name}: {_value(known[name])}"
            for name in ("headline", "title", "source", "published", "name")
            if known.get(name)
        ][:3]
    return [f"{name}: {_value(before.get(name))} → {_value(after.get(name))}" for name in after]


def _value(value: Any) -> str:
    return "–" if value is None else clipped(" ".join(str(value).split()), _VALUE)
