"""Words and patterns of time expressions in questions, in Arabic, English and French, folded."""

from __future__ import annotations

from index.text.normalise import fold
from index.text.spans import word_set
from index.text.temporal_lexicon import (
    COUNTS,
    MONTH_NUMBERS,
    MONTHS,
    UNITS,
    WEEKDAYS,
    build_alternation,
    number_by_name,
    split_names,
    with_article,
)


def _any_of(alternatives: str) -> str:
    """Return a pattern that matches any of `alternatives`, which are divided by "|"."""
    return f"(?:{build_alternation(fold(alternatives).split('|'))})"


_NAMED_UNITS = ("hour", "day", "week", "month", "year")
"""Units long enough to bound days of publication."""
PLURALS = frozenset(
    form
    for unit in _NAMED_UNITS
    for plural in [split_names(UNITS[unit].plural)]
    for form in (*plural, *with_article(plural))
)
UNIT_BY_NAME = {
    form: unit
    for unit in _NAMED_UNITS
    for names in [split_names(UNITS[unit].singular, UNITS[unit].plural)]
    for form in (*names, *split_names(UNITS[unit].accusative), *with_article(names))
    if form != "الساعه"
}
"""Units by folded name, without «الساعة», which is a time of day."""
UNIT_BY_DUAL = {
    form: unit
    for unit in _NAMED_UNITS
    for duals in [split_names(UNITS[unit].dual)]
    for form in (*duals, *with_article(duals))
}
WEEKDAY_BY_NAME = number_by_name(
    (f"{weekday.full}|{weekday.variants}".strip("|") for weekday in WEEKDAYS), first=0
)
"""Weekdays from Monday, which is 0 as in `date.weekday`; whole names only."""

AMBIGUOUS_MONTHS = frozenset(
    name for month in MONTHS for name in split_names(month.libyan, month.abbreviated)
)
"""Months that need a day, a year or «شهر»: abbreviations, and Libya's everyday words."""
_MONTHS = _any_of("|".join(MONTH_NUMBERS))
_MONTH = f"(?P<month>{_MONTHS})(?: [.]| / {_MONTHS}| [(] {_MONTHS} [)])?"
"""A month, optionally with its other name: «سبتمبر/أيلول»."""
ANNIVERSARIES = {(2, 17), (9, 1), (9, 11), (10, 7), (12, 24)}
"""Month and day of anniversaries: without a year they name the event, not a date of news."""

_PREFIX = "(?P<prefix>لل|[وفبلك])?"
"""Arabic conjunctions and prepositions of one or two letters, attached to the next word."""
_NUMBER = f"(?P<number>[0-9]{{1,3}}|{_any_of('|'.join(COUNTS))})"
_UNIT = f"(?P<unit>{_any_of('|'.join(UNIT_BY_NAME))})"
_BARE_UNIT = _UNIT.replace("unit", "bare_unit")
_DUAL = f"(?P<dual>{_any_of('|'.join(UNIT_BY_DUAL))})"
_WEEKDAY = f"(?P<weekday>{_any_of('|'.join(WEEKDAY_BY_NAME))})"
_YEAR = "(?P<year>(?:1[0-9]|20)[0-9]{2})(?: (?:م|ميلادي|ميلاديه))?"
_YEAR_NOUN = _any_of("the year|year|l ' annee|l ' an|عام|سنة|العام|السنة")
_LAST = _any_of(
    "الماضي|الماضية|الفائت|الفائتة|الفايت|الفايتة|المنصرم|المنصرمة|المنقضي|المنقضية|"
    "اللي فات|اللي فاتت"
)
_LAST_PLURAL = _any_of(
    "الماضية|الماضيين|الماضيتين|الأخيرة|الأخيرين|الفائتة|الفائتين|المنصرمة|المنصرمين"
)
_BEFORE_LAST = _any_of("قبل الماضي|ما قبل الماضي|قبل الماضية|قبل الفائت")
_THIS = _any_of("الجاري|الجارية|الحالي|الحالية|هذا|هذه")
_PART_OF_DAY = _any_of(
    "morning|afternoon|evening|night|matin|soir|apres - midi|"
    "صباح|مساء|فجر|ظهر|عصر|ليل|ليلة|نهار|يوم|عشية|منتصف ليل"
)

