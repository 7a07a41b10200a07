"""Draw a conversation as a phone shows it: a page of HTML, 390 pixels wide.

The direction of each line is that of its first strong character, as in Telegram's applications.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.i18n.formats import date_text
from bot.i18n.languages import UiLanguage, match_ui_language
from tools.screens.conversation import ChatMessage, Conversation
from tools.screens.dialogues import Dialogue, Theme
from tools.screens.messages import Block, Button, Line, QuotedMessage, TextRun

_STYLE = Path(__file__).with_name("phone.css")
_ZONE = ZoneInfo("Africa/Tripoli")
_NAMES = {"ar": "موجز ليبيا", "en": "Libya Briefing", "fr": "Libya Briefing"}
_KINDS = {"ar": "بوت", "en": "bot", "fr": "bot"}
_MEMBERS = {"ar": "الأعضاء: {n}", "en": "members: {n}", "fr": "membres : {n}"}
_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "code",
}
"""The tags of formats; any other format is drawn as a link."""
_STROKE = 'fill="none" stroke="currentColor"'
_ARROW = f'<svg viewBox="0 0 13 8"><path d="M1 1l5.5 5.5L12 1" {_STROKE} stroke-width="2"/></svg>'
_LINK_MARK = f'<svg viewBox="0 0 9 9"><path d="M2 7L7.5 1.5M3 1.5h4.5V6" {_STROKE}/></svg>'
_COPY_MARK = f'<svg viewBox="0 0 9 9"><path d="M3 3h5v5H3zM1 6V1h5" {_STROKE}/></svg>'


def render_page(conversation: Conversation, theme: Theme) -> str:
    """Return the HTML of a conversation, or of its last messages, as its dialogue says."""
    dialogue = conversation.dialogue
    lang = match_ui_language(dialogue.people[0].language, "ar")
    days = groupby(
        conversation.messages[-dialogue.shown :], lambda each: each.at.astimezone(_ZONE).date()
    )
    drawn = "".join(
        f'<div class="day" dir="auto">{date_text(day, lang)}</div>'
        + "".join(_draw_message(each, conversation) for each in messages)
        for day, messages in days
    )
    return (
        f'<!doctype html><html data-theme="{theme}" lang="{lang}"><meta charset="utf-8">'
        f"<style>{_STYLE.read_text('utf-8')}</style>"
        f'<div class="phone">{_draw_header(dialogue, lang)}<main>{drawn}</main></div></html>'
    )


def _draw_header(dialogue: Dialogue, lang: UiLanguage) -> str:
    title = dialogue.group or _NAMES[lang]
    members = _MEMBERS[lang].format(n=len(dialogue.people) + 1)
    kind = members if dialogue.group else _KINDS[lang]
    return (
        f'<header dir="{"rtl" if lang == "ar" else "ltr"}"><div class="mark">{escape(title[:1])}'
        f'</div><div><div class="name">{escape(title)}</div><div class="kind">{kind}</div></div>'
        "</header>"
    )


def _draw_message(chat_message: ChatMessage, conversation: Conversation) -> str:
    message = chat_message.message
    rows = message.keyboard.rows
    is_own = message.sender.id == conversation.reader_id
    parts = []
    if conversation.dialogue.group and not is_own:
        parts.append(f'<div class="author">{escape(message.sender.first_name)}</div>')
    if chat_message.picture:
        source = b64encode(chat_message.picture).decode("ascii")
        parts.append(f'<img class="picture" src="data:image/png;base64,{source}">')
    if message.replied:
        parts.append(_draw_replied(message.replied))
    parts += map(_draw_block, message.blocks)
    parts.append(f'<div class="time">{chat_message.at.astimezone(_ZONE):%H:%M}</div>')
    keyboard = "".join(f'<div class="keys">{"".join(map(_draw_button, row))}</div>' for row in rows)
    side = " own" if is_own else ""
    width = " wide" if rows or chat_message.picture else ""
    return (
        f'<div class="message{side}{width}"><div class="bubble">{"".join(parts)}</div>'
        + (f'<div class="keyboard">{keyboard}</div>' if rows else "")
        + "</div>"
    )


def _draw_replied(replied: QuotedMessage) -> str:
    text = " ".join((replied.text or replied.caption).split())
    return (
        f'<div class="reply" dir="auto"><div class="line">{escape(replied.sender.first_name)}</div>'
        f'<div class="line">{escape(text)}</div></div>'
    )


def _draw_block(block: Block) -> str:
    lines = "".join(map(_draw_line, block.lines))
    if block.kind == "text":
        return lines
    if block.kind == "folded":
        return (
            f'<div class="quote folded" dir="auto">{lines}<div class="arrow">{_ARROW}</div></div>'
        )
    return f'<div class="quote" dir="auto">{lines}</div>'


def _draw_line(line: Line) -> str:
    return f'<div class="line">{"".join(map(_draw_run, line))}</div>'


def _draw_run(run: TextRun) -> str:
    drawn = escape(run.text)
    for entity in run.formats:
        tag = _TAGS.get(entity.type, "a")
        address = f' href="{escape(entity.url)}"' if entity.url else ""
        drawn = f"<{tag}{address}>{drawn}</{tag}>"
    return drawn


def _draw_button(button: Button) -> str:
    mark = _LINK_MARK if button.url else _COPY_MARK if button.copied else ""
    return f'<div class="key">{escape(button.text)}{mark}</div>'
