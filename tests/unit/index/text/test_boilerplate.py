"""What is the story, and what its site put around it."""

from __future__ import annotations

import gzip
import json
import tomllib
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.boilerplate import BoilerplateRules, StoryBody, find_story_body
from index.text.byline import read_byline
from index.text.headline import build_headline
from index.text.segmentation.passages import split_passages
from index.text.spans import Span, has_words
from tests.fixtures.sample_articles import PROJECT

at = datetime.fromisoformat
ROOT = PROJECT
RULES = BoilerplateRules(**tomllib.loads((ROOT / "config" / "boilerplate.toml").read_text("utf-8")))
SEED = (ROOT / "seeds" / "000_4c06396c80f6f76b.txt").read_text("utf-8")
NEWS = "وصل وفد من بلدية مرسى النور إلى القاعة صباح أمس.\nوقال سالم الورفي إن اللقاء كان مثمرا للطرفين."
ENGLISH = (
    "A delegation from Port Amal arrived this morning.\nOmar Zed said that the talks went well."
)


def body(text: str) -> str:
    return find_story_body(text, RULES).body.slice(text)


def test_the_seed_begins_after_its_byline_and_ends_before_its_site() -> None:
    story = find_story_body(SEED, RULES)
    assert story.byline is not None
    assert story.byline[:2] == ("اخبار العرب - كندا 24", at("2026-02-04T12:51"))
    assert story.body.slice(SEED).startswith("وسط غياب أفق واضح")
    assert story.body.slice(SEED).endswith("للتعاون بين البلدين».")


def test_the_headline_of_the_seed_is_cut_from_its_first_sentence() -> None:
    line = build_headline(SEED, find_story_body(SEED, RULES).body, 120)
    assert line.startswith("وسط غياب أفق واضح")
    assert line.endswith("…")
    assert len(line) <= 120


@pytest.mark.parametrize(
    ("line", "source", "published"),
    [
        (
            "صدى النور -تونس 7: الثلاثاء 3 مارس 2026 09:05 صباحاً",
            "صدى النور - تونس 7",
            at("2026-03-03T09:05"),
        ),
        ("صدى النور: الثلاثاء ٣ مارس ٢٠٢٦ ٠٩:٠٥ مساءً", "صدى النور", at("2026-03-03T21:05")),
        ("صدى النور | 3 شباط 2026 21:05", "صدى النور", at("2026-02-03T21:05")),
        ("Amal Times: Tuesday 3 March 2026, 9:05 pm", "Amal Times", at("2026-03-03T21:05")),
        ("Le Fanal: mardi 3 mars 2026 à 21h05", "Le Fanal", at("2026-03-03T21:05")),
        ("Amal Times: Tuesday 3 March 2026\n", "Amal Times", date(2026, 3, 3)),
        ("تاريخ النشر: 3 مارس 2026 21:05", None, at("2026-03-03T21:05")),
        ("Published: 3 March 2026\n", None, date(2026, 3, 3)),
        ("3 مارس 2026\n", None, date(2026, 3, 3)),
        ("صدى النور: 3 شباط/فبراير 2026 21:05", "صدى النور", at("2026-02-03T21:05")),
        ("صدى النور: 3 فبراير (شباط) 2026 - 9:05 م", "صدى النور", at("2026-02-03T21:05")),
        ("صدى النور | 17/02/2026 21:05", "صدى النور", at("2026-02-17T21:05")),
        ("Amal Times: February 3, 2026, 9:05 pm", "Amal Times", at("2026-02-03T21:05")),
        ("نشر في: 17/02/2026\n", None, date(2026, 2, 17)),
        ("نشر في: الثلاثاء، 3 فيفري 2026 - 21:05", None, at("2026-02-03T21:05")),
        ("2026-02-03 21:05 GMT\n", None, at("2026-02-03T21:05Z")),
        ("الثلاثاء 3 فيفري 2026م، الساعة 21:05 بتوقيت ليبيا\n", None, at("2026-02-03T21:05+02:00")),
    ],
)
def test_byline_gives_source_and_date(line: str, source: str | None, published: date) -> None:
    story = find_story_body(f"{line} {NEWS}", RULES)
    assert story.byline is not None
    assert story.byline[:2] == (source, published)
    assert story.body.slice(f"{line} {NEWS}") == NEWS


