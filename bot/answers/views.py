"""Render an answer as a message: each quote in a block, its best sentence in bold, its citation.

Without an answer, the message says so, and buttons offer other searches.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple, Self

from bot.answers.callbacks import (
    AnswerAction,
    AnswerCallback,
    FeedbackCallback,
    OverviewCallback,
    PartCallback,
    QuoteCallback,
)
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import (
    answer_heading,
    archive_end_lines,
    archive_stats_text,
    event_text,
    is_narrow,
    nearest_lines,
    newest_on_subject_lines,
    no_answer_lines,
    search_lines,
    strip_controls,
)
from bot.i18n.translations import translator
from bot.telegram.message import (
    Button,
    Buttons,
    OutgoingMessage,
    bold,
    join_html,
    plain_text,
    truncate,
    trusted_text,
)
from bot.views.quotes import FindNames, article_groups, render_article_quotes
from index.models import Answer, ArchiveStats, Quote
from index.search.event_grouping import event_starts, publication_day
from index.text.gazetteer import GazetteerEntry

_MAX_REPEATED_LENGTH = 200
"""The longest question that is repeated above its answer, in characters."""
_MAX_HALF_ROW_LABEL = 20
"""The longest label of a button that a phone shows whole beside another one, in characters."""


def no_names(_: str) -> Sequence[GazetteerEntry]:
    """Return no name: `FindNames` of an archive without known names."""
    return ()


class RenderedAnswer(NamedTuple):
    """A message, and the number of quotes that fit in it."""

    message: OutgoingMessage
    quote_count: int


def render_answer(
    answer: Answer,
    lang: UiLanguage,
    update_id: int,
    *,
    late: bool,
    has_more: bool,
    repeats_question: bool = False,
    periods: RecentPeriods | None = None,
    find_names: FindNames = no_names,
) -> RenderedAnswer:
    """Render an answer to the update `update_id`, below its question if `repeats_question`.

    `late` adds an apology; `has_more` says that there are more quotes than those of `answer`.
    Buttons narrow it to the recent `periods`.
    """
    heading = [
        *_apology_lines(lang, late=late),
        *([_quoted_question(answer)] if repeats_question else []),
        *search_lines(answer, lang),
        answer_heading(answer, lang),
    ]
    return render_quotes(
        heading,
        answer.quotes,
        lang,
        update_id,
        has_more=has_more,
        offers=Offers.for_answer(answer)._replace(
            newest=_has_newer_below(answer.quotes), periods=periods or RecentPeriods()
        ),
        find_names=find_names,
        asks_for_feedback=True,
    )


def recent_periods(quotes: Sequence[Quote], today: date, stats: ArchiveStats) -> RecentPeriods:
    """Return the current month and year where they have articles and some quotes are older."""
    days = list(filter(None, map(publication_day, quotes)))
    if not days or stats.until is None:
        return RecentPeriods()
    oldest = min(days)
    month_start, year_start = today.replace(day=1), today.replace(month=1, day=1)
    return RecentPeriods(
        month=month_start if oldest < month_start <= stats.until else None,
        year=today.year if oldest < year_start <= stats.until else None,
    )


def _has_newer_below(quotes: Sequence[Quote]) -> bool:
    """Return whether a quote is newer than one above it."""
    days = filter(None, map(publication_day, quotes))
    return any(later > earlier for earlier, later in pairwise(days))


def render_parts(
    answers: Sequence[Answer],
    lang: UiLanguage,
    update_id: int,
    *,
    quotes_per_part: int,
    late: bool,
    find_names: FindNames = no_names,
) -> RenderedAnswer:
    """Render the answers to the questions of one message, each below its question.

    A button for each answers that question alone. Parts that do not fit have only their button.
    """
    blocks = [plain_text(line) for line in _apology_lines(lang, late=late)]
    count = 0
    for answer in answers:
        lines = [
            bold(trusted_text(_quoted_question(answer))),
            *(trusted_text(line) for line in _part_lines(answer, lang)),
        ]
        quotes = answer.quotes[:quotes_per_part]
        rendered = [
            render_article_quotes(count + place, [quote], lang, find_names)
            for place, quote in enumerate(quotes, 1)
        ]
        part = join_html([join_html(lines, "\n"), *rendered], "\n")
        if not join_html([*blocks, part], "\n\n").fits():
            break
        blocks.append(part)
        count += len(quotes)
    # Translators: Button. {number}: the number of a question in the message.
    label = translator(lang).gettext("Question {number} alone")
    parts = tuple(
        (
            Button(
                label.format(number=part + 1), PartCallback(update_id=update_id, part=part).pack()
            ),
        )
        for part in range(len(answers))
    )
    buttons = (*context_buttons(count, lang, update_id, first_number=1), *parts)
    return RenderedAnswer(OutgoingMessage(join_html(blocks, "\n\n"), buttons), count)


def _quoted_question(answer: Answer) -> str:
    return f"«{strip_controls(truncate(answer.question, _MAX_REPEATED_LENGTH))}»"


def _part_lines(answer: Answer, lang: UiLanguage) -> list[str]:
    if answer.answered:
        return [*search_lines(answer, lang), answer_heading(answer, lang)]
    return no_answer_lines(answer, lang)


def render_no_answer(
    answer: Answer,
    stats: ArchiveStats,
    lang: UiLanguage,
    update_id: int,
    *,
    late: bool,
    has_newest: bool = False,
) -> OutgoingMessage:
    """Say that there is no answer, describe the archive, and offer other searches as buttons.

    `has_newest` says that the archive has dated articles on the question's subject.
    """
    lines = _apology_lines(lang, late=late)
    if not stats.articles:
        return OutgoingMessage(trusted_text("\n\n".join([*lines, archive_stats_text(stats, lang)])))
    lines += [
        *no_answer_lines(answer, lang),
        *(archive_end_lines(answer, stats, lang) or [archive_stats_text(stats, lang)]),
    ]
    offers = Offers.for_answer(answer)._replace(
        nearest=bool(answer.nearest), latest=has_newest, overview=True
    )
    buttons = follow_up_buttons(lang, update_id, offers)
    return OutgoingMessage(trusted_text("\n\n".join(lines)), buttons)


def render_nearest(
    answer: Answer,
    lang: UiLanguage,
    update_id: int,
    *,
    has_more: bool,
    first_number: int = 1,
    find_names: FindNames = no_names,
    on_subject: bool = False,
    has_newest: bool = False,
) -> RenderedAnswer:
    """Render the passages nearest to a question without an answer, labelled as such.

    `on_subject` says that they are the newest articles on its subject, `has_newest` that there are
    any, which a button then shows.
    """
    heading = newest_on_subject_lines(answer, lang) if on_subject else nearest_lines(answer, lang)
    return render_quotes(
        heading,
        answer.nearest,
        lang,
        update_id,
        first_number=first_number,
        has_more=has_more,
        offers=Offers.for_answer(answer)._replace(nearest=on_subject, latest=has_newest),
        find_names=find_names,
    )


def render_quotes(
    heading: Sequence[str],
    quotes: Sequence[Quote],
    lang: UiLanguage,
    update_id: int,
    *,
    first_number: int = 1,
    has_more: bool = False,
    offers: Offers | None = None,
    find_names: FindNames = no_names,
    asks_for_feedback: bool = False,
) -> RenderedAnswer:
    """Render the quotes that fit below `heading`, at least one.

    The quotes are numbered from `first_number`; those of one article share its headline and its
    citation. If they tell several events, the days of each stand before its quotes, and each year
    has a button.
    """
    starts_of_events = event_starts(quotes)
    title = join_html([bold(trusted_text(line)) for line in heading], "\n")
    blocks = [title] if heading else []
    count = 0
    for group in article_groups(quotes):
        event_quotes = starts_of_events.get(count)
        head = [bold(plain_text(event_text(event_quotes, lang)))] if event_quotes else []
        for size in range(len(group), 0, -1):
            shown = render_article_quotes(first_number + count, group[:size], lang, find_names)
            block = join_html([*head, shown], "\n")
            if join_html([*blocks, block], "\n\n").fits() or count + size == 1:
                blocks.append(block)
                count += size
                break
        else:
            break
        if size < len(group):
            break
    has_more = has_more or count < len(quotes)
    years = {quote.event[:4] for quote in quotes[:count] if quote.event} if starts_of_events else ()
    follow_ups = follow_up_buttons(
        lang,
        update_id,
        (offers or Offers())._replace(
            more=has_more, years=tuple(sorted(map(int, years), reverse=True))
        ),
    )
    buttons = (*context_buttons(count, lang, update_id, first_number=first_number), *follow_ups)
    if asks_for_feedback:
        buttons = (*buttons, _feedback_row(update_id))
    return RenderedAnswer(OutgoingMessage(join_html(blocks, "\n\n"), buttons), count)


def _feedback_row(update_id: int) -> tuple[Button, ...]:
    return (
        Button("👍", FeedbackCallback(action="up", update_id=update_id).pack()),
        Button("👎", FeedbackCallback(action="down", update_id=update_id).pack()),
    )


def context_buttons(count: int, lang: UiLanguage, update_id: int, *, first_number: int) -> Buttons:
    """Return one row of buttons, which show the context of each of `count` quotes."""
    # Translators: Button. {number}: the quote's number.
    label = translator(lang).gettext("Context {number}")
    row = tuple(
        Button(
            label.format(number=first_number + index),
            QuoteCallback(action="around", update_id=update_id, quote_index=index).pack(),
        )
        for index in range(count)
    )
    return (row,) if row else ()


class RecentPeriods(NamedTuple):
    """The current month, by its first day, and year, if an answer can be narrowed to them."""

    month: date | None = None
    year: int | None = None


class Offers(NamedTuple):
    """What the buttons below an answer offer."""

    more: bool = False
    newest: bool = False
    """The same quotes and others, the newest first."""
    nearest: bool = False
    latest: bool = False
    """The newest articles on the question's subject."""
    overview: bool = False
    """What the archive holds."""
    as_written: bool = False
    all_sources: bool = False
    all_dates: bool = False
    years: Sequence[int] = ()
    """The years of its events, if there are several; one year alone is not offered."""
    periods: RecentPeriods = RecentPeriods()

    @classmethod
    def for_answer(cls, answer: Answer) -> Self:
        """Return the offers that undo the interpretation of the question."""
        return cls(
            as_written=bool(answer.corrected or answer.understood),
            all_sources=bool(answer.sources),
            all_dates=is_narrow(answer.window),
        )


