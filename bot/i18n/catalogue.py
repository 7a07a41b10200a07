"""What the bot says, in Arabic, English and French."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from babel.dates import format_date

from index.questions import QuestionError

UiLanguage = Literal["ar", "en", "fr"]

UI_LANGUAGES: Mapping[str, UiLanguage] = {"ar": "ar", "en": "en", "fr": "fr"}
"""The languages that the bot speaks."""
UI_LANGUAGE_NAMES: Mapping[UiLanguage, str] = {"ar": "العربية", "en": "English", "fr": "Français"}
_LOCALES: Mapping[str, str] = {"ar": "ar_LY", "en": "en_GB", "fr": "fr_FR"}
_UNKNOWN_DATE = {"ar": "التاريخ غير معروف", "en": "date unknown", "fr": "date inconnue"}
_UNKNOWN_SOURCE = {"ar": "المصدر غير معروف", "en": "source unknown", "fr": "source inconnue"}
_TIME_COMMA = {"ar": "،", "en": ",", "fr": ","}

STRINGS: Mapping[UiLanguage, Mapping[str, str]] = {
    "ar": {
        "hello": "إحاطات ليبية: اسألوا بالعربية أو الإنجليزية أو الفرنسية، وتُقتبس لكم المقاطع بنصها.",
        "how": "اكتبوا سؤالكم ثم Enter، مثل: من التقى في باريس؟ \u200f(\u2066/help\u2069 للمساعدة، \u2066/quit\u2069 للخروج)",
        "help": "اكتبوا سؤالاً بكلماتكم، ولكم أن تذكروا زمناً، مثل: الأسبوع الماضي. كل اقتباس منقول حرفياً من "
        "مقاله، مع مصدره وتاريخه، وأقرب جملة فيه إلى السؤال مميّزة.\n"
        "\u200f\u2066/nearest\u2069 أقرب المقاطع إلى سؤال لا جواب عنه · "
        "\u2066/all\u2069 السؤال نفسه في كل التواريخ · \u2066/quit\u2069 للخروج",
        "articles": "عدد المقالات في الأرشيف: {articles}",
        "on": "بتاريخ {day}",
        "empty archive": "الأرشيف فارغ: أضيفوا مقالات بالأمر briefing add أو briefing import.",
        "found": "من الأرشيف:",
        "searched": "بُحث في ما نُشر {window}.",
        "all dates": "بُحث في كل التواريخ.",
        "none": "لا جواب في الأرشيف عن هذا السؤال.",
        "none then": "لا جواب عن هذا السؤال في ما نُشر {window}.",
        "nothing": "لا يوجد في الأرشيف ما نُشر {window}.",
        "nearest": "أقرب المقاطع، وقد لا تجيب عن السؤال:",
        "outside": "أقرب المقاطع خارج هذه الفترة، وقد لا تجيب عن السؤال:",
        "type nearest": "\u200f\u2066/nearest\u2069 يعرض أقرب المقاطع.",
        "type all": "\u200f\u2066/all\u2069 يبحث في كل التواريخ.",
        "option nearest": "\u200f\u2066briefing ask --nearest\u2069 يعرض أقرب المقاطع.",
        "not yet": "اسألوا أولاً: \u2066/nearest\u2069 و\u2066/all\u2069 يعودان إلى آخر سؤال.",
        "is answered": "أُجيب عن السؤال الأخير، وأقرب المقاطع هي اقتباساته.",
        "from": "منذ {since}",
        "to": "حتى {until}",
        "between": "من {since} إلى {until}",
        "mark": "ما بين ⟦ و⟧ هو أقرب جملة إلى السؤال.",
        "only summary": "ملخص من الخلاصة، لا المقال كاملاً",
        "uncertain date": "{date} (تاريخ غير مؤكد)",
        "also": "نُشر أيضاً في: {sources}",
        "continues": "تتمة",
        "edition": "الأخبار {window} · القصص: {count}",
        "more stories": "قصص أخرى",
        "whole story": "القصة {number} كاملة",
        "all articles": "كل مقالاتها:",
        "digest how": "\u200f\u2066/digest now\u2069 يعرض أخبار الأمس واليوم قصصاً، و\u2066/digest 2026-02-04\u2069 أخبار ذلك اليوم.",
        "menu digest": "إعدادات الموجز، أو أخبار يوم",
        "story counts": "المقالات: {articles} · المصادر المستقلة: {sources}",
        "why": "الترتيب {score} = المصادر {carried} + الحداثة {new} + الصلة بليبيا {libyan}",
        QuestionError.EMPTY: "لم تكتبوا سؤالاً. اسألوا ببضع كلمات، مثل: من التقى في باريس؟",
        QuestionError.TOO_SHORT: "حرف واحد لا يكفي للبحث. اسألوا ببضع كلمات، مثل: من التقى في باريس؟",
        QuestionError.NO_WORDS: "لم أجد كلمات في سؤالكم، بل رموزاً فقط. اكتبوه بالعربية أو الإنجليزية أو الفرنسية.",
        QuestionError.TOO_LONG: "سؤالكم من {length} حرفاً، والحد {longest}. اسألوا عن أمر واحد في جملة أو جملتين.",
        "start": "أهلاً. أجيب عن أسئلتكم في الشأن الليبي باقتباسات حرفية من الأخبار، لكل منها مصدره وتاريخه.\n\n"
        "اكتبوا سؤالاً، مثل: من التقى في باريس؟\n\n\u200f\u2066/help\u2069 للمساعدة · \u2066/language\u2069 للغة",
        "help here": "اكتبوا سؤالاً بكلماتكم، بالعربية أو الإنجليزية أو الفرنسية، ولكم أن تذكروا زمناً، "
        "مثل: الأسبوع الماضي. كل اقتباس منقول حرفياً من مقاله، مع مصدره وتاريخه، وأقرب جملة فيه إلى السؤال بالخط العريض. تحت الإجابة أزرار لاقتباسات أخرى ولما حول كل اقتباس.\n\n"
        "في المجموعات: اذكروا اسم البوت، أو ردّوا على رسالة منه، أو اكتبوا \u2066/ask\u2069 ثم السؤال.\n\n"
        "\u200f\u2066/subscribe\u2069 الموجز اليومي · \u2066/digest\u2069 إعداداته · \u2066/digest now\u2069 الأخبار الآن · \u2066/watch\u2069 تنبيه إلى اسم أو موضوع · \u2066/language\u2069 اللغة · \u2066/about\u2069 عن البوت",
        "about": "إحاطات ليبية: أرشيف أخبار يُقتبس منه حرفياً، ولا يُولَّد فيه نص.",
        "choose language": "بأي لغة أخاطبكم؟",
        "language chosen": "سأخاطبكم بالعربية.",
        "unknown command": "لا أعرف هذا الأمر. اكتبوا سؤالاً، أو \u2066/help\u2069 للمساعدة.",
        "wordless": "لا أقرأ إلا النص. اكتبوا سؤالكم بكلمات.",
        "nothing held": "الأرشيف فارغ: لم يُضف إليه مقال بعد.",
        "show nearest": "أقرب المقاطع",
        "widen": "البحث في كل التواريخ",
        "more": "اقتباسات أخرى",
        "no more": "لا اقتباسات أخرى.",
        "around": "ما حول {number}",
        "around title": "ما حول الاقتباس في مقاله:",
        "link": "رابط",
        "full text": "النص الكامل",
        "page": "{page} من {pages}",
        "gone": "تغيّر المقال أو أُزيل منذ تلك الإجابة.",
        "forgotten": "مضى وقت طويل على تلك الإجابة. اطرحوا السؤال من جديد.",
        "late": "عذراً، كنت متوقفاً حين وصل سؤالكم، وهذا جوابه متأخراً.",
        "slow down": "أسئلة كثيرة في وقت قصير. يمكنكم السؤال من جديد بعد {seconds} ث.",
        "queue full": "لديكم {waiting} أسئلة في الانتظار. سأجيب عنها أولاً، ثم أعيدوا إرسال ما بعدها.",
        "failed": "حدث خطأ عندي ولم أستطع الإجابة. رقم الحادثة: {reference}",
        "owner told": "خطأ {reference}: {kind}. التفاصيل في السجل تحت الرقم نفسه.",
        "menu help": "المساعدة",
        "menu language": "اللغة",
        "menu about": "عن البوت وما في أرشيفه",
        "menu ask": "سؤال (في المجموعات)",
        "bye": "إلى اللقاء.",
    },
    "en": {
        "hello": "Libya briefings: ask in Arabic, English or French and read the passages word for word.",
        "how": "Type a question and Enter, such as: who met in Paris? (/help for help, /quit to leave)",
        "help": "Ask in your own words; you can name a time, such as last week. Every quote is taken word "
        "for word from its article, with its source and date, and the sentence nearest to your "
        "question is marked.\n/nearest the passages nearest to a question without an answer · "
        "/all the same question over all dates · /quit to leave",
        "articles": "Articles in the archive: {articles}",
        "on": "on {day}",
        "empty archive": "The archive is empty: add articles with briefing add or briefing import.",
        "found": "From the archive:",
        "searched": "Searched what was published {window}.",
        "all dates": "All dates were searched.",
        "none": "The archive has no answer to this question.",
        "none then": "Nothing that was published {window} answers this question.",
        "nothing": "Nothing in the archive was published {window}.",
        "nearest": "The nearest passages, which may not answer the question:",
        "outside": "The nearest passages outside that time, which may not answer the question:",
        "type nearest": "/nearest shows the nearest passages.",
        "type all": "/all searches all dates.",
        "option nearest": "briefing ask --nearest shows the nearest passages.",
        "not yet": "Ask a question first: /nearest and /all go back to the last one.",
        "is answered": "The last question was answered: its quotes are the nearest passages.",
        "from": "since {since}",
        "to": "until {until}",
        "between": "from {since} to {until}",
        "mark": "⟦ and ⟧ enclose the sentence nearest to your question.",
        "only summary": "the feed's summary, not the whole article",
        "uncertain date": "{date} (date uncertain)",
        "also": "Also carried by: {sources}",
        "continues": "continued",
        "edition": "The news {window} · stories: {count}",
        "more stories": "More stories",
        "whole story": "Story {number} in full",
        "all articles": "All its articles:",
        "digest how": "/digest now tells the news of yesterday and today as stories, and /digest 2026-02-04 that of that day.",
        "menu digest": "The briefing's settings, or a day's news",
        "story counts": "articles: {articles} · independent sources: {sources}",
        "why": "Ranked {score} = sources {carried} + newness {new} + Libya {libyan}",
        QuestionError.EMPTY: "You did not write a question. Ask in a few words, such as: who met in Paris?",
        QuestionError.TOO_SHORT: "One character is too little to search for. Ask in a few words, such as: "
        "who met in Paris?",
        QuestionError.NO_WORDS: "There are no words in your question, only signs. Ask in Arabic, English "
        "or French.",
        QuestionError.TOO_LONG: "Your question has {length} characters, and {longest} is the most. Ask the "
        "one thing you want to know, in a sentence or two.",
        "start": "Welcome. I answer questions on Libyan affairs with quotes from the news, word for word, each with its "
        "source and its date.\n\nWrite a question, such as: who met in Paris?\n\n/help for help · /language to choose a language",
        "help here": "Ask in your own words, in Arabic, English or French; you can name a time, such as last week. "
        "Every quote is taken word for word from its article, with its source and date; the sentence nearest to your question is in bold. The buttons below "
        "an answer bring more quotes, and the lines around each one.\n\n"
        "In groups: mention the bot, reply to one of its messages, or write /ask and the question.\n\n"
        "/subscribe the daily briefing · /digest its settings · /digest now the news in brief · /watch alerts · /language language · /about about the bot",
        "about": "Libya briefings: an archive of news that is quoted word for word. Nothing is generated.",
        "choose language": "Which language shall I speak?",
        "language chosen": "I will speak English.",
        "unknown command": "I do not know this command. Write a question, or /help for help.",
        "wordless": "I read text only. Please write your question in words.",
        "nothing held": "The archive is empty: no article has been added to it yet.",
        "show nearest": "Nearest passages",
        "widen": "Search all dates",
        "more": "More quotes",
        "no more": "There are no more quotes.",
        "around": "Around {number}",
        "around title": "The quote where it stands in its article:",
        "link": "link",
        "full text": "Full text",
        "page": "{page} of {pages}",
        "gone": "The article has been changed or removed since that answer.",
        "forgotten": "That answer was given long ago. Please ask again.",
        "late": "Sorry: I was away when your question came. Here is the answer, late.",
        "slow down": "Those are many questions in a short time. You can ask again in {seconds} s.",
        "queue full": "{waiting} of your questions are waiting. I will answer those first; then please send the later ones again.",
        "failed": "Something went wrong on my side and I could not answer. Reference: {reference}",
        "owner told": "Error {reference}: {kind}. The log has the details under the same reference.",
        "menu help": "Help",
        "menu language": "Choose a language",
        "menu about": "About the bot and its archive",
        "menu ask": "Ask a question (in groups)",
        "bye": "Goodbye.",
    },
    "fr": {
        "hello": "Notes sur la Libye : posez vos questions en arabe, anglais ou français, "
        "et lisez les passages mot pour mot.",
        "how": "Tapez une question puis Entrée, par exemple : qui s'est rencontré à Paris ? "
        "(/help pour l'aide, /quit pour sortir)",
        "help": "Demandez avec vos mots ; vous pouvez nommer un moment, comme la semaine dernière. Chaque "
        "citation est reprise mot pour mot de son article, avec sa source et sa date, et la phrase "
        "la plus proche de votre question est marquée.\n/nearest les passages les plus proches d'une "
        "question sans réponse · /all la même question à toutes les dates · /quit pour sortir",
        "articles": "Articles dans les archives : {articles}",
        "on": "le {day}",
        "empty archive": "Les archives sont vides : ajoutez des articles avec briefing add ou "
        "briefing import.",
        "found": "Dans les archives :",
        "searched": "Recherche dans ce qui a été publié {window}.",
        "all dates": "La recherche a porté sur toutes les dates.",
        "none": "Les archives n'ont pas de réponse à cette question.",
        "none then": "Rien de ce qui a été publié {window} ne répond à cette question.",
        "nothing": "Rien dans les archives n'a été publié {window}.",
        "nearest": "Les passages les plus proches, qui ne répondent peut-être pas à la question :",
        "outside": "Les passages les plus proches hors de ces dates, qui ne répondent peut-être pas à "
        "la question :",
        "type nearest": "/nearest montre les passages les plus proches.",
        "type all": "/all cherche à toutes les dates.",
        "option nearest": "briefing ask --nearest montre les passages les plus proches.",
        "not yet": "Posez d'abord une question : /nearest et /all reviennent à la dernière.",
        "is answered": "La dernière question a sa réponse : ses citations sont les passages les plus "
        "proches.",
        "from": "depuis le {since}",
        "to": "jusqu'au {until}",
        "between": "du {since} au {until}",
        "mark": "⟦ et ⟧ entourent la phrase la plus proche de votre question.",
        "only summary": "le résumé du flux, non l'article entier",
        "uncertain date": "{date} (date incertaine)",
        "also": "Aussi publié par : {sources}",
        "continues": "suite",
        "edition": "L'actualité {window} · sujets : {count}",
        "more stories": "D'autres sujets",
        "whole story": "Sujet {number} en entier",
        "all articles": "Tous ses articles :",
        "digest how": "/digest now raconte l'actualité d'hier et d'aujourd'hui par sujets, et /digest 2026-02-04 celle de ce jour.",
        "menu digest": "Les réglages du bulletin, ou l'actualité d'un jour",
        "story counts": "articles : {articles} · sources indépendantes : {sources}",
        "why": "Rang {score} = sources {carried} + nouveauté {new} + Libye {libyan}",
        QuestionError.EMPTY: "Vous n'avez pas écrit de question. Demandez en quelques mots, par exemple : "
        "qui s'est rencontré à Paris ?",
        QuestionError.TOO_SHORT: "Un seul caractère ne suffit pas. Demandez en quelques mots, par exemple : "
        "qui s'est rencontré à Paris ?",
        QuestionError.NO_WORDS: "Votre question ne contient pas de mots, seulement des signes. Demandez en "
        "arabe, anglais ou français.",
        QuestionError.TOO_LONG: "Votre question compte {length} caractères, et {longest} est le maximum. "
        "Demandez une seule chose, en une ou deux phrases.",
        "start": "Bienvenue. Je réponds aux questions sur la Libye par des citations de la presse, mot pour mot, chacune avec "
        "sa source et sa date.\n\nÉcrivez une question, par exemple : qui s'est rencontré à Paris ?\n\n/help pour l'aide · /language pour la langue",
        "help here": "Demandez avec vos mots, en arabe, anglais ou français ; vous pouvez nommer un moment, comme la semaine "
        "dernière. Chaque citation est reprise mot pour mot de son article, avec sa source et sa date ; la phrase la plus proche de votre question est en gras. Les boutons "
        "sous une réponse donnent d'autres citations, et les lignes autour de chacune.\n\n"
        "Dans un groupe : mentionnez le bot, répondez à l'un de ses messages, ou écrivez /ask puis la question.\n\n"
        "/subscribe le bulletin quotidien · /digest ses réglages · /digest now l'actualité en bref · /watch alertes · /language langue · /about à propos",
        "about": "Notes sur la Libye : des archives d'actualités citées mot pour mot. Rien n'est généré.",
        "choose language": "Dans quelle langue dois-je parler ?",
        "language chosen": "Je parlerai français.",
        "unknown command": "Je ne connais pas cette commande. Écrivez une question, ou /help pour l'aide.",
        "wordless": "Je ne lis que du texte. Écrivez votre question avec des mots.",
        "nothing held": "Les archives sont vides : aucun article n'y a encore été ajouté.",
        "show nearest": "Passages les plus proches",
        "widen": "Chercher à toutes les dates",
        "more": "Autres citations",
        "no more": "Il n'y a pas d'autres citations.",
        "around": "Autour de {number}",
        "around title": "La citation à sa place dans l'article :",
        "link": "lien",
        "full text": "Texte intégral",
        "page": "{page} sur {pages}",
        "gone": "L'article a été modifié ou retiré depuis cette réponse.",
        "forgotten": "Cette réponse est trop ancienne. Posez la question à nouveau.",
        "late": "Désolé : j'étais absent à l'arrivée de votre question. Voici la réponse, en retard.",
        "slow down": "Cela fait beaucoup de questions en peu de temps. Vous pourrez demander à nouveau dans {seconds} s.",
        "queue full": "{waiting} de vos questions attendent. J'y répondrai d'abord ; renvoyez ensuite les suivantes.",
        "failed": "Une erreur s'est produite de mon côté et je n'ai pas pu répondre. Référence : {reference}",
        "owner told": "Erreur {reference} : {kind}. Le journal a les détails sous la même référence.",
        "menu help": "Aide",
        "menu language": "Choisir la langue",
        "menu about": "À propos du bot et de ses archives",
        "menu ask": "Poser une question (dans un groupe)",
        "bye": "Au revoir.",
    },
}


def match_ui_language(language: str | None, default: UiLanguage) -> UiLanguage:
    """Return the one of the bot's languages that fits `language`, or `default`."""
    primary_subtag = (language or "").lower().partition("-")[0]
    return UI_LANGUAGES.get(primary_subtag, default)


def date_text(published: date | None, lang: UiLanguage) -> str:
    """Write the source's date as it gave it: «4 فبراير 2026، 12:51», "4 February 2026, 12:51".

    The day and time are those of the source's own clock, never moved into another zone.
    """
    if published is None:
        return _UNKNOWN_DATE[lang]
    day = format_date(published, "d MMMM y", locale=_LOCALES[lang])
    if not isinstance(published, datetime):
        return day
    return f"{day}{_TIME_COMMA[lang]} {published:%H:%M}"


def source_text(source: str | None, lang: UiLanguage) -> str:
    """Write the source's name, or that it is unknown."""
    return source or _UNKNOWN_SOURCE[lang]


def number_text(number: int, lang: UiLanguage) -> str:
    """Write a number with its thousands apart, as readers of that language do."""
    return f"{number:,}".replace(",", "\u202f") if lang == "fr" else f"{number:,}"
