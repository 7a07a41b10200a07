"""Edit a text lightly, or so much that it is another one, for bench/duplicates/recall.py.

Every function takes a text and a random generator, and returns the text changed, or None where
there is nothing in it to change.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from index.text.number_words import is_number_token, words_and_numbers


def words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


Edit = Callable[[str, random.Random], str | None]

URGENT = ("عاجل: ", "عاجل | ", "#عاجل ", "عاجل.. ", "خبر عاجل - ")
LINES = (
    "تابعوا آخر الأخبار على صفحتنا في فيسبوك",
    "المصدر: وكالات",
    "شارك هذا الخبر مع أصدقائك",
    "تحرير: قسم الأخبار",
    "لمزيد من التفاصيل زوروا موقعنا الإلكتروني وتابعوا نشرتنا اليومية",
)
BYLINES = ("نوران - وكالات", "(وكالة أنباء نوران) -", "صدى نوران:")
TENS = words("عشرين ثلاثين أربعين خمسين ستين سبعين ثمانين تسعين")
UNITS = words("ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة")
OTHER_UNITS = words("ثلاث أربع خمس ست سبع ثماني تسع عشر")
SCALES = words("مئة ألف مليون مليار")
DAYS = words("الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد")
MONTHS = words("يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر")
_SENTENCE = re.compile(r"[^.!؟?\n]+[.!؟?\n]*")
_NUMBER = re.compile(r"\d+")


def words_changed(vocabulary: Sequence[str], share: float) -> Edit:
    """Put other words of the corpus in the place of a share of the words, of one at least.

    Words of a number, a date or a denial are left, because these make other news.
    """

    def edit(text: str, chance: random.Random) -> str | None:
        parts = re.split(r"(\s+)", text)
        places = [at for at, part in enumerate(parts) if is_free(part)]
        if not places:
            return None
        for at in chance.sample(places, min(len(places), max(1, round(share * len(places))))):
            parts[at] = chance.choice(vocabulary)
        return "".join(parts)

    return edit


def is_free(word: str) -> bool:
    return bool(re.fullmatch(r"[^\W\d_]{3,}", word)) and not any(
        map(is_number_token, words_and_numbers(word))
    )


def words_dropped(share: float) -> Edit:
    """Leave out a share of the words, one at least; never a number."""

    def edit(text: str, chance: random.Random) -> str | None:
        parts = text.split(" ")
        places = [at for at, part in enumerate(parts) if re.fullmatch(r"[^\W\d_]+", part)]
        if len(parts) < 8 or not places:
            return None
        gone = set(chance.sample(places, min(len(places), max(1, round(share * len(parts))))))
        return " ".join(part for at, part in enumerate(parts) if at not in gone)

    return edit


def end_cut(share: float) -> Edit:
    """Leave out the last sentences, up to a share of the text."""

    def edit(text: str, _: random.Random) -> str | None:
        sentences = _SENTENCE.findall(text)
        left = len(text)
        while len(sentences) > 1 and left - len(sentences[-1]) >= (1 - share) * len(text):
            left -= len(sentences.pop())
        return "".join(sentences) if left < len(text) else None

    return edit


def paragraph_dropped(text: str, chance: random.Random) -> str | None:
    """Leave out a paragraph, not the first, of at most a quarter of the text."""
    lines = [line for line in text.split("\n") if line.strip()]
    small = [at for at, line in enumerate(lines) if at and len(line) <= len(text) / 4]
    if not small:
        return None
    lines.pop(chance.choice(small))
    return "\n".join(lines)


def urgent(text: str, chance: random.Random) -> str:
    return chance.choice(URGENT) + text


def line_added(text: str, chance: random.Random) -> str:
    return f"{text}\n{chance.choice(LINES)}"


def byline_added(text: str, chance: random.Random) -> str:
    return f"{chance.choice(BYLINES)} {text}"


def punctuation(text: str, chance: random.Random) -> str | None:
    """Other quotation marks, commas, full stops and dashes; or none at all."""
    if chance.random() < 0.5:
        changed = re.sub(r"[^\w\s\u064b-\u0652]", " ", text)
    else:
        table = str.maketrans(
            {"،": ",", '"': "«", ".": "؛", "(": "-", ")": "-", ":": " -", "#": None}
        )
        changed = text.translate(table)
    return changed if changed != text else None


def spelling(text: str, chance: random.Random) -> str | None:
    """Hamzas, ta marbuta, alif maqsura, tatweel and harakat, left out or added."""
    table = {"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ؤ": "و", "ئ": "ي"}
    some = dict(chance.sample(sorted(table.items()), 4))
    changed = re.sub("[أإآةىؤئ]", lambda found: some.get(found[0], found[0]), text)
    changed = changed.replace("الله", "اللّه").replace(" في ", " فـي ")
    return changed if changed != text else None


def arabic_digits(text: str, _: random.Random) -> str | None:
    changed = text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    return changed if changed != text else None


def together(edits: Sequence[Edit], count: int) -> Edit:
    """Several edits, one after the other."""

    def edit(text: str, chance: random.Random) -> str | None:
        changed: str | None = text
        for one in chance.sample(list(edits), count):
            changed = one(changed or text, chance) or changed
        return changed if changed != text else None

    return edit


def number_changed(text: str, chance: random.Random) -> str | None:
    """Another number in digits, not one of a date or a year."""
    found = [one for one in _NUMBER.finditer(text) if len(one[0]) != 4]
    return _replaced(text, chance, found, lambda one: _other_number(one, chance))


def percent_changed(text: str, chance: random.Random) -> str | None:
    found = list(
        re.finditer(r"\d+(?=[.,٫]?\d*\s?(?:[%٪]|بالمئة|بالمائة|في المئة|في المائة))", text)
    )
    return _replaced(text, chance, found, lambda one: _other_number(one, chance))


def word_number_changed(text: str, chance: random.Random) -> str | None:
    groups = [TENS, UNITS, OTHER_UNITS, SCALES]
    known = {word: group for group in groups for word in group}
    found = [one for one in re.finditer(r"[\w\u064b-\u0652]+", text) if one[0] in known]
    return _replaced(text, chance, found, lambda one: _other(known[one], one, chance))


def date_changed(text: str, chance: random.Random) -> str | None:
    """Another weekday, another month, or another day before a month."""
    months = "|".join(MONTHS)
    found = list(
        re.finditer(rf"\b(?:{'|'.join(DAYS)}|{months})\b|\b\d{{1,2}}(?= (?:{months}))", text)
    )

    def other(one: str) -> str:
        if one[0].isdigit():
            return _other_number(one, chance)
        return _other(DAYS if one in DAYS else MONTHS, one, chance)

    return _replaced(text, chance, found, other)


def _replaced(
    text: str, chance: random.Random, found: list[re.Match[str]], other: Callable[[str], str]
) -> str | None:
    if not found:
        return None
    one = chance.choice(found)
    return text[: one.start()] + other(one[0]) + text[one.end() :]


def _other_number(one: str, chance: random.Random) -> str:
    value = int(one)
    least, most = (1, 9) if value < 10 else (10 ** (len(str(value)) - 1), 10 ** len(str(value)) - 1)
    other = value
    while other == value:
        other = chance.randint(least, most)
    return str(other)


def _other(group: Sequence[str], one: str, chance: random.Random) -> str:
    return chance.choice([word for word in group if word != one])


_WEATHER = (
    "يتوقع المركز الوطني للأرصاد في {place} طقسا {sky} اليوم {day}، مع درجة حرارة عظمى تبلغ {n} "
    "درجة وصغرى {m} درجة، ورياح {wind} بسرعة {k} كيلومترا في الساعة، وينصح السائقين بالحذر."
)
_RATES = (
    "سجل الدينار في تعاملات اليوم {day} سعر {n}.{m} للدولار و{k}.{n} لليورو في السوق الموازية "
    "بمدينة {place}، فيما استقر سعر غرام الذهب عند {m}{k} دينارا بحسب متعاملين."
)
_FIXTURES = (
    "يستضيف فريق {place} نظيره فريق {other} مساء {day} ضمن الجولة {n} من دوري الدرجة الأولى، "
    "ويدخل صاحب الأرض المباراة وفي رصيده {m} نقطة مقابل {k} نقطة للضيوف."
)
_SERIES = (_WEATHER, _RATES, _FIXTURES)
_PLACES = ("نوران", "الزيتونة", "الرمال", "مرسى الحجر", "السدرة", "تل العقاب")
_SKIES = ("مشمسا", "غائما", "ممطرا", "مغبرا")
_WINDS = ("شمالية", "غربية", "جنوبية", "شرقية")


def bulletins(chance: random.Random) -> tuple[str, str]:
    """Return two bulletins of one series, which differ in numbers, names and dates."""
    template = chance.choice(_SERIES)
    return bulletin(chance, template), bulletin(chance, template)


def bulletin(chance: random.Random, template: str = _WEATHER) -> str:
    place, other = chance.sample(_PLACES, 2)
    return template.format(
        place=place,
        other=other,
        day=chance.choice(DAYS),
        sky=chance.choice(_SKIES),
        wind=chance.choice(_WINDS),
        n=chance.randint(11, 40),
        m=chance.randint(11, 40),
        k=chance.randint(11, 40),
    )