@pytest.mark.parametrize(
    "text",
    [
        "موعد الاقتراع: السبت 7 مارس 2026 الساعة 08:00 في ثلاث بلديات",
        "الانتخابات البلدية: السبت 7 مارس 2026 في مرسى النور",
        "وقال الورفي: السبت 7 مارس 2026 08:00 هو الموعد",
        "مباراة القمة: السبت 7 مارس 2026 20:00",
        "مباراة القمة: 17/02/2026 20:00",
        "صدى النور: 02/03/2026 21:05 وصل وفد",
        "صدى النور: 17/02/2026\nوصل وفد",
        "نشر في: 02/03/2026\nوصل وفد",
        "17/02/2026\nوصل وفد",
        "الجمعة 3 شباط/فبراير 2026\nوصل وفد",
        "صدى النور: 3 شباط/فبراير 21:05 وصل وفد",
        "مرسى النور، ليبيا: السبت 7 مارس 2026 20:00",
        "Deadline: Saturday 7 March 2026 at 10:00 for all parties",
        "The meeting will begin: Saturday 7 March 2026 at 10:00",
        "Omar said: Saturday 7 March 2026 10:00 is the day",
        "Port Amal: 7 March 2026 is the day",
        "Scrutin : samedi 7 mars 2026 à 8h00",
        "7 مارس 2026 كان يوما طويلا في مرسى النور",
        "صدى النور: السبت 31 فبراير 2026 20:00",
        "صدى النور: قال 7 مارس 2026 20:00",
    ],
)
def test_date_in_the_news_is_no_byline(text: str) -> None:
    assert read_byline(text) is None
    assert body(f"{text}\n{NEWS}") == f"{text}\n{NEWS}"


def test_text_of_a_byline_alone_keeps_its_words() -> None:
    text = "Amal Times: Tuesday 3 March 2026 09:05\n-----"
    body_span = find_story_body(text, RULES).body
    assert has_words(text, *body_span)


@pytest.mark.parametrize(
    "tail",
    [
        "أخبار متعلقة :",
        "أَخبارٌ متعلّقة",
        "اقرأ أيضاً:\nالوفد يزور مرسى النور\nماذا قال الورفي؟",
        "** اقرأ أيضا **\nالوفد يزور مرسى النور",
        "----------",
        "ــــــــــــ",
        ".",
        "* جميع الحقوق محفوظة لصدى النور",
        "-----\nتابعونا على تويتر وفيسبوك",
        "يمكنكم تسلم إشعارات بأهم الموضوعات بعد تحميل تطبيقنا.",
        "لمتابعة اللقاء على الحواسيب اللوحية، اضغط هنا...",
        "للمزيد: الوفد يزور مرسى النور",
        "تم إدراج الخبر والعهدة على المصدر، والرجاء الكتابة إلينا",
        "جميع المقالات المنشورة تمثل رأي كتابها فقط.",
        "تم إدراج الخبر والعهدة على المصدر\nأخبار متعلقة\nالوفد يزور مرسى النور",
    ],
)
def test_lines_of_arabic_sites_are_left_out(tail: str) -> None:
    assert body(f"{NEWS}\n{tail}") == NEWS


@pytest.mark.parametrize(
    "tail",
    [
        "Related articles\nDelegation back in Port Amal",
        "READ ALSO: Delegation back in Port Amal",
        "Follow us on the net",
        "Copyright © Amal Times",
        "The views expressed are the author's and do not necessarily reflect ours.",
        "À lire aussi :\nLe cortège de retour",
        "Tous droits réservés - Le Fanal",
    ],
)
def test_lines_of_english_and_french_sites_are_left_out(tail: str) -> None:
    assert body(f"{ENGLISH}\n{tail}") == ENGLISH


