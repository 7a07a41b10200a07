"""Handle the commands /watch, /unwatch and /watching, and the buttons of watches."""

from __future__ import annotations

from bot.digest.callbacks import WatchCallback
from bot.digest.payloads import AlertPayload
from bot.digest.renderer import PayloadRenderer
from bot.digest.store.watches import MAX_WATCHES, TooManyWatches, Watch, WatchStore
from bot.digest.subscription_changes import InvalidTopic, parse_topic
from bot.digest.views.subscription import invalid_topic_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import DIRECTION_MARKS
from bot.i18n.translations import translator
from bot.telegram.message import (
    Button,
    OutgoingMessage,
    bidi_isolate,
    join_html,
    plain_text,
    trusted_text,
)
from bot.telegram.reply import Reply, say
from bot.telegram.updates import ButtonEvent, CommandEvent

COMMANDS = frozenset(("watch", "unwatch", "watching"))


class WatchHandlers:
    """Adds, removes and lists the watches of chats."""

    def __init__(self, watches: WatchStore, renderer: PayloadRenderer) -> None:
        self._watches = watches
        self._renderer = renderer

    async def handle_command(self, event: CommandEvent, lang: UiLanguage) -> Reply:
        """Answer one of `COMMANDS`; the caller has checked the permission."""
        chat_id = event.target.chat_id
        if event.name == "watching" or (event.name == "unwatch" and not event.argument):
            return await self._render_list(chat_id, lang)
        if event.name == "unwatch":
            return await self._remove_watch(chat_id, event.argument, lang)
        return await self._add_watch(event, lang)

    async def handle_callback(
        self, event: ButtonEvent, callback: WatchCallback, lang: UiLanguage
    ) -> Reply | None:
        """Remove a watch; None if its alert is unknown."""
        chat_id = event.target.chat_id
        if callback.action == "watch":
            await self._watches.remove(chat_id, callback.number)
            return (await self._render_list(chat_id, lang))._replace(edits=True)
        content = await self._renderer.load_content(callback.number)
        if not isinstance(content, AlertPayload):
            return None
        return await self._remove_watch(chat_id, content.watched, lang)

    async def _add_watch(self, event: CommandEvent, lang: UiLanguage) -> Reply:
        _ = translator(lang).gettext
        if not event.argument:
            return say(
                _(
                    "Write a name or a topic after the command, such as: /watch border "
                    "security. I will alert you to every new article about it."
                )
            )
        try:
            topic = parse_topic(event.argument)
            target = event.target
            existing = await self._watches.add(target.chat_id, target.thread_id, topic, lang)
        except InvalidTopic:
            return say(invalid_topic_text(lang))
        except TooManyWatches:
            return say(
                translator(lang)
                # Translators: {most}: a number of topics and names.
                .ngettext(
                    "You can watch at most {most} name or topic.",
                    "You can watch at most {most} names and topics.",
                    MAX_WATCHES,
                )
                .format(most=MAX_WATCHES)
            )
        if existing:
            # Translators: {watched}: a topic or a name.
            return _topic_reply(_("You are already watching: {watched}"), existing.topic)
        # Translators: {watched}: a topic or a name.
        return _topic_reply(_("I will alert you to every new article about: {watched}"), topic)

    async def _remove_watch(self, chat_id: int, reference: str, lang: UiLanguage) -> Reply:
        _ = translator(lang).gettext
        watches = await self._watches.list_for_chat(chat_id)
        watch = self._find_watch(reference, watches)
        if watch is None or await self._watches.remove(chat_id, watch.number) is None:
            return say(_("You are not watching that. Your list: /watching"))
        # Translators: {watched}: a topic or a name.
        return _topic_reply(_("I will no longer alert you about: {watched}"), watch.topic)

    def _find_watch(self, reference: str, watches: list[Watch]) -> Watch | None:
        """Return the watch with a number of the list or a topic; None if there is none."""
        if reference.isdecimal() and len(reference) < 4:
            position = int(reference)
            return watches[position - 1] if 1 <= position <= len(watches) else None
        try:
            return self._watches.find_topic(parse_topic(reference), watches)
        except InvalidTopic:
            return None

    async def _render_list(self, chat_id: int, lang: UiLanguage) -> Reply:
        _ = translator(lang).gettext
        watches = await self._watches.list_for_chat(chat_id)
        if not watches:
            return say(
                _("You are not watching anything yet. Write, for example: /watch border security")
            )
        lines = [trusted_text(_("Names and topics you watch:"))]
        mark = DIRECTION_MARKS[lang]
        lines += [
            join_html(
                [trusted_text(f"{mark}{position}."), bidi_isolate(plain_text(watch.topic))], " "
            )
            for position, watch in enumerate(watches, 1)
        ]
        rows = tuple(
            (
                Button(
                    f"✕ {watch.topic}"[:60],
                    WatchCallback(action="watch", number=watch.number).pack(),
                ),
            )
            for watch in watches
        )
        return Reply(OutgoingMessage(join_html(lines, "\n"), rows))


def _topic_reply(template: str, topic: str) -> Reply:
    before, _, after = template.partition("{watched}")
    return Reply(
        OutgoingMessage(
            join_html([trusted_text(before), bidi_isolate(plain_text(topic)), trusted_text(after)])
        )
    )
