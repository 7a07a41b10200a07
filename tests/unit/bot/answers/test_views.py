"""Messages as Telegram takes them: answers and their citations, the lines around a quote, pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers.callbacks import QuoteCallback
from bot.answers.excerpt_view import (
    quote_buttons,
    render_citations,
    render_excerpt,
    render_page,
)
from bot.answers.views import (
    render_answer,
    render_nearest,
    render_no_answer,
    render_quotes,
)
from bot.i18n.languages import UI_LANGUAGES, UiLanguage
from bot.telegram.message import MAX_URL_LENGTH, MIN_EXPANDABLE_UNITS
from bot.views.quotes import (
    MAX_ALSO_REPORTED_BY,
    group_by_article,
    render_citation,
    render_quote,
)
from index.models import Article, Confidence, DateWindow, Excerpt, Quote
from index.text.gazetteer import GazetteerEntry
from tests.fakes.telegram.entities import parse_html
from tests.fakes.telegram.text import Entity, Parsed
from tests.fixtures.messages import JANUARY, STATS, answer, article, datas, no_answer, quote, taken

FSI, PDI = "\u2068", "\u2069"
LARGEST = 2**62 - 1
SIGNS = "😀|👩\u200d👩\u200d👧|🏴\U000e0067\U000e007f|</blockquote>|<a href='x'>|<b>|&amp;|&#60;|&|<|>|\"|'|\\|\n|\r\n"
MARKS = "\u202e|\u2067|\u2069|\u200f|\u200e|\u2028|\u2029|\ufeff|\u200b|\x1b[2J|\x9b|\x07|a\u030a|\uffff|…| |\u00a0|1."
PIECES = f"وصل الوفد إلى نوران. |Layla said “no”. |{'n' * 700}|{SIGNS}|{MARKS}".split("|")
PATHS = ["a", "&", "&amp;", '"', "'", "<", ">", "%20", "?", "#", "ن", "😀", "</a>"]
TALKED = ["وصل", "Amal", "<b>", "&lt;", '"', "😀", "👩\u200d👧", "\n\n", " ", "می\u200cخ"]


def repeated(pieces: list[str], *times: int, longest: int) -> st.SearchStrategy[str]:
    made = st.lists(st.sampled_from(pieces), max_size=20).map("".join)
    return st.builds(lambda text, n: (text * n)[:longest], made, st.sampled_from(times))


PAGE = QuoteCallback(action="page", update_id=7, quote_index=0)
LINK = "https://t.me/bot?start=q1"
PLAIN = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=60)
HOSTILE = PLAIN | repeated(PIECES, 1, 1, 9, longest=9_000)
LINES = st.none() | HOSTILE.map(lambda line: line[:1_000])
URLS = repeated(PATHS, 1, 1, 150, 1_000, longest=3_900).map("https://noran.example/{}".format)
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
TIMES = DAYS.map(lambda day: datetime.combine(day, time(23, 30), UTC))
WHEN = DAYS | TIMES | st.none()
WINDOWS = st.none() | st.builds(DateWindow, since=WHEN, until=WHEN)
SPEECH, KEYS = st.sampled_from(list(UI_LANGUAGES.values())), st.integers(0, LARGEST)
TALK = repeated(TALKED, 1, 3, longest=900).map("نوران{}.".format)


def cut(of: Article, first: int, last: int, start: int = 0, end: int | None = None) -> Excerpt:
    end = len(of.text) if end is None else end
    around = {"before": start > 0, "after": end < len(of.text)}
    return Excerpt(article=of, start=start, end=end, quoted=(first, last), **around)


LANGUAGES = st.sampled_from(["ar", "en", "fr", "de", None])
KNOWN = {"title": LINES, "source": LINES, "url": st.none() | URLS, "language": LANGUAGES}
ARTICLES = st.builds(article, HOSTILE.map("ن{}".format), published=WHEN, **KNOWN)


@st.composite
def quotes_by_hand(draw: st.DrawFn) -> Quote:
    words = draw(HOSTILE)
    end = draw(st.integers(0, len(words)))
    also = draw(st.lists(ARTICLES, max_size=2)) * draw(st.sampled_from([1, 50]))
    return quote(draw(ARTICLES), text=words, highlight=(draw(st.integers(0, end)), end), also=also)


def part(found: Parsed, entity: Entity) -> str:
    start, end = entity["offset"], entity["offset"] + entity["length"]
    return found.text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def block(found: Parsed) -> tuple[str, list[str]]:
    """Return the words of the first quote, and what is bold in it."""
    whole = next(each for each in found.entities if each["type"].endswith("blockquote"))
    inside = range(whole["offset"], whole["offset"] + whole["length"])
    bold = [each for each in found.entities if each["type"] == "bold"]
    return part(found, whole), [part(found, each) for each in bold if each["offset"] in inside]


def answered_with(*found: Quote) -> Parsed:
    return taken(render_answer(answer(*found), "ar", LARGEST, late=False, has_more=False).message)


def cited(of: Article, lang: UiLanguage = "ar") -> str:
    return parse_html(render_citation(of, lang).html).text


@given(st.lists(quotes_by_hand(), min_size=1, max_size=5), SPEECH, KEYS, st.booleans(), WINDOWS)
def test_telegram_takes_an_answer_whatever_it_quotes(
    found: list[Quote], lang: UiLanguage, key: int, extra: bool, window: DateWindow | None
) -> None:
    laid = render_answer(answer(*found, window=window), lang, key, late=extra, has_more=extra)
    taken(laid.message)
    assert 1 <= laid.quote_count <= len(found)
    taken(render_quotes([], found, lang, key, first_number=60, has_more=extra).message)
    none = no_answer(*found, window=window, searched=7 * extra)
    taken(render_no_answer(none, STATS, lang, key, late=extra))
    taken(render_nearest(none, lang, key, has_more=extra).message)


@given(ARTICLES, SPEECH, KEYS, st.tuples(*[st.integers(0, 9_000)] * 4), st.integers(-2, 9))
def test_telegram_takes_the_lines_around_a_quote_and_a_page_of_any_article(
    of: Article, lang: UiLanguage, key: int, at: tuple[int, ...], number: int
) -> None:
    start, first, last, end = sorted(min(place, len(of.text)) for place in at)
    page = QuoteCallback(action="page", update_id=key, quote_index=999)
    buttons = quote_buttons(of, lang, page, LINK, has_full_text=True, searches_source=True)
    taken(render_excerpt(cut(of, first, last, start, end), lang, buttons))
    taken(render_page(of, number, lang, page))
    taken(render_citations(of, lang))


@given(TALK | st.just(""), TALK, TALK | st.just(""))
def test_a_quote_shows_its_best_sentence_word_for_word_and_in_bold_among_others(
    before: str, best: str, after: str
) -> None:
    words = before + best + after
    excerpt, marked = block(
        answered_with(quote(article(words), highlight=(len(before), len(before + best))))
    )
    assert excerpt in words
    assert best in excerpt
    assert marked == ([] if excerpt == best else [best])


def test_nothing_in_an_article_turns_what_stands_around_it() -> None:
    of = article("وصل\u2067 الوفد.\x07\u2069\u202e", source="ص\u2067\u2069ن\u2066")
    found = answered_with(quote(of, highlight=(0, len(of.text))))
    assert block(found)[0] == "وصل الوفد. "
    assert f"{FSI}صن{PDI}" in found.text
    assert "\u2067" not in found.text


@pytest.mark.parametrize(("longer", "kind"), [(-1, "blockquote"), (0, "expandable_blockquote")])
def test_a_long_passage_is_folded_and_a_short_one_is_not(longer: int, kind: str) -> None:
    passage = quote(article("😀" + "ن" * (MIN_EXPANDABLE_UNITS - 2 + longer)))
    found = parse_html(render_quote(1, passage, "ar").html)
    assert [each["type"] for each in found.entities if "quote" in each["type"]] == [kind]


@pytest.mark.parametrize(
    ("highlight", "kind"), [((10, 120), "expandable_blockquote"), ((10, 121), "blockquote")]
)
def test_a_passage_is_not_folded_over_its_best_sentence(
    highlight: tuple[int, int], kind: str
) -> None:
    found = parse_html(render_quote(1, quote(article("ن" * 500), highlight=highlight), "ar").html)
    assert [each["type"] for each in found.entities if "quote" in each["type"]] == [kind]


def test_an_answer_never_folds_the_best_sentence_and_leaves_out_what_is_far_from_it() -> None:
    sentences = [f"قال المدير {word * 40}. " for word in ("ألف ", "باء ", "جيم ")]
    start, end = len(sentences[0]), len(sentences[0] + sentences[1]) - 1
    found = answered_with(quote(article("".join(sentences)), highlight=(start, end)))
    [shown] = [each for each in found.entities if "quote" in each["type"]]
    assert (shown["type"], part(found, shown)) == ("blockquote", sentences[1].strip())


def test_quotes_of_one_article_share_its_headline_and_its_citation() -> None:
    of = article("وصل الوفد. ثم غادر.", title="الوفد في نوران", headline="الوفد في نوران")
    quotes = quote(of, text="وصل الوفد.", end=10), quote(of, text="ثم غادر.", highlight=(0, 8))
    other = quote(article(id="rain", source="وكالة"))
    grouped = group_by_article([quotes[0], other, quotes[1]])
    assert [each.article.id for each in grouped] == ["port", "port", "rain"]
    lines = answered_with(*grouped).text.split("\n")
    assert lines[2:6] == ["الوفد في نوران", "وصل الوفد.", "ثم غادر.", lines[5]]
    assert lines[5].startswith("\u200f1–2. ")
    assert lines[-1].startswith("\u200f3. ")


def test_a_reader_of_another_language_learns_what_a_quote_is_about() -> None:
    def find_names(text: str) -> list[GazetteerEntry]:
        entry = GazetteerEntry(
            kind="place", ar=("نوران",), en=("Noran",), fr=("Noran",), seen=("a map",)
        )
        return [entry] if "نوران" in text else []

    of = article("وصل الوفد إلى نوران.", headline="وصل الوفد إلى نوران.")
    found = render_answer(
        answer(quote(of, highlight=(0, 20))),
        "en",
        7,
        late=False,
        has_more=False,
        find_names=find_names,
    )
    assert "\u200eIn Arabic · names: Noran" in taken(found.message).text.split("\n")


@pytest.mark.parametrize(
    ("lang", "heading"),
    [
        ("ar", "قد يجيب هذا عن سؤالكم:"),
        ("en", "This may answer your question:"),
        ("fr", "Ceci répond peut-être à votre question\u202f:"),
    ],
)
def test_an_answer_that_only_may_answer_says_so_above_its_quotes(
    lang: UiLanguage, heading: str
) -> None:
    found = answer(quote()).model_copy(update={"confidence": Confidence.POSSIBLE})
    rendered = render_answer(found, lang, 7, late=False, has_more=False)
    assert taken(rendered.message).text.startswith(heading)


def test_a_citation_follows_its_quote_with_source_date_and_link_each_on_its_own() -> None:
    lines = answered_with(quote(article(url="https://noran.example/1"))).text.split("\n")
    assert lines[-2] == "وصل الوفد. ثم غادر."
    assert lines[-1] == f"\u200f1. {FSI}صحيفة نوران{PDI} · {FSI}4 فبراير 2026، 12:51{PDI} · رابط"


def test_a_latin_source_has_the_date_in_the_readers_language() -> None:
    said = cited(article(source="Asharq Al-Awsat", published="2026-02-04"))
    assert said == f"\u200f{FSI}Asharq Al-Awsat{PDI} · {FSI}4 فبراير 2026{PDI}"


def test_who_reads_an_arabic_article_in_english_gets_one_date_in_english() -> None:
    said = cited(article(), "en")
    assert said == f"\u200e{FSI}صحيفة نوران{PDI} · {FSI}4 February 2026, 12:51{PDI}"
    assert cited(article())[0] == "\u200f"


def test_an_unknown_source_and_an_unknown_date_are_called_so() -> None:
    said = cited(article(source=None, published=None, language=None), "fr")
    assert said == f"\u200e{FSI}source inconnue{PDI} · {FSI}date inconnue{PDI}"


@pytest.mark.parametrize("rest", ["", "a?b=1&amp=2&lt;c=\"'<b>", "ن😀#x", "a" * 1_978])
def test_a_link_leads_to_the_articles_own_address(rest: str) -> None:
    url = f"https://noran.example/{rest}"
    found = parse_html(render_citation(article(url=url), "en").html)
    [link] = found.entities
    assert (part(found, link), link["type"], link["url"]) == ("link", "text_link", url)


def test_an_address_that_is_too_long_for_a_link_is_left_out() -> None:
    address = "https://noran.example/".ljust(MAX_URL_LENGTH + 1, "a")
    assert render_citation(article(url=address), "en") == render_citation(article(), "en")


def test_others_that_carry_the_passage_are_named_and_the_rest_counted() -> None:
    also = tuple(article(id=f"{number}", source=f"وكالة {number}") for number in range(10))
    last = answered_with(quote(also=also)).text.split("\n")[-1]
    assert [f"وكالة {number}" in last for number in range(10)] == [True] * MAX_ALSO_REPORTED_BY + [
        False
    ] * 7
    assert last.endswith("+7")


def test_what_was_searched_and_that_it_is_late_stand_above_the_quotes_in_bold() -> None:
    found = taken(
        render_answer(answer(quote(), window=JANUARY), "en", 7, late=True, has_more=False).message
    )
    head = [part(found, entity) for entity in found.entities if entity["type"] == "bold"][:3]
    searched = "Searched only articles published from 1 January 2026 to 31 January 2026."
    assert head == [
        ("Sorry, I was offline when your question came. Here is the answer, late."),
        searched,
        "From the archive:",
    ]
    assert found.text.startswith("\n".join(head))


@pytest.mark.parametrize("more", [False, True])
def test_each_quote_has_a_button_and_more_only_where_there_are(more: bool) -> None:
    screen = render_answer(answer(quote(), quote()), "en", 7, late=False, has_more=more).message
    assert datas(screen) == ["around:7:0", "around:7:1", *["more:7"] * more, "up:7", "down:7"]
    assert [button.label for button in screen.buttons[0]] == ["Context 1", "Context 2"]


def test_quotes_that_have_no_room_are_left_to_the_more_button_and_none_is_cut() -> None:
    texts = [f"{number} " + "ن" * 890 + "." for number in range(6)]
    found = [
        quote(article(text, id=str(number)), highlight=(0, len(text)))
        for number, text in enumerate(texts)
    ]
    laid = render_answer(answer(*found), "ar", 7, late=False, has_more=False)
    said = taken(laid.message).text
    assert 3 <= laid.quote_count < 6
    assert [each.text in said for each in found] == [
        number < laid.quote_count for number in range(6)
    ]
    assert "…" not in said
    assert datas(laid.message) == [
        *(f"around:7:{place}" for place in range(laid.quote_count)),
        "more:7",
        "up:7",
        "down:7",
    ]


@pytest.mark.parametrize("words", ["ن" + "😀" * 5_000, "ن " * 5_000])
def test_one_quote_that_no_message_could_hold_is_cut_and_says_so(words: str) -> None:
    of = article(words, source="😀" * 1_000, url="https://noran.example/1")
    whole = quote(of, also=[of] * 100, highlight=(0, len(words)))
    found = answer(whole, window=JANUARY)
    laid = render_answer(found, "fr", LARGEST, late=True, has_more=False)
    shown, _ = block(taken(laid.message))
    assert (laid.quote_count, shown[-1]) == (1, "…")
    assert len(shown) > 1_000
    assert words.startswith(shown[:-1])


LONG = "أعلن المدير سالم أن الميناء سيعود إلى العمل. " * 3


@pytest.mark.parametrize("start", [0, 10])
@pytest.mark.parametrize("left_out", [0, 10])
def test_an_excerpt_shows_where_the_story_goes_on_and_its_quote_in_bold(
    start: int, left_out: int
) -> None:
    of = article(f"{LONG}Layla <left>. {LONG}.")
    end = len(of.text) - left_out
    screen = render_excerpt(cut(of, len(LONG), len(LONG) + 13, start, end), "en")
    words = "… " * (start > 0) + of.text[start:end] + " …" * (left_out > 0)
    assert block(taken(screen)) == (words, ["Layla <left>."])


def test_a_quote_has_buttons_for_its_article_its_citation_and_a_link_to_share() -> None:
    rows = quote_buttons(
        article(url="https://noran.example/1"),
        "en",
        QuoteCallback(action="around", update_id=7, quote_index=0),
        LINK,
        has_full_text=True,
        searches_source=True,
    )
    assert [[button.label for button in row] for row in rows] == [
        ["Full text", "Original ↗"],
        ["Cite", "Share"],
        ["Only this source"],
    ]
    assert [button.callback_data for row in rows for button in row] == [
        "page:7:0",
        None,
        "cite:7:0",
        None,
        "source:7:0",
    ]
    assert rows[1][1].url == "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fbot%3Fstart%3Dq1"


@pytest.mark.parametrize(
    "url", ["http://localhost/1", "http://10.0.0.1/", "https://نوران.example/1", "https://a b"[:9]]
)
def test_an_address_that_telegram_would_refuse_is_no_button(url: str) -> None:
    rows = quote_buttons(
        article(url=url), "en", PAGE, LINK, has_full_text=False, searches_source=False
    )
    assert [[button.label for button in row] for row in rows] == [["Cite", "Share"]]


def test_an_excerpt_that_has_no_room_is_the_quote_alone() -> None:
    of, first = article(f"{LONG * 30}Layla left. {LONG * 30}."), len(LONG) * 30
    screen = render_excerpt(cut(of, first, first + 11), "en")
    assert block(taken(screen)) == ("… Layla left. …", ["Layla left."])
    assert screen.buttons == ()


def test_a_page_that_is_not_the_only_one_says_which_it_is_and_leads_to_those_beside_it() -> None:
    of = article("أعلن المدير سالم. " * 400)
    screens = [render_page(of, number, "en", PAGE) for number in (-1, 0, 1, 2, 9)]
    assert [taken(screen).text[:11] for screen in screens] == [
        f"Page {n} of 3" for n in (1, 1, 2, 3, 3)
    ]
    second, ends = "page:7:0:1", ["page:7:0:0", "page:7:0:2"]
    assert list(map(datas, screens)) == [[second], [second], ends, [second], [second]]
    only = render_page(article(), 0, "en", PAGE)
    assert (taken(only).text.split("\n")[0], only.buttons) == ("وصل الوفد. ثم غادر.", ())
