"""Reply to what is no question: greetings, thanks, "who are you?", praise and insults."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers.callbacks import NewsCallback
from bot.answers.commands import HELP_TEXT, with_examples
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import N_, translator
from bot.telegram.message import Button
from bot.telegram.reply import Reply
from index.dialogue.intents import Intent

_REPLIES = {
    Intent.GREETING: N_(
        "Hello! Ask me about Libyan affairs: I answer with quotes from the news, word for word, "
        "each with its source and date."
    ),
    Intent.THANKS: N_("You are welcome. Ask whenever you like."),
    Intent.IDENTITY: N_(
        "I am a bot, not a person. I search an archive of news on Libya and quote it word for "
        "word, with source and date; I write nothing myself."
    ),
    Intent.HELP: HELP_TEXT,
    Intent.SMALLTALK: N_("I only know the news on Libya. Ask me about it."),
}
REPLIED_INTENTS = frozenset(_REPLIES)
"""The others are searched: a question, and the latest news."""
NEWS_QUESTIONS: dict[str, dict[UiLanguage, str]] = {
    "latest": {
        "ar": "آخر أخبار {topic}",
        "en": "latest news {topic}",
        "fr": "dernières nouvelles {topic}",
    },
    "today": {
        "ar": "أخبار {topic} اليوم",
        "en": "news {topic} today",
        "fr": "nouvelles {topic} aujourd'hui",
    },
    "week": {
        "ar": "أخبار {topic} هذا الأسبوع",
        "en": "news {topic} this week",
        "fr": "nouvelles {topic} cette semaine",
    },
}
"""What the commands of these names ask."""


def news_question(command: str, topic: str, lang: UiLanguage) -> str:
    """Return the question that /latest, /today or /week asks, about a topic or about everything."""
    return " ".join(NEWS_QUESTIONS[command][lang].format(topic=topic).split())


def small_talk_text(intent: Intent, lang: UiLanguage) -> str:
    """Return the reply to a message that is no question."""
    return translator(lang).gettext(_REPLIES[intent])


def reply_to(
    intent: Intent, examples: Sequence[str], lang: UiLanguage, update_id: int, chat_id: int
) -> Reply:
    """Return a short reply, with buttons for example questions and the latest news.

    Thanks have no examples: who thanks knows how to ask.
    """
    # Translators: Button.
    latest = Button(translator(lang).gettext("The latest news"), NewsCallback().pack())
    shown = () if intent is Intent.THANKS else examples
    return with_examples(small_talk_text(intent, lang), shown, [latest], update_id, chat_id)
