"""A draft as an editor sees it before it counts: what was understood, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from bot.answers.views import citation
from bot.i18n.catalogue import (
    UI_LANGUAGE_NAMES,
    UI_LANGUAGES,
    WORDS,
    UiLanguage,
    shown_date,
    shown_number,
    shown_source,
)
from bot.i18n.editorial_strings import DESK
from bot.i18n.phrases import dated, isolated, visible
from bot.telegram.message import (
    MAX_URL_LENGTH,
    Button,
    Buttons,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    blockquote,
    bold,
    clipped,
    joined,
    link,
    text,
    trusted_text,
)
from index.dedup.near_duplicates import Duplicate
from index.draft_preparation import PreparedDraft
from index.models import DateProvenance, Draft

PER_PAGE = 8
"""So many drafts or articles are listed in one message."""
MAX_COPIES = 3
_FIRST_LINES = 600
_MAX_NAME_LENGTH = 150
_MAX_LINE_LENGTH = 300
_LABEL = 40


class DraftPreview(NamedTuple):
    """A draft, as the archive would hold it, with what is not yet clear of it."""

    number: int
    proof: PreparedDraft
    printed: str | None
    otherwise: tuple[datetime | date, ...]
    copies: tuple[Duplicate, ...]

    @property
    def asks_for_date(self) -> bool:
        """Whether the editor is to say which day it is."""
        return self.proof.draft.date_found is DateProvenance.UNCERTAIN

    @property
    def days(self) -> tuple[datetime | date, ...]:
        """The days that the date may mean, the likeliest first."""
        known = self.proof.draft.published
        return ((known,) if known else ()) + self.otherwise


class ListRow(NamedTuple):
    """A line of a list: what it is called, where from, and marks such as «copy?»."""

    data: str
    title: str
    of: Draft
    marks: tuple[str, ...]


def preview(shown: DraftPreview, lang: UiLanguage, back: Button | None = None) -> OutgoingMessage:
    """Lay out a draft, with the buttons that decide on it."""
    words = DESK[lang]
    title = clipped(shown.proof.headline, _MAX_LINE_LENGTH)
    blocks = [
        joined([trusted_text(f"{words['draft']}:"), bold(text(title))], "\n"),
        known(shown.proof, lang),
        first_lines(shown.proof),
        *_questions(shown, lang),
    ]
    rows = [*_date_buttons(shown, lang), *_decisions(shown, lang)]
    fields = [
        Button(words[f"edit {field}"], f"draft:{shown.number}:{field}")
        for field in ("published", "source", "title")
    ]
    last = [Button(words["discard"], f"draft:{shown.number}:discard")]
    rows += [tuple(fields), tuple([*last, back] if back else last)]
    return OutgoingMessage(joined(blocks, "\n"), tuple(rows))


def settled(proof: PreparedDraft, said: str, lang: UiLanguage, buttons: Buttons) -> OutgoingMessage:
    """Say what became of a draft."""
    title = bold(text(clipped(proof.headline, _MAX_LINE_LENGTH)))
    return OutgoingMessage(joined([trusted_text(said), title, known(proof, lang)], "\n"), buttons)


def known(proof: PreparedDraft, lang: UiLanguage) -> HtmlText:
    """Say source, date (and how it is known), author, language and length, a line each."""
    words, draft = DESK[lang], proof.draft
    source = clipped(shown_source(draft.source, lang), _MAX_NAME_LENGTH)
    lines = [words["source"].format(source=_run(source))]
    if draft.published is None:
        lines.append(words["date none"])
    else:
        day = _run(shown_date(draft.published, lang))
        lines.append(words["date"].format(date=day, how=words[draft.date_found]))
    if draft.author:
        lines.append(words["author"].format(author=_run(clipped(draft.author, _MAX_NAME_LENGTH))))
    if draft.language:
        ui_language_named = UI_LANGUAGES.get(draft.language.partition("-")[0])
        name = UI_LANGUAGE_NAMES[ui_language_named] if ui_language_named else draft.language
        lines.append(words["language"].format(language=name))
    length = proof.body.end - proof.body.start
    lines.append(words["length"].format(characters=shown_number(length, lang)))
    said = [trusted_text(line) for line in lines]
    if draft.url and len(draft.url) <= MAX_URL_LENGTH:
        said.append(link(WORDS[lang]["link"], draft.url))
    return joined(said, "\n")


def first_lines(proof: PreparedDraft) -> HtmlText:
    """Show how the story begins."""
    return blockquote(text(clipped(proof.body.of(proof.draft.text), _FIRST_LINES)))


def listed(
    head: HtmlText,
    lines: Sequence[ListRow],
    lang: UiLanguage,
    *,
    first: int = 1,
    buttons: Buttons = (),
) -> OutgoingMessage:
    """Lay out a list, a numbered button for each line, and what else can be done below."""
    blocks = [head]
    numbered: list[Button] = []
    for number, line in enumerate(lines, first):
        runs = [text(f"{number}. {clipped(line.title, _MAX_LINE_LENGTH // 2)}")]
        runs.append(bidi_isolate(text(clipped(shown_source(line.of.source, lang), _LABEL))))
        runs.append(bidi_isolate(text(dated(line.of, lang))))
        runs += [bold(trusted_text(mark)) for mark in line.marks]
        blocks.append(joined(runs, " · "))
        numbered.append(Button(str(number), line.data))
    half = (len(numbered) + 1) // 2 if len(numbered) > 5 else len(numbered)
    rows = [tuple(row) for row in (numbered[:half], numbered[half:]) if row]
    return OutgoingMessage(joined(blocks, "\n\n"), (*rows, *buttons))


def turns(data: str, page: int, *, more: bool) -> Buttons:
    """Return the buttons that lead to the pages before and after; `data` has room for {page}."""
    row = []
    if page > 0:
        row.append(Button("◀", data.format(page=page - 1)))
    if more:
        row.append(Button("▶", data.format(page=page + 1)))
    return (tuple(row),) if row else ()


def prompt(data: str, field: str, lang: UiLanguage) -> OutgoingMessage:
    """Ask an editor to write a field of what `data` names, with a way back to it."""
    words = DESK[lang]
    back = Button(words["back"], f"{data}:show")
    return OutgoingMessage(
        trusted_text(f"{words[f'write {field}']}\n{words['or cancel']}"), ((back,),)
    )


def said_of_failure(label: str, reason: str, lang: UiLanguage) -> HtmlText:
    """Say that something was not added, why, and what to do."""
    name = _run(clipped(label, _MAX_NAME_LENGTH))
    return trusted_text(DESK[lang]["failed one"].format(label=name, reason=reason))


def _questions(shown: DraftPreview, lang: UiLanguage) -> list[HtmlText]:
    words = DESK[lang]
    asked: list[HtmlText] = []
    if shown.asks_for_date:
        printed = shown.printed or shown_date(shown.proof.draft.published, lang)
        which = "which date" if shown.otherwise else "doubtful date"
        day = _run(shown_date(shown.proof.draft.published, lang))
        asked.append(
            trusted_text(f"⚠ {words[which].format(printed=_run(clipped(printed, 80)), date=day)}")
        )
    for copy in shown.copies[:MAX_COPIES]:
        about = trusted_text(f"⚠ {words[copy.how.name]}")
        title = text(clipped(copy.article.headline, _MAX_LINE_LENGTH // 2))
        asked.append(joined([about, title, citation(copy.article, lang)], "\n"))
    return asked


def _date_buttons(shown: DraftPreview, lang: UiLanguage) -> Buttons:
    if not shown.asks_for_date:
        return ()
    words, start = DESK[lang], f"draft:{shown.number}:day"
    days = [shown_date(day, lang) for day in shown.days[:3]]
    if len(days) == 1:
        days = [words["yes, date"].format(date=days[0])]
    rows = [(Button(day, f"{start}:{place}"),) for place, day in enumerate(days)]
    return (*rows, (Button(words["unknown date"], f"draft:{shown.number}:noday"),))


def _decisions(shown: DraftPreview, lang: UiLanguage) -> Buttons:
    """Offer nothing to publish before the day is clear."""
    if shown.asks_for_date:
        return ()
    words, start = DESK[lang], f"draft:{shown.number}"
    if not shown.copies:
        return ((Button(words["publish"], f"{start}:publish"),),)
    both = Button(words["keep both"], f"{start}:keep")
    old = shown.copies[0].article.number
    return ((both, Button(words["replace"], f"{start}:replace:{old}")),)


def _run(words: str) -> str:
    return isolated(visible(words))