_OF_YEAR = (
    f"(?:(?: ,| ،| of| de| من| لعام| من عام| عام| سنه)? {_YEAR}|"
    "(?: of| in| de| من| في)? (?P<year_before>last year|l ' an (?:dernier|passe)|"
    f"l ' annee (?:derniere|passee)|(?:العام|السنه) {_LAST})|"
    "(?: of| in| de| من| في)? (?P<this_year>this year|cette annee|هذا العام|هذه السنه|"
    f"(?:العام|السنه) {_THIS})|"
    f" (?P<past>{_LAST}|dernier|passe))"
)
_DAY = "(?P<day>[0-9]{1,2})"
_ARABIC_PART_OF_DAY = f"(?:{_PART_OF_DAY} )?"
PHRASES = (
    (
        "date",
        (
            "(?P<year>[0-9]{4}) (?P<separator>[-/.]) (?P<month>[0-9]{1,2}) (?P=separator) "
            "(?P<day>[0-9]{1,2})"
        ),
    ),
    (
        "date",
        (
            "(?P<day>[0-9]{1,2}) (?P<separator>[-/.]) (?P<month>[0-9]{1,2}) (?P=separator) "
            "(?P<year>[0-9]{4})"
        ),
    ),
    (
        "date",
        (
            f"{_PREFIX}(?:{_WEEKDAY} (?:الموافق |, |، )?(?:the )?)?"
            f"(?P<day>[0-9]{{1,2}})(?:er|st|nd|rd|th)?(?: of| من)? (?:شهر )?{_MONTH}{_OF_YEAR}?"
        ),
    ),
    ("date", f"{_MONTH} {_DAY}(?:st|nd|rd|th)?(?:(?: ,)? {_YEAR})?"),
    ("month", f"(?P<past>last|past) {_MONTH}"),
    ("month", f"{_PREFIX}(?P<noun>شهر |mois de |mois d ' )?{_MONTH}{_OF_YEAR}?"),
    (
        "day_2",
        (
            f"{_PREFIX}{_ARABIC_PART_OF_DAY}(?:the day before yesterday|avant - hier|avant hier|"
            "اول (?:من )?(?:امس|البارحه|امبارح)|(?:ال)?امس الاول|اولامس|"
            "قبل (?:(?:ال)?امس|البارحه|امبارح))"
        ),
    ),
    (
        "night",
        "last night|cette nuit|(?:la )?nuit derniere|(?:ال)?ليله (?:الماضيه|الفائته)",
    ),
    (
        "day_1",
        (
            f"{_PREFIX}{_ARABIC_PART_OF_DAY}(?:yesterday|hier|(?:ال)?امس|(?:ال)?بارحه|امبارح)"
            f"(?: {_PART_OF_DAY})?"
        ),
    ),
    ("rolling", f"(?:the )?(?:last|past|previous) {_NUMBER} {_UNIT}(?! of )"),
    ("rolling", f"(?:in|over|during|within|for) the last {_UNIT}(?! of )"),
    ("rolling", f"(?:the )?past {_UNIT}(?! of )"),
    ("rolling", f"(?:les |ces )?{_NUMBER} derni(?:er|ere)s? {_UNIT}(?! (?:de|du|des|d) )"),
    ("rolling", f"(?:les |ces )derni(?:er|ere)s {_NUMBER} {_UNIT}(?! (?:de|du|des|d) )"),
    ("rolling", f"(?:les |ces ){_NUMBER} {_UNIT} (?:derni(?:er|ere)s|passee?s)"),
    ("rolling", f"{_PREFIX}اخر (?:{_NUMBER} {_UNIT}|{_DUAL})(?! من )"),
    ("rolling", f"{_PREFIX}اخر {_UNIT}(?! من )(?P<needs_boundary>)"),
    ("rolling", f"{_PREFIX}{_DUAL} {_LAST_PLURAL}"),
    ("rolling", f"{_PREFIX}{_UNIT} (?:ال ?)?{_NUMBER} {_LAST_PLURAL}"),
    ("rolling", f"{_PREFIX}(?:ال ?)?{_NUMBER} {_UNIT} {_LAST_PLURAL}"),
    ("ago", f"{_NUMBER} {_UNIT} ago"),
    ("ago", f"il y a {_NUMBER} {_UNIT}"),
    ("ago", f"depuis {_NUMBER} {_UNIT}(?P<open>)"),
    (
        "ago",
        (
            f"[وف]?(?:قبل|(?P<open>منذ|مند|مذ)) (?:{_NUMBER} {_UNIT}|{_BARE_UNIT}"
            f"(?: واحد| واحده|(?P<needs_boundary>))|{_DUAL})(?: من الان| من اليوم|(?! من ))"
        ),
    ),
    (
        "unit_2",
        f"the {_UNIT} before last|{_PREFIX}{_BARE_UNIT} {_BEFORE_LAST}",
    ),
    ("unit_1", f"(?P<bare>last) {_UNIT}(?! of )"),
    ("unit_1", f"(?:la |le |l ' )?{_UNIT} (?:derniere?|passee?)"),
    ("unit_1", f"{_PREFIX}{_UNIT} {_LAST}"),
    ("unit_0", f"(?:the )?(?:start|beginning) of (?:the|this) {_UNIT}(?P<needs_boundary>)"),
    ("unit_0", f"(?:le )?debut (?:du|de la|de l ') {_UNIT}(?P<needs_boundary>)"),
    ("unit_0", f"(?:بدايه|مطلع) {_UNIT}(?P<needs_boundary>)"),
    ("unit_0", f"(?:this|the current|earlier this) {_UNIT}"),
    (
        "unit_0",
        f"(?:cette|ce) {_UNIT}(?: - ci)?|(?:la |le |l ' )?{_BARE_UNIT} en cours",
    ),
    ("unit_0", f"{_PREFIX}(?:هذا|هذه|هاذا) {_UNIT}|{_BARE_UNIT} {_THIS}"),
    (
        "day_0",
        (
            "today|tonight|this (?:morning|afternoon|evening)|aujourd ' hui|aujourdhui|"
            "ce (?:matin|soir|jour)|cet apres - midi|(?:هذا|هذه) (?:الصباح|المساء|اليوم|الليله)|"
            f"{_PREFIX}{_PART_OF_DAY} اليوم(?: {_WEEKDAY})?|الليله(?! ال)"
        ),
    ),
    ("today", f"{_PREFIX}اليوم(?: {_WEEKDAY})?(?! ال)"),
    ("now", "now|(?:the )?present(?: day)?|الان|maintenant|يومنا هذا"),
    ("weekday", f"(?P<past>last|past) {_WEEKDAY}(?: {_PART_OF_DAY})?(?! of )"),
    ("weekday", f"{_WEEKDAY} (?P<past>dernier|passe)(?: {_PART_OF_DAY})?"),
    ("weekday", f"{_PREFIX}(?:يوم )?{_WEEKDAY} (?P<past>{_LAST})"),
    ("weekday", f"{_PREFIX}{_WEEKDAY}(?: {_PART_OF_DAY})?"),
    ("year", f"{_PREFIX}(?P<noun>{_YEAR_NOUN}) {_YEAR}"),
    ("year", _YEAR),
)
"""Kind and pattern of each time expression, in the order of the search.

The patterns match a line of folded words with single spaces between them.
"""

