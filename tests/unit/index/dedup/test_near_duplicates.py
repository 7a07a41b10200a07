from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dedup.near_duplicates import (
    DedupTokens,
    DuplicateKind,
    classify_duplicate,
    minhash_signature,
    tokenize_story,
)
from index.text.boilerplate import BoilerplateRules, find_story_body

BRIDGE = (
    "افتتح رئيس بلدية نوران سالم الدرويش صباح الأحد الجسر الجديد الذي يربط ضفتي وادي الزيتون، بعد عامين من العمل المتواصل.\n"
    "وبلغت كلفة الجسر 12.5 مليون دينار، وشارك في بنائه ثلاثة مهندسين و340 عاملا من المدينة وجوارها.\n"
    "وقال الدرويش إن الجسر سيقصر الطريق بين السوق القديم والميناء، وإن الحافلات ستعبره ابتداء من 3 مارس المقبل.\n"
    "وطالب سكان الحي الغربي بإنارة الطريق المؤدي إليه قبل حلول الشتاء، وأبدى بعض التجار خشيتهم من الزحام في ساعات الصباح."
)
FLASH = "أعلن المجلس البلدي في نوران فتح باب التسجيل في المدارس الصيفية للأطفال"
RAIN = (
    "وفي سياق آخر توقع مركز الأرصاد هطول أمطار متفرقة على الساحل خلال اليومين المقبلين، ونصح الصيادين بعدم الإبحار ليلا، "
    "ودعا المزارعين إلى تأجيل ري الحقول، وذكر أن الرياح ستهدأ تدريجيا وأن الحرارة ستبقى معتدلة في المرتفعات الجنوبية."
)
FERRY = (
    "The council of Noran said on Monday that the new ferry would sail twice a day between the old "
    "port and the island, and that Layla Hamdan would be its first captain. Tickets are sold in the "
    "square, and 200 seats are kept for pupils, said the head of the port, who has run it for years."
)


def classify(one: str, other: str) -> DuplicateKind | None:
    first, second = tokenize_story(None, one), tokenize_story(None, other)
    assert classify_duplicate(first, second) == classify_duplicate(second, first)
    return classify_duplicate(first, second)


def shares_a_band(one: str, other: str) -> bool:
    first, second = (minhash_signature(tokenize_story(None, text).body) for text in (one, other))
    return bool(first and second and set(first.bands) & set(second.bands))


LINES = BRIDGE.split("\n")
LIGHT = {
    "urgent": f"عاجل | {BRIDGE}",
    "words changed": BRIDGE.replace("المتواصل", "الشاق")
    .replace("وطالب", "ودعا")
    .replace("خشيتهم", "قلقهم"),
    "words left out": BRIDGE.replace(" صباح", "").replace(" بعض", ""),
    "a paragraph dropped": "\n".join([*LINES[:2], LINES[3]]),
    "a paragraph with a number dropped": "\n".join([LINES[0], *LINES[2:]]),
    "the end cut": "\n".join(LINES[:3]),
    "a line of the site": f"{BRIDGE}\nتابعوا آخر أخبار نوران على صفحتنا وشاركونا آراءكم",
    "a byline": f"نوران (وكالة الرمال) - {BRIDGE}",
    "a number left out": BRIDGE.replace("340 عاملا", "عمال"),
    "a name spelled otherwise": BRIDGE.replace("الدرويش", "الدراويش"),
}
SAME = {
    "punctuation": BRIDGE.replace("،", " -")
    .replace(".\n", "!\n")
    .replace("الجسر الجديد", "«الجسر الجديد»"),
    "hamzas and marks": BRIDGE.replace("أ", "ا")
    .replace("إ", "ا")
    .replace("ة", "ه")
    .replace("بلدية", "بَلَدِيّة"),
    "digits": BRIDGE.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    "a number in digits": BRIDGE.replace("ثلاثة مهندسين", "3 مهندسين"),
    "lines broken otherwise": BRIDGE.replace("\n", " "),
}
OTHER = {
    "a number": BRIDGE.replace("340", "430"),
    "a number in words": BRIDGE.replace("ثلاثة", "خمسة"),
    "a number of the other kind": BRIDGE.replace("ثلاثة مهندسين", "5 مهندسين"),
    "a decimal": BRIDGE.replace("12.5", "12.7"),
    "a scale": BRIDGE.replace("مليون", "مليار"),
    "a day": BRIDGE.replace("الأحد", "الثلاثاء"),
    "a month": BRIDGE.replace("مارس", "أبريل"),
    "a day of the month": BRIDGE.replace("3 مارس", "4 مارس"),
    "a number and much that is light": f"عاجل: {LINES[0]}\n{LINES[1].replace('340', '٤٣٠')}\n{LINES[3]}",
}


@pytest.mark.parametrize("kind", LIGHT)
def test_lightly_edited_text_is_a_duplicate(kind: str) -> None:
    assert classify(BRIDGE, LIGHT[kind]) is DuplicateKind.EDITED
    assert shares_a_band(BRIDGE, LIGHT[kind])


