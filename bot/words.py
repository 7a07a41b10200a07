"""What the bot says, in Arabic, English and French."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from babel.dates import format_date

from index.questions import Fault

Tongue = Literal["ar", "en", "fr"]

_LOCALES: Mapping[str, str] = {"ar": "ar_LY", "en": "en_GB", "fr": "fr_FR"}
_UNKNOWN_DATE = {"ar": "التاريخ غير معروف", "en": "date unknown", "fr": "date inconnue"}
_UNKNOWN_SOURCE = {"ar": "المصدر غير معروف", "en": "source unknown", "fr": "source inconnue"}
_TIME_COMMA = {"ar": "،", "en": ",", "fr": ","}

WORDS: Mapping[Tongue, Mapping[str, str]] = {
    "ar": {
        "hello": "إحاطات ليبية: اسأل بالعربية أو الإنجليزية أو الفرنسية، وتُقتبس لك المقاطع بنصها.",
        "how": "اكتب سؤالك ثم Enter، مثل: من التقى في باريس؟ \u200f(/help للمساعدة، /quit للخروج)",
        "help": "اكتب سؤالاً بكلماتك. كل اقتباس منقول حرفياً من مقاله، مع مصدره وتاريخه، "
        "وأقرب جملة فيه إلى سؤالك مميّزة. /quit للخروج.",
        "articles": "عدد المقالات في الأرشيف: {articles}",
        "on": "بتاريخ {day}",
        "empty archive": "الأرشيف فارغ: أضف مقالات بالأمر briefing add أو briefing import.",
        "closest": "أقرب ما في الأرشيف إلى سؤالك:",
        "searched": "بُحث في ما نُشر {window}.",
        "nothing": "لا يوجد في الأرشيف ما نُشر {window}.",
        "outside": "الأقرب خارج هذه الفترة:",
        "from": "منذ {since}",
        "to": "حتى {until}",
        "between": "من {since} إلى {until}",
        "mark": "ما بين ⟦ و⟧ هو أقرب جملة إلى سؤالك.",
        "also": "نُشر أيضاً في: {sources}",
        Fault.EMPTY: "لم تكتب سؤالاً. اسأل ببضع كلمات، مثل: من التقى في باريس؟",
        Fault.TOO_SHORT: "حرف واحد لا يكفي للبحث. اسأل ببضع كلمات، مثل: من التقى في باريس؟",
        Fault.NO_WORDS: "لم أجد كلمات في سؤالك، بل رموزاً فقط. اكتبه بالعربية أو الإنجليزية أو الفرنسية.",
        Fault.TOO_LONG: "سؤالك من {length} حرفاً، والحد {longest}. اسأل عن أمر واحد في جملة أو جملتين.",
        "bye": "إلى اللقاء.",
    },
    "en": {
        "hello": "Libya briefings: ask in Arabic, English or French and read the passages word for word.",
        "how": "Type a question and Enter, such as: who met in Paris? (/help for help, /quit to leave)",
        "help": "Ask in your own words. Every quote is taken word for word from its article, with its "
        "source and date, and the sentence nearest to your question is marked. /quit to leave.",
        "articles": "Articles in the archive: {articles}",
        "on": "on {day}",
        "empty archive": "The archive is empty: add articles with briefing add or briefing import.",
        "closest": "The passages of the archive that are nearest to your question:",
        "searched": "Searched what was published {window}.",
        "nothing": "Nothing in the archive was published {window}.",
        "outside": "The nearest outside that time:",
        "from": "since {since}",
        "to": "until {until}",
        "between": "from {since} to {until}",
        "mark": "⟦ and ⟧ enclose the sentence nearest to your question.",
        "also": "Also carried by: {sources}",
        Fault.EMPTY: "You did not write a question. Ask in a few words, such as: who met in Paris?",
        Fault.TOO_SHORT: "One character is too little to search for. Ask in a few words, such as: "
        "who met in Paris?",
        Fault.NO_WORDS: "There are no words in your question, only signs. Ask in Arabic, English "
        "or French.",
        Fault.TOO_LONG: "Your question has {length} characters, and {longest} is the most. Ask the "
        "one thing you want to know, in a sentence or two.",
        "bye": "Goodbye.",
    },
    "fr": {
        "hello": "Notes sur la Libye : posez vos questions en arabe, anglais ou français, "
        "et lisez les passages mot pour mot.",
        "how": "Tapez une question puis Entrée, par exemple : qui s'est rencontré à Paris ? "
        "(/help pour l'aide, /quit pour sortir)",
        "help": "Demandez avec vos mots. Chaque citation est reprise mot pour mot de son article, avec "
        "sa source et sa date, et la phrase la plus proche de votre question est marquée. "
        "/quit pour sortir.",
        "articles": "Articles dans l'archive : {articles}",
        "on": "le {day}",
        "empty archive": "L'archive est vide : ajoutez des articles avec briefing add ou "
        "briefing import.",
        "closest": "Les passages de l'archive les plus proches de votre question :",
        "searched": "Recherche dans ce qui a été publié {window}.",
        "nothing": "Rien dans l'archive n'a été publié {window}.",
        "outside": "Le plus proche hors de ces dates :",
        "from": "depuis le {since}",
        "to": "jusqu'au {until}",
        "between": "du {since} au {until}",
        "mark": "⟦ et ⟧ entourent la phrase la plus proche de votre question.",
        "also": "Aussi publié par : {sources}",
        Fault.EMPTY: "Vous n'avez pas écrit de question. Demandez en quelques mots, par exemple : "
        "qui s'est rencontré à Paris ?",
        Fault.TOO_SHORT: "Un seul caractère ne suffit pas. Demandez en quelques mots, par exemple : "
        "qui s'est rencontré à Paris ?",
        Fault.NO_WORDS: "Votre question ne contient pas de mots, seulement des signes. Demandez en "
        "arabe, anglais ou français.",
        Fault.TOO_LONG: "Votre question compte {length} caractères, et {longest} est le maximum. "
        "Demandez une seule chose, en une ou deux phrases.",
        "bye": "Au revoir.",
    },
}


def tongue_of(language: str | None, otherwise: Tongue) -> Tongue:
    """Return the one of the bot's languages that fits `language`, or `otherwise`."""
    if language == "en":
        return "en"
    if language == "fr":
        return "fr"
    return "ar" if language == "ar" else otherwise


def shown_date(published: date | None, tongue: Tongue) -> str:
    """Write the source's date as it gave it: «4 فبراير 2026، 12:51», "4 February 2026, 12:51".

    The day and time are those of the source's own clock, never moved into another zone.
    """
    if published is None:
        return _UNKNOWN_DATE[tongue]
    day = format_date(published, "d MMMM y", locale=_LOCALES[tongue])
    if not isinstance(published, datetime):
        return day
    return f"{day}{_TIME_COMMA[tongue]} {published:%H:%M}"


def shown_source(source: str | None, tongue: Tongue) -> str:
    """Write the source's name, or that it is unknown."""
    return source or _UNKNOWN_SOURCE[tongue]
