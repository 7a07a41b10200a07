"""Articles from feeds that wait for approval, as editors see them: a list, and one of them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.editorial import draft_view as drafts
from bot.editorial.draft_view import PER_PAGE, ListRow
from bot.feeds.approvals import ApprovalCounts
from bot.feeds.store.approval_queue import PendingArticle
from bot.i18n.catalogue import UiLanguage, number_text
from bot.i18n.feed_strings import FEED_WORDS
from bot.i18n.phrases import isolate, strip_controls
from bot.telegram.message import (
    Button,
    HtmlText,
    OutgoingMessage,
    bold,
    join_html,
    plain_text,
    truncate,
    trusted_text,
)
from index.draft_preparation import PreparedDraft

_MAX_TITLE_LENGTH = 300
_MAX_NAME_LENGTH = 100


def render_list(
    header_lines: Sequence[str],
    entries: Sequence[tuple[PendingArticle, PreparedDraft]],
    page: int,
    count: int,
    lang: UiLanguage,
) -> OutgoingMessage:
    """Lay out a page of what waits, with the buttons that decide on all that are shown.

    These name the first and the last that are shown: what comes meanwhile is not decided on.
    """
    words = FEED_WORDS[lang]
    count_line = words["held list"].format(count=number_text(count, lang))
    if not entries:
        body = "\n".join([*header_lines, words["held none"]])
        return OutgoingMessage(trusted_text(body), ((Button(words["back"], "feeds:0:list"),),))
    first_number, last_number = entries[0][0].number, entries[-1][0].number
    rows = [
        (
            Button(words["approve all"], f"held:{first_number}:yes:{last_number}"),
            Button(words["refuse all"], f"held:{first_number}:no:{last_number}"),
        ),
        *drafts.page_buttons("held:0:list:{page}", page, has_more=(page + 1) * PER_PAGE < count),
        (Button(words["back"], "feeds:0:list"),),
    ]
    lines = [_list_row(pending, prepared, page, lang) for pending, prepared in entries]
    header = trusted_text("\n".join([*header_lines, count_line]))
    return drafts.render_list(header, lines, lang, first=page * PER_PAGE + 1, buttons=tuple(rows))


def render_article(
    pending: PendingArticle, prepared: PreparedDraft, page: int, lang: UiLanguage
) -> OutgoingMessage:
    """Lay out an article that waits, with the buttons that decide on it; or what was decided."""
    words = FEED_WORDS[lang]
    blocks: list[HtmlText] = []
    if pending.state != "open":
        blocks.append(trusted_text(words[f"is {pending.state}"]))
    blocks += [
        bold(plain_text(truncate(prepared.headline, _MAX_TITLE_LENGTH))),
        drafts.metadata_text(prepared, lang),
    ]
    if pending.source and pending.source != pending.extracted.source:
        name = isolate(strip_controls(truncate(pending.source, _MAX_NAME_LENGTH)))
        blocks.append(trusted_text(words["from feed"].format(name=name)))
    if pending.extracted.only_summary:
        blocks.append(trusted_text(f"⚠ {words['summary note']}"))
    blocks.append(drafts.opening_text(prepared))
    back = (Button(words["back"], f"held:0:list:{page}"),)
    if pending.state != "open":
        return OutgoingMessage(join_html(blocks, "\n"), (back,))
    decision_buttons = (
        Button(words["approve"], f"held:{pending.number}:approve:{page}"),
        Button(words["refuse it"], f"held:{pending.number}:refuse:{page}"),
    )
    return OutgoingMessage(join_html(blocks, "\n"), (decision_buttons, back))


def render_gone(lang: UiLanguage) -> OutgoingMessage:
    """Say that an article waits no longer: its feed was removed."""
    words = FEED_WORDS[lang]
    return OutgoingMessage(
        trusted_text(words["is gone"]), ((Button(words["back"], "held:0:list:0"),),)
    )


def counts_text(result: ApprovalCounts, lang: UiLanguage) -> str:
    """Say what came of a decision: «added 7, were there already 1»."""
    words = FEED_WORDS[lang]
    counts = {"did add": result.added, "did carry": result.carried, "did refuse": result.refused}
    counts["did leave"] = result.removed
    parts = [
        words[name].format(count=number_text(count, lang))
        for name, count in counts.items()
        if count
    ]
    if not parts:
        return words["did nothing"]
    sentence = ("، " if lang == "ar" else ", ").join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def _list_row(
    pending: PendingArticle, prepared: PreparedDraft, page: int, lang: UiLanguage
) -> ListRow:
    marks = []
    if pending.source and pending.source != prepared.draft.source:
        marks.append(isolate(strip_controls(truncate(pending.source, _MAX_NAME_LENGTH))))
    if pending.extracted.only_summary:
        marks.append(FEED_WORDS[lang]["summary only"])
    return ListRow(
        f"held:{pending.number}:show:{page}", prepared.headline, prepared.draft, tuple(marks)
    )
