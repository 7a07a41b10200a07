"""Render the articles from feeds that wait for approval: the list, and one article."""

from __future__ import annotations

from collections.abc import Sequence

from bot.editorial import draft_view
from bot.editorial.callbacks import EditorialCallback
from bot.editorial.draft_view import PER_PAGE, ListRow
from bot.feeds.approvals import ApprovalCounts
from bot.feeds.store.approval_queue import PendingArticle
from bot.i18n.formats import list_separator, number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import isolate, strip_controls
from bot.i18n.translations import N_, translator
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

_STATES = {
    "approving": N_("It is being added to the archive."),
    "approved": N_("An editor has approved it."),
    "refused": N_("An editor has refused it."),
    "renewed": N_("Its publisher has corrected it since: it is waiting for approval again."),
    "settled": N_(
        "It is no longer waiting: its publisher has changed it since, and the "
        "new version needs no approval."
    ),
}
"""Description of an article that no longer waits, by `PendingArticle.state`."""
_MAX_TITLE_LENGTH = 300
_MAX_NAME_LENGTH = 100
_FEED_LIST_DATA = EditorialCallback(subject="feeds", number=0, action="list").pack()


def render_list(
    header_lines: Sequence[str],
    entries: Sequence[tuple[PendingArticle, PreparedDraft]],
    page: int,
    count: int,
    lang: UiLanguage,
) -> OutgoingMessage:
    """Render a page of the approval list, with buttons that decide on all articles shown.

    The buttons carry the numbers of the first and the last article shown, so that articles that
    arrive later are not affected.
    """
    _ = translator(lang).gettext
    # Translators: {count}: a number of articles.
    count_line = _("Waiting for approval: {count}, oldest first").format(
        count=number_text(count, lang)
    )
    if not entries:
        body = "\n".join([*header_lines, _("No article is waiting for approval.")])
        # Translators: Button.
        return OutgoingMessage(trusted_text(body), ((Button(_("Back"), _FEED_LIST_DATA),),))
    first_number, last_number = entries[0][0].number, entries[-1][0].number
    rows = [
        (
            # Translators: Button.
            Button(_("Approve all shown"), _data(first_number, "yes", last_number)),
            # Translators: Button.
            Button(_("Refuse all shown"), _data(first_number, "no", last_number)),
        ),
        *draft_view.page_buttons(list_data, page, has_more=(page + 1) * PER_PAGE < count),
        (Button(_("Back"), _FEED_LIST_DATA),),
    ]
    list_rows = [_list_row(pending, prepared, page, lang) for pending, prepared in entries]
    header = trusted_text("\n".join([*header_lines, count_line]))
    return draft_view.render_list(
        header, list_rows, lang, first=page * PER_PAGE + 1, buttons=tuple(rows)
    )


def render_article(
    pending: PendingArticle, prepared: PreparedDraft, page: int, lang: UiLanguage
) -> OutgoingMessage:
    """Render a waiting article with the decision buttons, or its state if it was decided."""
    _ = translator(lang).gettext
    blocks: list[HtmlText] = []
    if pending.state != "open":
        blocks.append(trusted_text(_(_STATES[pending.state])))
    blocks += [
        bold(plain_text(truncate(prepared.headline, _MAX_TITLE_LENGTH))),
        draft_view.metadata_text(prepared, lang),
    ]
    if pending.source and pending.source != pending.extracted.source:
        name = isolate(strip_controls(truncate(pending.source, _MAX_NAME_LENGTH)))
        # Translators: {name}: the name of a feed.
        blocks.append(trusted_text(_("From the feed: {name}").format(name=name)))
    if pending.extracted.only_summary:
        blocks.append(
            trusted_text(
                "⚠ " + _("This is only the feed's summary: the article itself could not be read.")
            )
        )
    if pending.extracted.hidden:
        blocks.append(trusted_text("⚠ " + _(draft_view.HIDDEN_TEXT)))
    blocks.append(draft_view.opening_text(prepared))
    back_row = (Button(_("Back"), list_data(page)),)
    if pending.state != "open":
        return OutgoingMessage(join_html(blocks, "\n"), (back_row,))
    decision_buttons = (
        # Translators: Button.
        Button(_("Approve"), _data(pending.number, "approve", page)),
        # Translators: Button.
        Button(_("Refuse"), _data(pending.number, "refuse", page)),
    )
    return OutgoingMessage(join_html(blocks, "\n"), (decision_buttons, back_row))


def render_gone(lang: UiLanguage) -> OutgoingMessage:
    """Render the message for an article that no longer exists because its feed was removed."""
    _ = translator(lang).gettext
    return OutgoingMessage(
        trusted_text(_("This article is no longer waiting.")), ((Button(_("Back"), list_data()),),)
    )


def counts_text(result: ApprovalCounts, lang: UiLanguage) -> str:
    """Describe the result of a decision: «7 added, 1 already there.»."""
    _ = translator(lang).gettext
    counts = (
        # Translators: {count}: a number of articles.
        (_("{count} added"), result.added),
        # Translators: {count}: a number of articles.
        (_("{count} already there"), result.carried),
        # Translators: {count}: a number of articles.
        (_("{count} refused"), result.refused),
        # Translators: {count}: a number of articles.
        (_("{count} left out (removed by an editor before)"), result.removed),
    )
    parts = [template.format(count=number_text(count, lang)) for template, count in counts if count]
    if not parts:
        return _("Nothing was changed: these had already been decided.")
    sentence = list_separator(lang).join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}."


def list_data(page: int = 0) -> str:
    """Return the callback data of a button that shows a page of the approval list."""
    return _data(0, "list", page)


def _data(number: int, action: str, argument: int) -> str:
    return EditorialCallback(subject="held", number=number, action=action, argument=argument).pack()


def _list_row(
    pending: PendingArticle, prepared: PreparedDraft, page: int, lang: UiLanguage
) -> ListRow:
    marks = []
    if pending.source and pending.source != prepared.draft.source:
        marks.append(isolate(strip_controls(truncate(pending.source, _MAX_NAME_LENGTH))))
    if pending.extracted.only_summary:
        marks.append(translator(lang).gettext("summary only"))
    if pending.extracted.hidden:
        marks.append(translator(lang).gettext("text?"))
    return ListRow(
        _data(pending.number, "show", page), prepared.headline, prepared.draft, tuple(marks)
    )
