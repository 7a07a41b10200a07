"""Render drafts for editors: the preview with open questions, the outcome, and lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from bot.editorial.callbacks import EditorialCallback
from bot.editorial.texts import CANCEL_HINT, FIELD_LABELS, FIELD_PROMPTS
from bot.i18n.formats import date_text, number_text, source_text
from bot.i18n.languages import UI_LANGUAGE_NAMES, UI_LANGUAGES, UiLanguage
from bot.i18n.phrases import isolate, publication_date_text, strip_controls
from bot.i18n.translations import N_, translator
from bot.telegram.message import (
    MAX_URL_LENGTH,
    Button,
    Buttons,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    blockquote,
    bold,
    join_html,
    link,
    plain_text,
    truncate,
    trusted_text,
)
from bot.views.quotes import render_citation
from index.dedup.near_duplicates import Duplicate, DuplicateKind
from index.draft_preparation import PreparedDraft
from index.models import DateProvenance, Draft

PER_PAGE = 8
"""Number of drafts or articles in one message."""
MAX_DUPLICATES = 3
DATE_PROVENANCES = {
    DateProvenance.GIVEN: N_("given with the text"),
    DateProvenance.BYLINE: N_("from the line above the text"),
    DateProvenance.PAGE: N_("from the page"),
    DateProvenance.MESSAGE: N_("date of the original post"),
    DateProvenance.UNCERTAIN: N_("uncertain"),
    DateProvenance.EDITOR: N_("set by an editor"),
    DateProvenance.UNKNOWN: N_("unknown"),
}
DUPLICATE_KINDS = {
    DuplicateKind.ADDRESS: N_("The archive already has this address:"),
    DuplicateKind.TEXT: N_("The archive already has the same text:"),
    DuplicateKind.EDITED: N_("The archive already has nearly the same text:"),
}
HIDDEN_TEXT = N_(
    "The page does not show this text to its readers: it is only in the data "
    "for search engines. Is it the article, from the source that it names?"
)
_MAX_OPENING_LENGTH = 600
_MAX_NAME_LENGTH = 150
_MAX_LINE_LENGTH = 300
_MAX_SOURCE_LENGTH = 40


class DraftPreview(NamedTuple):
    """A draft as the archive would store it, with its open questions."""

    number: int
    prepared: PreparedDraft
    printed_date: str | None
    alternative_dates: tuple[datetime | date, ...]
    duplicates: tuple[Duplicate, ...]
    hidden: bool = False
    """Whether an editor must say that a text which its page does not show is the article."""

    @property
    def needs_date(self) -> bool:
        """Whether an editor must choose the date."""
        return self.prepared.draft.date_found is DateProvenance.UNCERTAIN

    @property
    def candidate_dates(self) -> tuple[datetime | date, ...]:
        """The possible dates, the most likely first."""
        published = self.prepared.draft.published
        return ((published,) if published else ()) + self.alternative_dates


class ListRow(NamedTuple):
    """A row of a list: callback data of its button, title, draft, and marks such as «copy?»."""

    callback_data: str
    title: str
    draft: Draft
    marks: tuple[str, ...]


def render_preview(
    preview: DraftPreview, lang: UiLanguage, back: Button | None = None
) -> OutgoingMessage:
    """Render a draft with the buttons that decide on it."""
    _ = translator(lang).gettext
    title = truncate(preview.prepared.headline, _MAX_LINE_LENGTH)
    blocks = [
        join_html([trusted_text(_("Draft:")), bold(plain_text(title))], "\n"),
        metadata_text(preview.prepared, lang),
        opening_text(preview.prepared),
        *_open_questions(preview, lang),
    ]
    rows = [*_date_buttons(preview, lang), *_decision_buttons(preview, lang)]
    field_buttons = [
        Button(_(FIELD_LABELS[field]), draft_data(preview.number, field))
        for field in ("published", "source", "title")
    ]
    # Translators: Button.
    last_row = [Button(_("Discard"), draft_data(preview.number, "discard"))]
    rows += [tuple(field_buttons), tuple([*last_row, back] if back else last_row)]
    return OutgoingMessage(join_html(blocks, "\n"), tuple(rows))


def render_outcome(
    prepared: PreparedDraft, notice: str, lang: UiLanguage, buttons: Buttons
) -> OutgoingMessage:
    """Render what became of a draft."""
    title = bold(plain_text(truncate(prepared.headline, _MAX_LINE_LENGTH)))
    return OutgoingMessage(
        join_html([trusted_text(notice), title, metadata_text(prepared, lang)], "\n"), buttons
    )


def metadata_text(prepared: PreparedDraft, lang: UiLanguage) -> HtmlText:
    """Return source, date with its provenance, author, language and length, a line each."""
    _ = translator(lang).gettext
    draft = prepared.draft
    source = truncate(source_text(draft.source, lang), _MAX_NAME_LENGTH)
    # Translators: {source}: the name of a source.
    lines = [_("Source: {source}").format(source=_sanitize(source))]
    if draft.published is None:
        lines.append(_("Date: unknown"))
    else:
        day = _sanitize(date_text(draft.published, lang))
        lines.append(
            # Translators: {date}: a date; {how}: how the date is known.
            _("Date: {date} ({how})").format(date=day, how=_(DATE_PROVENANCES[draft.date_found]))
        )
    if draft.author:
        lines.append(
            # Translators: {author}: a name.
            _("Author: {author}").format(author=_sanitize(truncate(draft.author, _MAX_NAME_LENGTH)))
        )
    if draft.language:
        ui_language = UI_LANGUAGES.get(draft.language.partition("-")[0])
        name = UI_LANGUAGE_NAMES[ui_language] if ui_language else draft.language
        # Translators: {language}: the name of a language.
        lines.append(_("Language: {language}").format(language=name))
    length = prepared.story.body.end - prepared.story.body.start
    lines.append(
        translator(lang)
        # Translators: {characters}: a number of characters.
        .ngettext("Length: {characters} character", "Length: {characters} characters", length)
        .format(characters=number_text(length, lang))
    )
    blocks = [trusted_text(line) for line in lines]
    if draft.url and len(draft.url) <= MAX_URL_LENGTH:
        blocks.append(link(translator(lang).gettext("link"), draft.url))
    return join_html(blocks, "\n")


def opening_text(prepared: PreparedDraft) -> HtmlText:
    """Return the beginning of the text as a quotation."""
    return blockquote(
        plain_text(truncate(prepared.story.body.slice(prepared.draft.text), _MAX_OPENING_LENGTH))
    )


def render_list(
    header: HtmlText,
    list_rows: Sequence[ListRow],
    lang: UiLanguage,
    *,
    first: int = 1,
    buttons: Buttons = (),
) -> OutgoingMessage:
    """Render a list with a numbered button for each row, and `buttons` below."""
    blocks = [header]
    number_buttons: list[Button] = []
    for number, list_row in enumerate(list_rows, first):
        runs = [plain_text(f"{number}. {truncate(list_row.title, _MAX_LINE_LENGTH // 2)}")]
        runs.append(
            bidi_isolate(
                plain_text(truncate(source_text(list_row.draft.source, lang), _MAX_SOURCE_LENGTH))
            )
        )
        runs.append(bidi_isolate(plain_text(publication_date_text(list_row.draft, lang))))
        runs += [bold(trusted_text(mark)) for mark in list_row.marks]
        blocks.append(join_html(runs, " · "))
        number_buttons.append(Button(str(number), list_row.callback_data))
    half = (len(number_buttons) + 1) // 2 if len(number_buttons) > 5 else len(number_buttons)
    button_rows = [tuple(row) for row in (number_buttons[:half], number_buttons[half:]) if row]
    return OutgoingMessage(join_html(blocks, "\n\n"), (*button_rows, *buttons))


def page_buttons(page_data: Callable[[int], str], page: int, *, has_more: bool) -> Buttons:
    """Return the buttons to the previous and the next page.

    `page_data` returns the callback data of a page.
    """
    row = []
    if page > 0:
        row.append(Button("◀", page_data(page - 1)))
    if has_more:
        row.append(Button("▶", page_data(page + 1)))
    return (tuple(row),) if row else ()


def render_prompt(
    subject: Literal["draft", "article"], number: int, field: str, lang: UiLanguage
) -> OutgoingMessage:
    """Ask an editor for the value of a field, with a button back to the draft or article."""
    _ = translator(lang).gettext
    back_data = EditorialCallback(subject=subject, number=number, action="show").pack()
    back = Button(_("Back"), back_data)
    return OutgoingMessage(trusted_text(f"{_(FIELD_PROMPTS[field])}\n{_(CANCEL_HINT)}"), ((back,),))


def draft_data(number: int, action: str, argument: int | None = None) -> str:
    """Return the callback data of a draft's button."""
    if argument is None:
        return EditorialCallback(subject="draft", number=number, action=action).pack()
    return EditorialCallback(
        subject="draft", number=number, action=action, argument=argument
    ).pack()


