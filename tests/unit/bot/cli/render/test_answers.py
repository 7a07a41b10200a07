from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from bot.cli.render import answers
from bot.i18n import phrases
from bot.i18n.formats import date_text
from bot.i18n.languages import match_ui_language
from index.models import Answer, ArchiveStats, Article, Confidence, DateWindow, Quote
from index.questions import InvalidQuestion, QuestionError

FSI, PDI = "\u2068", "\u2069"
STATS = ArchiveStats(articles=1200, passages=5, since=date(2026, 1, 10), until=date(2026, 2, 4))


def article(**fields: object) -> Article:
    known = {
        "id": "port",
        "text": "وصل الوفد. ثم غادر.",
        "headline": "وصل الوفد.",
        "language": "ar",
        "source": "صحيفة نوران",
        "published": "2026-02-04T12:51",
        "number": 1,
        "added_at": datetime(2026, 2, 5, tzinfo=UTC),
    }
    return Article.model_validate({**known, **fields})


def quote(of: Article, **fields: object) -> Quote:
    known = {
        "text": of.text,
        "start": 0,
        "end": len(of.text),
        "highlight": (0, 10),
        "score": 0.8,
        "article": of,
    }
    return Quote.model_validate({**known, **fields})


def answer(*quotes: Quote, window: DateWindow | None = None) -> Answer:
    confidence = Confidence.SURE if quotes else Confidence.NONE
    return Answer(question="q", confidence=confidence, window=window, quotes=quotes)


@pytest.mark.parametrize(
    ("published", "lang", "shown"),
    [
        (datetime(2026, 2, 4, 12, 51), "ar", "4 فبراير 2026، 12:51"),  # noqa: DTZ001
        (date(2026, 2, 4), "ar", "4 فبراير 2026"),
        (date(2026, 2, 4), "en", "4 February 2026"),
        (date(2026, 2, 4), "fr", "4 février 2026"),
        (None, "ar", "التاريخ غير معروف"),
        (
            datetime(2026, 2, 4, 0, 30, tzinfo=timezone(timedelta(hours=4))),
            "en",
            "4 February 2026, 00:30",
        ),
    ],
)
def test_a_date_is_shown_as_the_sources_own_clock_gave_it(
    published: date | None, lang: str, shown: str
) -> None:
    assert date_text(published, lang) == shown  # type: ignore[arg-type]


def test_a_citation_has_source_date_and_link_each_in_its_own_isolate() -> None:
    cited = answers.citation_line(article(url="https://noran.example/1"), "ar")
    assert cited == " · ".join(
        f"{FSI}{part}{PDI}"
        for part in ("صحيفة نوران", "4 فبراير 2026، 12:51", "https://noran.example/1")
    )


def test_a_reader_of_another_language_gets_the_date_in_that_language_once() -> None:
    assert "· \u20684 February 2026, 12:51\u2069" in answers.citation_line(article(), "en")
    assert "2026-02-04" not in answers.citation_line(article(), "en")
    first_of_may = article(published="2026-05-01")
    assert "\u20681er mai 2026\u2069" in answers.citation_line(first_of_may, "fr")


def test_an_unknown_source_and_date_are_called_so() -> None:
    cited = answers.citation_line(article(source=None, published=None), "ar")
    assert "المصدر غير معروف" in cited
    assert "التاريخ غير معروف" in cited


def test_the_best_sentence_is_bold_or_in_brackets_and_the_words_stay_the_same() -> None:
    shown = quote(article())
    assert f"{FSI}\x1b[1mوصل الوفد.\x1b[22m ثم غادر.{PDI}" in answers.quote_lines(
        1, shown, "ar", answers.BOLD
    )
    assert f"{FSI}⟦وصل الوفد.⟧ ثم غادر.{PDI}" in answers.quote_lines(
        1, shown, "ar", answers.BRACKETS
    )


def test_a_quote_of_one_sentence_is_not_marked() -> None:
    whole = quote(article(), highlight=(0, len(article().text)))
    assert "⟦" not in "".join(answers.quote_lines(1, whole, "ar", answers.BRACKETS))


def test_a_quote_of_two_paragraphs_isolates_each() -> None:
    text = "وصل الوفد.\nThe end."
    lines = answers.quote_lines(1, quote(article(text=text), text=text), "ar", answers.BRACKETS)
    assert lines[1:] == [f"{FSI}⟦وصل الوفد.⟧{PDI}", f"{FSI}The end.{PDI}"]