IN = _any_of(
    "in|during|throughout|في|خلال|أثناء|ب|من خلال|في خلال|"
    "en|durant|pendant|courant|au cours de|au cours du|au cours des|au cours d '|au"
)
IN_STANDALONE = _any_of("over|within|for|dans|sur|pour|على مدى|طيلة|طوال")
"""Prepositions before «the last three days», but not before a bare year."""
ON = _any_of("on|on the|le|ce|يوم|في يوم|بتاريخ|في تاريخ|a la date du")
ON_WEEKDAY = _any_of("on|يوم|في يوم|ce")
BOUNDS = {
    "since": _any_of("since|منذ|مند|مذ|depuis|a partir de"),
    "before": _any_of("before|prior to|قبل|ما قبل|avant"),
    "after": _any_of("after|بعد|ما بعد|apres"),
    "until": _any_of("until|till|up to|حتى|لغاية|إلى غاية|jusqu ' en|jusqu ' a|jusqu ' au"),
}
EDGE = _any_of(
    "the start of|the beginning of|the end of|early|late|mid|mid -|"
    "بداية|مطلع|أوائل|اوائل|نهاية|أواخر|منتصف|"
    "le debut de|la fin de|debut|fin|mi -"
)
"""Words for a part of a period: the whole period is searched, so that no article is missed."""
BETWEEN = _any_of("between|from|بين|ما بين|مابين|من|entre|de|du|d '")
AND = _any_of("and|or|&|et|ou|و|أو|,|،")
TO = _any_of("and|to|until|till|through|et|a|au|jusqu ' a|jusqu ' en|و|إلى|حتى|-|–|—")
AND_WORDS = word_set("and or et ou و او to الي - –")
DUAL_NOUNS = _any_of("the years|les annees|عامي|سنتي|شهري|يومي|الأعوام|السنوات")