@pytest.mark.parametrize("kind", SAME)
def test_same_words_in_other_spellings_are_the_same_text(kind: str) -> None:
    assert SAME[kind] != BRIDGE
    assert classify(BRIDGE, SAME[kind]) is DuplicateKind.TEXT


@pytest.mark.parametrize("kind", OTHER)
def test_another_number_or_date_is_no_duplicate(kind: str) -> None:
    assert OTHER[kind] != BRIDGE
    assert classify(BRIDGE, OTHER[kind]) is None


def test_swapped_numbers_are_no_duplicate() -> None:
    one = "قتل 12 شخصا وجرح 15 في انهيار جدار قديم قرب سوق الرمال في مدينة نوران مساء السبت بحسب ما قال الدفاع المدني"
    other = one.replace("12", "x").replace("15", "12").replace("x", "15")
    assert classify(one, other) is None


def test_other_number_notation_is_a_duplicate() -> None:
    text = BRIDGE.replace("340", "1,200")
    assert classify(text, text.replace("1,200", "1200")) is DuplicateKind.EDITED


def test_rewrite_by_another_publisher_is_no_duplicate() -> None:
    rewrite = (
        "صار بوسع أهالي نوران عبور وادي الزيتون على جسر جديد دشنه رئيس البلدية سالم الدرويش صباح الأحد.\n"
        "وشارك في بنائه ثلاثة مهندسين و340 عاملا من المدينة وجوارها، وأنفقت البلدية عليه 12.5 مليون دينار.\n"
        "ونقلت الإذاعة المحلية عن الدرويش قوله إن الجسر سيقصر الطريق بين السوق القديم والميناء.\n"
        "أما سكان الحي الغربي فما زالوا ينتظرون إنارة الطريق المؤدي إليه قبل حلول الشتاء."
    )
    assert classify(BRIDGE, rewrite) is None


def test_every_fifth_word_changed_is_no_duplicate() -> None:
    words = BRIDGE.split()
    assert (
        classify(BRIDGE, " ".join("كلمة" if at % 5 == 2 else word for at, word in enumerate(words)))
        is None
    )


def test_many_cuts_and_changes_together_are_no_duplicate() -> None:
    long = f"{BRIDGE}\n{RAIN}"
    changed = " ".join("كلمة" if at % 13 == 9 else word for at, word in enumerate(long.split()))
    assert classify(long, changed) is DuplicateKind.EDITED
    assert classify(long, BRIDGE) is DuplicateKind.EDITED
    assert classify(long, changed[: len(BRIDGE)]) is None


def test_long_text_with_one_rewritten_sentence_is_no_duplicate() -> None:
    long = (
        f"{BRIDGE}\n{FLASH}، كما قررت تجديد الملعب القديم وتشجير الشارع المحاذي له. {RAIN} {FERRY}"
    )
    sentence = "وطالب سكان الحي الغربي بإنارة الطريق المؤدي إليه قبل حلول الشتاء، وأبدى بعض التجار خشيتهم من الزحام في ساعات الصباح"
    anew = "وحضرت الحفل فرق كشفية قدمت عروضا موسيقية نالت إعجاب الضيوف القادمين من قرى مجاورة، ووزعت البلدية على الأطفال هدايا وحلوى"
    assert sentence in long
    assert classify(long, long.replace(sentence, anew)) is None


def test_update_under_a_new_lead_is_no_duplicate() -> None:
    lead = (
        "أغلقت شرطة المرور في نوران الجسر الجديد أمام الشاحنات الثقيلة بعد ساعات من افتتاحه، وقال ناطق باسمها إن لجنة "
        "فنية ستفحص الأعمدة والحواجز في الضفة الشرقية، وإن السيارات الصغيرة والحافلات وحدها ستعبره في هذه الأثناء، ودعت "
        "السائقين إلى سلوك الطريق الساحلي حتى إشعار آخر وإلى ترك مسافات آمنة بينهم."
    )
    assert classify(BRIDGE, f"{lead}\n{BRIDGE}") is None


def test_bulletins_with_other_numbers_names_and_dates_are_no_duplicates() -> None:
    bulletin = "سجل الدينار اليوم {} في سوق {} سعر {} للدولار، واستقر سعر غرام الذهب عند {} دينارا بحسب متعاملين في السوق"
    assert (
        classify(
            bulletin.format("الأحد", "الرمال", "4.85", "310"),
            bulletin.format("الاثنين", "الرمال", "4.91", "310"),
        )
        is None
    )
    fixture = "يستضيف فريق {} نظيره فريق {} مساء اليوم ضمن بطولة المدينة المفتوحة على ملعب البلدية"
    assert (
        classify(fixture.format("الرمال", "الزيتونة"), fixture.format("السدرة", "العقاب")) is None
    )