def test_others_that_carry_the_passage_are_named() -> None:
    shown = quote(article(), also=(article(id="b", source="وكالة الرمال"),))
    assert "وكالة الرمال" in answers.quote_lines(1, shown, "ar", answers.BRACKETS)[-1]


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\x07", "\u202e", "\x9b31m", "\u2066"])
def test_nothing_in_an_article_drives_the_terminal(hostile: str) -> None:
    text = f"وصل {hostile}الوفد."
    of = article(text=text, source=f"صحيفة{hostile}")
    shown = "\n".join(
        answers.quote_lines(1, quote(of, text=text, highlight=(0, len(text))), "ar", answers.BOLD)
    )
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "\x9b" not in shown
    assert "\u202e" not in shown
    assert shown.count("\u2066") == 0


def test_joiners_that_spelling_needs_are_kept() -> None:
    for word in ("می\u200cخواهم", "\u06dd١٢", "\u2060و", "🏴\U000e0067\U000e007f"):
        assert phrases.strip_controls(word) == word


@pytest.mark.parametrize("lang", ["ar", "en", "fr"])
def test_every_screen_can_be_said_in_every_language(lang: str) -> None:
    window = DateWindow(since=date(2026, 1, 1), until=date(2026, 2, 1))
    found = answer(quote(article()), window=window)
    assert "2026" in answers.render_answer(found, STATS, lang, answers.BRACKETS)  # type: ignore[arg-type]
    for searched in (0, 7):
        none = Answer(
            question="q", confidence=Confidence.NONE, window=window, quotes=(), searched=searched
        )
        assert "2026" in answers.render_answer(none, STATS, lang, answers.BRACKETS)  # type: ignore[arg-type]
        assert "2026" in answers.render_nearest_quotes(none, lang, answers.BRACKETS)  # type: ignore[arg-type]
    for fault in QuestionError:
        assert phrases.question_error_text(InvalidQuestion(fault, 5000), lang)  # type: ignore[arg-type]


def test_an_open_window_is_said_from_its_one_end() -> None:
    assert phrases.window_text(DateWindow(since=date(2026, 2, 4)), "en") == "since 4 February 2026"
    assert (
        phrases.window_text(DateWindow(until=date(2026, 2, 4)), "fr") == "jusqu'au 4 février 2026"
    )


@pytest.mark.parametrize(
    ("window", "searched", "said", "head"),
    [
        (None, 7, "The archive has no answer to this question.", ""),
        (
            DateWindow(since=date(2027, 1, 1)),
            7,
            "Nothing that was published since 1 January 2027 answers this question.",
            "Searched only articles published since 1 January 2027.\n",
        ),
        (
            DateWindow(since=date(2027, 1, 1)),
            0,
            "Nothing in the archive was published since 1 January 2027.",
            "Nothing in the archive was published since 1 January 2027.\n",
        ),
    ],
)
def test_without_an_answer_it_is_said_what_is_held_and_the_nearest_are_called_that(
    window: DateWindow | None, searched: int, said: str, head: str
) -> None:
    none = Answer(
        question="q", confidence=Confidence.NONE, window=window, quotes=(), searched=searched
    )
    found = none.model_copy(update={"nearest": (quote(article()),)})
    contents = (
        "The newest article in the archive is from 4 February 2026."
        if window
        else "Articles in the archive: 1,200 (from 10 January 2026 to 4 February 2026)."
    )
    assert answers.render_answer(found, STATS, "en", answers.BOLD) == f"{said}\n{contents}"
    outside = "" if searched else " outside those dates"
    near = answers.render_nearest_quotes(found, "en", answers.BOLD)
    assert near.startswith(
        f"{head}The nearest passages{outside}, which may not answer the question:\n\n1. "
    )
    assert "صحيفة نوران" in near


def test_an_answer_says_first_which_dates_were_searched() -> None:
    for window, head in ((None, []), (phrases.ALL_DATES, ["All dates were searched."])):
        rendered = answers.render_answer(
            answer(quote(article()), window=window), STATS, "en", answers.BOLD
        )
        assert rendered.split("\n\n")[0].split("\n") == [*head, "From the archive:"]


def test_an_archive_without_dates_says_only_how_many_articles_it_has() -> None:
    contents = ArchiveStats(articles=3, passages=3, since=None, until=None)
    assert "3" in phrases.archive_contents_text(contents, "en")
    assert "None" not in phrases.archive_contents_text(contents, "en")


def test_a_language_that_the_bot_does_not_speak_falls_back() -> None:
    assert [match_ui_language(each, "ar") for each in ("en", "fr", "ar", "fa", None)] == [
        "en",
        "fr",
        "ar",
        "ar",
        "ar",
    ]