@pytest.mark.parametrize(
    "line",
    [
        "* نقلا عن صدى النور",
        "سالم الورفي - مرسى النور",
        "وقال المصدر إن البيان لا يعبر عن رأي الحكومة.",
        "وأوضح الورفي أن هذه الآراء لا تعبر بالضرورة عن موقف المجلس.",
        "وأكد المصدر احترام حقوق النشر في مرسى النور.",
        "للاشتراك في المسابقة شروط أعلنها المجلس أمس.",
        "The views expressed by Omar Zed do not necessarily reflect the council's.",
        "Subscribe to the plan or leave, Omar Zed told the council.",
    ],
)
def test_the_last_line_of_a_story_is_kept(line: str) -> None:
    assert body(f"{NEWS}\n{line}").endswith(line)


def test_links_in_the_middle_of_a_story_do_not_end_it() -> None:
    text = f"{NEWS}\n{NEWS}\nاقرأ أيضاً:\nالوفد يزور مرسى النور\nوغادر الوفد القاعة في المساء."
    assert body(text) == text


def test_a_heading_near_the_beginning_does_not_end_the_story() -> None:
    text = f"وصل الوفد.\nالتعليقات\n{NEWS.replace('.', '')}\n{NEWS.replace('.', '')}"
    assert body(text) == text


def test_maximum_text_after_a_heading_is_configurable() -> None:
    text = f"{NEWS}\nأخبار متعلقة\nالوفد يزور مرسى النور"
    assert body(text) == NEWS
    strict = RULES.model_copy(update={"rest_at_most": 0.0})
    assert find_story_body(text, strict).body.slice(text) == text


def test_without_rules_only_punctuation_is_left_out() -> None:
    text = f"{NEWS}\nأخبار متعلقة\n-----"
    assert find_story_body(text, BoilerplateRules()).body.slice(text) == f"{NEWS}\nأخبار متعلقة"


def test_text_of_a_heading_alone_is_kept() -> None:
    assert body("أخبار متعلقة") == "أخبار متعلقة"


LINES = st.sampled_from(
    [
        NEWS,
        "أخبار متعلقة :",
        "-----",
        "Read also",
        "صدى النور: الثلاثاء 3 مارس 2026 09:05 صباحاً",
        "",
        "\u200f",
        "٣",
    ]
)


@given(st.one_of(st.text(), st.lists(LINES, max_size=12).map("\n".join)))
def test_the_body_has_words_wherever_the_text_has(text: str) -> None:
    story = find_story_body(text, RULES)
    assert 0 <= story.body.start <= story.body.end <= len(text)
    assert has_words(text, *story.body) == has_words(text, 0, len(text))


@pytest.mark.parametrize(
    "unit", ["أخبار متعلقة\n", "أ.\n", "ab" + " " * 999_998, "-", "ﷺ", "كلمة كلمة\n\n", ":"]
)
@pytest.mark.usefixtures("must_end")
def test_million_characters_are_processed_without_a_hang(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    story = find_story_body(text, RULES)
    assert len(build_headline(text, story.body, 120)) <= 120


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وصل الوفد أمس. وغادر.", "وصل الوفد أمس."),
        ("-----\nوصل الوفد أمس.", "وصل الوفد أمس."),
        ("وصل  الوفد\tأمس.", "وصل الوفد أمس."),
        ("Omar Zed arrived in Port Amal, and left", "Omar Zed arrived in Port Amal…"),
        ("They counted 12,500 ballots there on the day", "They counted 12,500 ballots…"),
        ("ا" * 40, "ا" * 29 + "…"),
    ],
)
def test_headline_is_the_first_sentence_cut_to_the_maximum_length(text: str, expected: str) -> None:
    assert build_headline(text, Span(0, len(text)), 30) == expected