def test_one_changed_word_in_a_flash_is_no_duplicate() -> None:
    assert classify(FLASH, f"عاجل: {FLASH}.") is DuplicateKind.EDITED
    assert classify(FLASH, FLASH.replace("فتح", "إغلاق")) is None
    assert classify(FLASH, FLASH.replace("نوران", "الرمال")) is None
    assert classify(FLASH, FLASH.replace("أعلن", "نفى")) is None
    assert classify(FLASH, f"لا صحة لما قيل: {FLASH}") is None


def test_brief_may_have_one_changed_word_but_not_a_changed_name() -> None:
    brief = f"{FLASH} والفتيان الذين أتموا عامهم الدراسي بنجاح، بحسب بيان وقعه سالم الدرويش وزع على الصحف"
    assert classify(brief, brief.replace("بنجاح", "بتفوق")) is DuplicateKind.EDITED
    assert classify(brief, brief.replace("سالم الدرويش", "كريم زهران")) is None


def test_another_latin_name_is_no_duplicate_but_another_spelling_is() -> None:
    assert classify(FERRY, FERRY.replace("Layla Hamdan", "Leila Hamdane")) is DuplicateKind.EDITED
    assert classify(FERRY, FERRY.replace("Layla Hamdan", "Karim Zahran")) is None
    assert classify(FERRY, FERRY.replace("sail", "run")) is DuplicateKind.EDITED


def test_text_of_one_line_is_a_duplicate_only_under_a_similar_title() -> None:
    line = "تمثل المقالات رأي كتابها فقط"
    first, again, other = (
        tokenize_story(title, line) for title in ("جسر الوادي", "جسر الوادي", "مدرسة الحي")
    )
    assert classify_duplicate(first, again) is DuplicateKind.TEXT
    assert classify_duplicate(first, other) is None
    assert classify_duplicate(first, tokenize_story(None, line)) is DuplicateKind.TEXT


def test_signature_is_stable_across_processes_and_versions() -> None:
    signed = minhash_signature(["a", "b", "#1"])
    assert signed is not None
    assert (signed.text_hash, signed.bands[:2], len(signed.bands)) == (
        -1170531848329236297,
        [-2262772849353555340, -5089618593055103067],
        43,
    )


def test_texts_without_words_are_no_duplicates() -> None:
    nothing = tokenize_story(None, "…")
    assert minhash_signature(nothing.body) is None
    assert classify_duplicate(nothing, nothing) is None


WORDS = st.sampled_from(
    [
        "نوران",
        "الجسر",
        "12",
        "ثلاثة",
        "الأحد",
        "لا",
        "Noran",
        "the",
        "كانون",
        "الثاني",
        ".",
        "\n",
        "في",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=60).map(" ".join))


@given(TEXTS, TEXTS)
def test_classification_is_symmetric_for_any_texts(one: str, other: str) -> None:
    first, second = tokenize_story(one, one), tokenize_story(other, other)
    assert classify_duplicate(first, second) == classify_duplicate(second, first)
    assert (minhash_signature(first.body) is None) == (not first.body)
    assert classify_duplicate(first, first) == (DuplicateKind.TEXT if first.body else None)


@given(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=200),
    st.lists(st.sampled_from("abc"), max_size=200),
)
def test_repetitive_texts_are_compared_in_bounded_time(one: list[str], other: list[str]) -> None:
    none: frozenset[str] = frozenset()
    classify_duplicate(DedupTokens([], one, none), DedupTokens([], other, none))


def test_huge_text_is_signed_and_compared(must_end: None) -> None:
    chance = random.Random(1)
    huge = [str(chance.randrange(1_000)) + "x" for _ in range(300_000)]
    edited = [*huge[:10], "other", *huge[11:]]
    none: frozenset[str] = frozenset()
    assert minhash_signature(huge) is not None
    assert (
        classify_duplicate(DedupTokens([], huge, none), DedupTokens([], edited, none))
        is DuplicateKind.EDITED
    )
    shuffled = chance.sample(huge, len(huge))
    assert classify_duplicate(DedupTokens([], huge, none), DedupTokens([], shuffled, none)) is None


def test_exact_duplicates_and_changed_numbers_in_real_news(
    evaluation_sets: Path, boilerplate: BoilerplateRules
) -> None:
    path = evaluation_sets / "arabic-news-2018" / "articles.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for number, line in enumerate(file) if number % 400 == 0]
    changed = 0
    for row in rows:
        body = find_story_body(row["text"], boilerplate).body.slice(row["text"])
        words = tokenize_story(row["title"], body)
        edited = tokenize_story(row["title"], f"عاجل: {body}\nتابعونا على صفحتنا")
        if len(words.body) > 20:
            assert classify_duplicate(words, edited) is DuplicateKind.EDITED
            assert shares_a_band(body, f"عاجل: {body}\nتابعونا على صفحتنا")
        number = next((one for one in body.split() if one.isdecimal()), None)
        if number:
            changed += 1
            assert classify(body, body.replace(number, str(int(number) + 1), 1)) is None
    assert changed > 10
