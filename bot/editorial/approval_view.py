"""Articles from feeds that wait for approval, as editors see them: a list, and one of them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.editorial import draft_view as drafts
from bot.editorial.draft_view import PER_PAGE, ListRow
from bot.feeds.approvals import ApprovalCounts
from bot.feeds.store.approval_queue import PendingArticle
from bot.i18n.catalogue import UiLanguage, shown_number
from bot.i18n.feed_strings import FEED_WORDS
from bot.i18n.phrases import isolated, visible
from bot.telegram.message import (
    Button,
    HtmlText,
    OutgoingMessage,
    bold,
    clipped,
    joined,
    text,
    trusted_text,
)
from index.draft_preparation import PreparedDraft

_TITLE = 300
_NAME = 100


def listed(
    head: Sequence[str],
    shown: Sequence[tuple[PendingArticle, PreparedDraft]],
    page: int,
    count: int,
    lang: UiLanguage,
) -> OutgoingMessage:
    """Lay out a page of what waits, with the buttons that decide on all that are shown.

    These name the first and the last that are shown: what comes meanwhile is not decided on.
    """
    words = FEED_WORDS[lang]
    waiting = words["held list"].format(count=shown_number(count, lang))
    if not shown:
        said = "\n".join([*head, words["held none"]])
        return OutgoingMessage(trusted_text(said), ((Button(words["back"], "feeds:0:list"),),))
    low, high = shown[0][0].number, shown[-1][0].number
    rows = [
        (
            Button(words["approve all"], f"held:{low}:yes:{high}"),
            Button(words["refuse all"], f"held:{low}:no:{high}"),
        ),
        *drafts.turns("held:0:list:{page}", page, more=(page + 1) * PER_PAGE < count),
        (Button(words["back"], "feeds:0:list"),),
    ]
    lines = [_line(item, proof, page, lang) for item, proof in shown]
    above = trusted_text("\n".join([*head, waiting]))
    return drafts.listed(above, lines, lang, first=page * PER_PAGE + 1, buttons=tuple(rows))


def one(of: PendingArticle, proof: PreparedDraft, page: int, lang: UiLanguage) -> OutgoingMessage:
    """Lay out an article that waits, with the buttons that decide on it; or what was decided."""
    words = FEED_WORDS[lang]
    blocks: list[HtmlText] = []
    if of.state != "open":
        blocks.append(trusted_text(words[f"is {of.state}"]))
    blocks += [bold(text(clipped(proof.headline, _TITLE))), drafts.known(proof, lang)]
    if of.source and of.source != of.brought.source:
        name = isolated(visible(clipped(of.source, _NAME)))
        blocks.append(trusted_text(words["from feed"].format(name=name)))
    if of.brought.only_summary:
        blocks.append(trusted_text(f"⚠ {words['summary note']}"))
    blocks.append(drafts.first_lines(proof))
    back = (Button(words["back"], f"held:0:list:{page}"),)
    if of.state != "open":
        return OutgoingMessage(joined(blocks, "\n"), (back,))
    decide = (
        Button(words["approve"], f"held:{of.number}:approve:{page}"),
        Button(words["refuse it"], f"held:{of.number}:refuse:{page}"),
    )
    return OutgoingMessage(joined(blocks, "\n"), (decide, back))


def gone(lang: UiLanguage) -> OutgoingMessage:
    """Say that an article waits no longer: its feed was removed."""
    words = FEED_WORDS[lang]
    return OutgoingMessage(
        trusted_text(words["is gone"]), ((Button(words["back"], "held:0:list:0"),),)
    )


def decided(done: ApprovalCounts, lang: UiLanguage) -> str:
    """Say what came of a decision: «added 7, were there already 1»."""
    words = FEED_WORDS[lang]
    counts = {"did add": done.added, "did carry": done.carried, "did refuse": done.refused}
    counts["did leave"] = done.removed
    told = [
        words[name].format(count=shown_number(count, lang))
        for name, count in counts.items()
        if count
    ]
    if not told:
        return words["did nothing"]
    said = ("، " if lang == "ar" else ", ").join(told)
    return f"{said[0].upper()}{said[1:]}."


def _line(of: PendingArticle, proof: PreparedDraft, page: int, lang: UiLanguage) -> ListRow:
    marks = []
    if of.source and of.source != proof.draft.source:
        marks.append(isolated(visible(clipped(of.source, _NAME))))
    if of.brought.only_summary:
        marks.append(FEED_WORDS[lang]["summary only"])
    return ListRow(f"held:{of.number}:show:{page}", proof.headline, proof.draft, tuple(marks))