@given(st.text(), st.integers(2, 120))
def test_headline_is_never_longer_than_the_maximum_length(text: str, longest: int) -> None:
    assert len(build_headline(text, Span(0, len(text)), longest)) <= longest


def test_real_articles_lose_little_to_the_rules_and_have_no_invented_byline(
    evaluation_sets: Path,
) -> None:
    path = evaluation_sets / "arabic-news-2018" / "articles.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(3_000), strict=False)]
    stories = [(text, find_story_body(text, RULES)) for text in texts]
    assert [story.byline for _, story in stories if story.byline] == []
    lost = [text[story.body.end :] for text, story in stories]
    assert max(map(len, lost)) < 1_000
    assert sum(map(len, lost)) < 0.01 * sum(map(len, texts))


def test_articles_without_boilerplate_lose_nothing() -> None:
    for text in (NEWS, ENGLISH, f"{NEWS}\n\n{ENGLISH}"):
        assert find_story_body(text, RULES) == StoryBody(Span(0, len(text)), None)


def teasers(text: str) -> list[str]:
    return [line.slice(text) for line in find_story_body(text, RULES).teasers]


@pytest.mark.parametrize(
    "teaser",
    [
        "قد يهمك/ \u00a0مجلس نوران يفتتح مدرسة جديدة",
        "قد يهمك.. مجلس نوران يفتتح مدرسة جديدة",
        "إقرأ أيضاً: مجلس نوران يفتتح مدرسة جديدة",
        "للمزيد - مجلس نوران يفتتح مدرسة جديدة",
        "شاهد.. مجلس نوران يفتتح مدرسة جديدة",
        "Read also: Noran opens a new school",
        "À lire aussi : Noran ouvre une école",
        "تابعونا على قناتنا في تلغرام",
    ],
)
def test_a_line_of_another_story_is_told_apart_inside_a_story(teaser: str) -> None:
    text = f"{NEWS}\n{teaser}\nوأضاف الورفي أن الوفد سيعود الأحد."
    assert teasers(text) == [teaser]
    quoted = [
        text[span.start : span.end]
        for span in split_passages(text, None, find_story_body(text, RULES).teasers)
    ]
    assert quoted == [NEWS, "وأضاف الورفي أن الوفد سيعود الأحد."]


def test_titles_below_a_label_are_teasers_until_the_story_goes_on() -> None:
    listed = ["اقرأ أيضاً:", "مجلس نوران يفتتح مدرسة", "أمطار غزيرة على نوران"]
    text = "\n".join([NEWS, *listed, "وأضاف الورفي أن الوفد سيعود الأحد.", "خاتمة"])
    assert teasers(text) == listed


@pytest.mark.parametrize(
    "line",
    [
        "وتابع: «سنعود يوم الأحد».",
        "تابع: «سنعود يوم الأحد».",
        "قد يهمك هذا الأمر كثيرا، قال سالم الورفي.",
        "اقرأ الرسالة، قال سالم الورفي لابنه.",
        "Related families asked for news of the ship.",
        "Watch the harbour, said Omar Zed.",
        "أعمال الوفد",
    ],
)
def test_a_line_of_the_story_that_only_looks_like_a_teaser_stays(line: str) -> None:
    assert teasers(f"{NEWS}\n{line}\nوأضاف الورفي أن الوفد سيعود الأحد.") == []


def test_a_text_of_nothing_but_teasers_keeps_them() -> None:
    assert teasers("قد يهمك: مجلس نوران يفتتح مدرسة") == []


@given(
    st.lists(
        st.sampled_from([NEWS, ENGLISH, "اقرأ أيضا:", "قد يهمك/ خبر", "Read also", "عنوان", ""])
    )
)
def test_teasers_are_lines_of_the_body_in_order(lines: list[str]) -> None:
    text = "\n".join(lines)
    story = find_story_body(text, RULES)
    assert list(story.teasers) == sorted(story.teasers)
    assert all(
        story.body.start <= line.start < line.end <= story.body.end for line in story.teasers
    )
