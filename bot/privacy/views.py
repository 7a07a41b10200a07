"""Texts on what is stored about a person, for how long, and what was erased."""

from __future__ import annotations

from bot.digest.store.deliveries import RETENTION_PERIOD
from bot.i18n.formats import number_text
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.privacy.callbacks import EraseCallback
from bot.privacy.store import ErasedRows
from bot.telegram.inbox import CONVERSATION_PERIOD, RETENTION
from bot.telegram.message import Button, OutgoingMessage, trusted_text


def render_privacy(lang: UiLanguage) -> OutgoingMessage:
    """Say what is stored about a person, and for how long."""
    _ = translator(lang).gettext
    lines = [
        _("What is stored about you, and for how long:"),
        _(
            "• The language that you chose, and whether you have blocked the bot: until you erase "
            "it."
        ),
        # Translators: {days}: a number of days, at least 30.
        _(
            "• The fact that you sent a message, and when: {days} days. Its text "
            "only until it is answered."
        ).format(days=RETENTION.days),
        # Translators: {days}: a number of days, at least 30; {minutes}: a number of minutes, 10.
        _(
            "• Your questions, and which passages answered them, because the buttons "
            "need them: {days} days. Your last question, so that the next one can "
            "refer to it: it is used for {minutes} minutes and deleted within a day."
        ).format(days=RETENTION.days, minutes=CONVERSATION_PERIOD.seconds // 60),
        _(
            "• Your ratings of answers, each with its question, which are used to "
            "measure the search: until you erase them."
        ),
        _(
            "• Your subscription with its time zone and topics, and what you watch: until you "
            "erase it, also after you unsubscribe, so that you can come back. Of a location that "
            "you send, only the time zone is kept."
        ),
        # Translators: {days}: a number of days, at least 30.
        _("• Which digests and alerts were sent to you: {days} days.").format(
            days=RETENTION_PERIOD.days
        ),
        _(
            "• Of editors also: their name; their drafts, for a day; and the log of "
            "who changed what in the archive, which stays."
        ),
        _(
            "What you type after the bot's name in other chats is not stored. Nothing is passed "
            "on to anyone."
        ),
        _("/forgetme erases all that is stored about you."),
    ]
    return OutgoingMessage(trusted_text("\n\n".join(lines)))


def render_confirmation(lang: UiLanguage, *, is_editor: bool) -> OutgoingMessage:
    """Ask whether to erase everything about a person."""
    _ = translator(lang).gettext
    lines = [
        _(
            "This erases all that is stored about you: your language, your questions, your "
            "subscription, what you watch, and what was sent to you. It cannot be undone."
        )
    ]
    if is_editor:
        lines.append(
            _(
                "Your drafts are erased too, and if you became an editor by invitation, "
                "you are no longer one. What you published stays, and so does the log of "
                "who changed what, with your Telegram ID and without your name."
            )
        )
    # Translators: Button.
    button = Button(_("Erase everything"), EraseCallback().pack())
    return OutgoingMessage(trusted_text("\n\n".join(lines)), ((button,),))


def render_erased(erased: ErasedRows, lang: UiLanguage) -> OutgoingMessage:
    """Report what was erased."""
    _ = translator(lang).gettext
    counts = (
        # Translators: {count}: a number.
        (_("settings: {count}"), erased.settings),
        # Translators: {count}: a number.
        (_("messages and answers: {count}"), erased.messages),
        # Translators: {count}: a number.
        (_("subscription, watches, digests and alerts: {count}"), erased.digest),
        # Translators: {count}: a number.
        (_("drafts and other editorial work: {count}"), erased.editorial),
    )
    lines = [_("All that was stored about you is erased:")]
    lines += [template.format(count=number_text(count, lang)) for template, count in counts]
    return OutgoingMessage(trusted_text("\n".join(lines)))