NEWS_WORDS = word_set(
    "news headlines events stories reports articles developments happened "
    "actualites actualite nouvelles infos evenements articles "
    "اخبار الاخبار خبر انباء الانباء احداث الاحداث تطورات التطورات مستجدات المستجدات حصيله ملخص "
    "موجز تقارير مقالات"
)
"""Nouns dated by their publication: "news of last week" has a window."""
NAMED_EVENTS = word_set(
    "resolution agreement election elections revolution uprising war cup constitution law budget "
    "accord election elections revolution guerre coupe constitution loi budget "
    "قرار قرارات القرار اتفاق الاتفاق اتفاقيه انتخابات الانتخابات ثوره انتفاضه حرب كاس بطوله دستور "
    "الدستور الثوره الانتفاضه الحرب المعركه قانون القانون ميزانيه موازنه مونديال "
    "اولمبياد قمه انقلاب معركه هدنه مبادره دوره نسخه موسم مقارنه هجوم بيان فيضانات زلزال اعلان"
)
"""Nouns that a following year identifies and does not date: «انتخابات عام 2014»."""
GENERAL_TITLES = word_set(
    "النائب الامين المدير المدعي المراقب المفتش السكرتير المنسق القائد الوطني الشعبي الاتحاد الراي "
    "القطاع المركز المؤتمر العفو المجلس المتحدث الوضع المشهد الانفاق الدين المال الصالح الكاتب"
)
"""Nouns after which «العام» means "general", not "the year": «النائب العام الحالي»."""
MEDIA_WORDS = word_set(
    "صحيفه جريده قناه موقع مجله وكاله منصه المصري روسيا بوابه تلفزيون اذاعه راديو حزب"
)
"""Nouns after which «اليوم», directly or one word later, belongs to a medium's name."""
GENITIVE = _any_of("of|from|de|du|des|d '|من|ل|لل|عن")
"""Before a time expression these attach it to a noun: only news nouns are dated by it."""
OF_WORDS = word_set("of from de du des d من")
"""These continue a month: "in March of that year"."""
APPROXIMATIONS = word_set("than over about nearly around almost some least plus")
WORDS_BEFORE_OTHER_DAY = word_set("في ذلك نفس كل طوال منتصف سعر عليه عليها")
"""Before «اليوم» these give it the meaning "that day" or "any day"."""
COMPARISON_WORDS = word_set(
    "to with than between بين الي حتي ك que every each كل later not par comme"
)
"""After these a time expression is compared with another or indefinite."""
LIMITING_WORDS = word_set(
    "since after before until منذ بعد قبل حتي depuis avant apres "
    "scheduled planned المقرر المقرره المزمع prevu prevue prevus prevues "
    "born ولد ولدت مواليد ne nee"
)
"""After these and a noun a time dates that noun, not the news: «بعد الثورة في عام 2011»."""
NEXT_WORDS = word_set(
    "next coming prochain prochaine المقبل المقبله القادم القادمه الجاي الجايه القريب "
    "التالي التاليه"
)
WORDS_AFTER_YEAR = word_set(
    "in at by on to for from with about during after before the a an his her their its this that "
    "these those who whom what when where why how which is are was were did does do has have had "
    "will would can could should as if than then because while near regarding against between and "
    "or there until till au aux dans en par pour sur avec le la les l un une des qui que quand ou "
    "comment pourquoi quel quelle quels quelles jusqu est ont sont il elle et entre contre avant "
    "apres في من الي علي عن مع هل ما ماذا متي اين كيف لماذا كم و او ثم بعد قبل بين ضد حول خلال عند "
    "لدي ضمن التي الذي حسب وفق هو هي كان كانت بشان ليبيا بليبيا داخل بسبب حتي"
)
"""Words that may follow a year; before any other word the number may be a count or a name."""
FUTURE = (
    "will|shall|tomorrow|sera|seront|aura|auront|سوف|غدا|ست[^هونر ][^ ]{2,}|سي[^افدرطنسو ][^ ]{2,}"
)
LATEST = (
    "(?<! at the )(?:latest|newest)|(?:most )?recent|recently|"
    "(?:le |la |les )?plus recente?s?|recemment|ces derniers (?:jours|temps)|"
    "derniere?s? (?:nouvelles?|infos?|informations?|actualites?|developpements?)|"
    "[وفبل]?(?:احدث|مؤخرا|(?:ال)?مستجدات|الايام (?:الاخيره|الماضيه)|"
    "اخر (?:ال)?(?:اخبار|انباء|خبر|تطورات|مستجدات|احداث|تصريحات|ما))"
)
LATEST_NEWS = (
    "what(?: is| 's)? (?:the )?(?:new|latest)|(?:any |the )?(?:latest|newest)|any news|"
    "quoi de neuf|quelles? sont les (?:dernieres|nouvelles)|"
    "(?:les |la )?derniere?s? (?:nouvelles?|infos?|informations?|actualites?|developpements?)|"
    "(?:ما|شن|شنو|وش|ايش) (?:هو |هي )?(?:ال)?(?:جديد|اخر|احدث)|(?:اخر|احدث) (?:ال)?مستجدات|مستجدات|"
    "(?:اخر|احدث)(?= (?:ال)?(?:اخبار|انباء|خبر|تطورات|احداث|تصريحات)\\b)"
)
"""Words that ask for the newest articles about what follows them."""
NEWS_ABOUT = (
    "(?: (?:news|updates?|headlines?|developments?|infos?|informations?|nouvelles?|actualites?|"
    "(?:ال)?(?:اخبار|انباء|خبر|تطورات|احداث|تصريحات|مستجدات|جديد)))*"
    "(?: (?:on|about|of|from|in|regarding|concerning|sur|de|du|des|d|la|le|les|au|sujet|propos|"
    "concernant|the|عن|حول|بشان|في|من|بخصوص|تطورات|اخبار|[:,،-]))*"
)
"""What may stand between such words and their topic."""