def follow_up_buttons(lang: UiLanguage, update_id: int, offers: Offers) -> Buttons:
    """Return the buttons that continue an answer: more, periods and years, other searches."""
    _ = translator(lang).gettext

    def button(label: str, action: AnswerAction, **fields: int) -> Button:
        return Button(label, AnswerCallback(action=action, update_id=update_id, **fields).pack())

    quotes_row = []
    if offers.more:
        # Translators: Button.
        quotes_row.append(button(_("More quotes"), "more"))
    if offers.newest:
        # Translators: Button. It shows the newest quotes first.
        quotes_row.append(button(_("Newest first"), "newest"))
    dates_row = []
    if month := offers.periods.month:
        # Translators: Button. It shows what was published this month.
        label = _("This month")
        dates_row.append(button(label, "month", year=month.year, month=month.month))
    if offers.periods.year:
        # Translators: Button. It shows what was published this year.
        dates_row.append(button(_("This year"), "year", year=offers.periods.year))
    if len(offers.years) > 1:
        dates_row += [
            # Translators: Button. {year}: a year; it shows what was published in that year.
            button(_("Only {year}").format(year=year), "year", year=year)
            for year in offers.years
            if year != offers.periods.year
        ]
    searches = (
        # Translators: Button.
        (offers.nearest, button(_("Nearest passages"), "nearest")),
        # Translators: Button. It shows the newest articles on the subject of the question.
        (offers.latest, button(_("The latest on this"), "latest")),
        # Translators: Button. It shows what the archive holds, as a picture.
        (offers.overview, Button(_("Archive contents"), OverviewCallback().pack())),
        # Translators: Button. It searches the question without corrections.
        (offers.as_written, button(_("Search as written"), "literal")),
        # Translators: Button.
        (offers.all_sources, button(_("Search all sources"), "sources")),
        # Translators: Button.
        (offers.all_dates, button(_("Search all dates"), "all")),
    )
    offered = [each for is_offered, each in searches if is_offered]
    rows = (quotes_row, dates_row, *_pair_short(offered))
    return tuple(tuple(row) for row in rows if row)


def _pair_short(buttons: Sequence[Button]) -> list[list[Button]]:
    """Return rows of the buttons in order, two in a row where a phone shows both labels whole."""
    rows: list[list[Button]] = []
    for button in buttons:
        row = [*rows[-1], button] if rows else []
        if len(row) == 2 and all(len(one.label) <= _MAX_HALF_ROW_LABEL for one in row):
            rows[-1] = row
        else:
            rows.append([button])
    return rows


def _apology_lines(lang: UiLanguage, *, late: bool) -> list[str]:
    return (
        [
            translator(lang).gettext(
                "Sorry, I was offline when your question came. Here is the answer, late."
            )
        ]
        if late
        else []
    )