def failure_text(label: str, reason: str, lang: UiLanguage) -> HtmlText:
    """Return that a source was not added, why, and what to do."""
    name = _sanitize(truncate(label, _MAX_NAME_LENGTH))
    return trusted_text(
        translator(lang)
        # Translators: {label}: an address or a file name; {reason}: a sentence that says why.
        .gettext("{label} was not added: {reason}")
        .format(label=name, reason=reason)
    )


def _open_questions(preview: DraftPreview, lang: UiLanguage) -> list[HtmlText]:
    _ = translator(lang).gettext
    blocks: list[HtmlText] = []
    if preview.hidden:
        blocks.append(trusted_text("⚠ " + _(HIDDEN_TEXT)))
    if preview.needs_date:
        printed = preview.printed_date or date_text(preview.prepared.draft.published, lang)
        which = (
            # Translators: {printed}: the date as the page has it.
            _("The date is written {printed}. Which day is it?")
            if preview.alternative_dates
            # Translators: {date}: a date.
            else _("The date {date} is unlikely. Is it right?")
        )
        day = _sanitize(date_text(preview.prepared.draft.published, lang))
        blocks.append(
            trusted_text(f"⚠ {which.format(printed=_sanitize(truncate(printed, 80)), date=day)}")
        )
    for duplicate in preview.duplicates[:MAX_DUPLICATES]:
        label = trusted_text(f"⚠ {_(DUPLICATE_KINDS[duplicate.kind])}")
        title = plain_text(truncate(duplicate.article.headline, _MAX_LINE_LENGTH // 2))
        blocks.append(join_html([label, title, render_citation(duplicate.article, lang)], "\n"))
    return blocks


def _date_buttons(preview: DraftPreview, lang: UiLanguage) -> Buttons:
    if not preview.needs_date:
        return ()
    _ = translator(lang).gettext
    day_labels = [date_text(day, lang) for day in preview.candidate_dates[:3]]
    if len(day_labels) == 1:
        # Translators: Button. {date}: a date.
        day_labels = [_("Yes, {date}").format(date=day_labels[0])]
    rows = [
        (Button(label, draft_data(preview.number, "day", index)),)
        for index, label in enumerate(day_labels)
    ]
    # Translators: Button.
    return (*rows, (Button(_("Unknown"), draft_data(preview.number, "noday")),))


def _decision_buttons(preview: DraftPreview, lang: UiLanguage) -> Buttons:
    """Return the buttons that publish the draft; not before its text and its date are certain."""
    _ = translator(lang).gettext
    if preview.hidden:
        # Translators: Button.
        label = _("Yes, it is the article")
        return ((Button(label, draft_data(preview.number, "text")),),)
    if preview.needs_date:
        return ()
    if not preview.duplicates:
        # Translators: Button.
        return ((Button(_("Publish"), draft_data(preview.number, "publish")),),)
    # Translators: Button.
    keep_button = Button(_("Keep both"), draft_data(preview.number, "keep"))
    replaced_number = preview.duplicates[0].article.number
    replace_data = draft_data(preview.number, "replace", replaced_number)
    # Translators: Button.
    return ((keep_button, Button(_("Replace"), replace_data)),)


def _sanitize(value: str) -> str:
    return isolate(strip_controls(value))
