"""Play scripted dialogues against the bot, and record what comes of them."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bot.settings import Settings
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Chat, Json, User, shown
from tests.fixtures.bot_process import BotProcess
from tests.fixtures.digest_simulation import Clock
from tests.fixtures.editors import OWNER
from tools.screens.archives import ArchiveBuilder
from tools.screens.dialogues import Dialogue, Run, Script, Turn
from tools.screens.messages import Button, Message

_PROGRAM = (sys.executable, str(Path(__file__).with_name("bot_at_time.py")))
_BOT_NAME, _BOT_USERNAME = "Libya Briefing", "libya_briefing_bot"
_TURN = timedelta(minutes=1)
"""What passes between two turns."""
_QUIET_SECONDS = 0.2
"""The bot has done everything when it has called nothing for so long."""
_ALERT_SECONDS = 2
"""How long the bot may take to find out whom to tell of a new article."""
_WAIT_SECONDS = 60
_SIGNS = re.compile(r"^[\W_]+")


class ChatMessage(NamedTuple):
    """A message as it stands at the end of a conversation."""

    message: Message
    at: datetime
    picture: bytes | None = None


class Exchange(NamedTuple):
    """A turn, and what came of it."""

    at: datetime
    turn: Turn
    author: str
    sent: Message | None = None
    label: str | None = None
    """The label of the button that was pressed; None where there was none such."""
    headline: str | None = None
    """The headline of the article that was published."""
    received: tuple[Message, ...] = ()
    changed: tuple[Message, ...] = ()
    """Earlier messages of the bot that have another text."""
    new_buttons: tuple[Message, ...] = ()
    """Earlier messages that have other buttons below the same text, or none."""


class Conversation(NamedTuple):
    """A dialogue that was played."""

    dialogue: Dialogue
    exchanges: tuple[Exchange, ...]
    messages: tuple[ChatMessage, ...]
    reader_id: int
    """The user on whose phone it is shown: the first participant."""


def play_script(
    script: Script, builder: ArchiveBuilder, archives: Mapping[datetime, Path]
) -> Iterator[Conversation]:
    """Play all dialogues of a script; `archives` has an archive for the start of each run."""
    for run in script.runs:
        with (
            TemporaryDirectory(prefix="briefing-run-") as folder,
            _start_bot(run, Path(folder), archives[run.start], builder.settings) as running,
        ):
            for dialogue in run.dialogues:
                yield _Player(dialogue, *running, builder).play()


@contextmanager
def _start_bot(
    run: Run, folder: Path, archive: Path, settings: Settings
) -> Iterator[tuple[Double, BotProcess, Clock]]:
    shutil.copytree(archive, folder / "archive")
    clock = Clock(folder / "clock", run.start)
    with Double() as double:
        double.bot.first_name, double.bot.username = _BOT_NAME, _BOT_USERNAME
        with BotProcess(
            double,
            folder,
            settings.model_dir,
            program=[*_PROGRAM, str(clock.file)],
            telegram_owners=OWNER,
            feeds_enabled=False,
            limits_questions_per_minute=600,
            limits_burst=100,
        ) as bot:
            bot.wait_ready()
            yield double, bot, clock
        double.check()


class _Player:
    """Plays one dialogue."""

    def __init__(
        self,
        dialogue: Dialogue,
        double: Double,
        bot: BotProcess,
        clock: Clock,
        builder: ArchiveBuilder,
    ) -> None:
        self._dialogue = dialogue
        self._double = double
        self._bot = bot
        self._clock = clock
        self._builder = builder
        self._users = {
            person.name: double.user(person.name, person.language, OWNER if person.owner else None)
            for person in dialogue.people
        }
        users = list(self._users.values())
        self._chat = (
            double.supergroup(dialogue.group, *users)
            if dialogue.group
            else double.private(users[0])
        )
        self._times: dict[int, datetime] = {}
        """When each message was written, by its id."""

    def play(self) -> Conversation:
        """Play all turns."""
        exchanges = tuple(self._play_turn(turn) for turn in self._dialogue.turns)
        messages = tuple(
            ChatMessage(message, self._times[message.message_id], self._find_picture(message))
            for message in self._read_chat(self._chat).values()
        )
        reader = self._users[self._dialogue.people[0].name]
        return Conversation(self._dialogue, exchanges, messages, reader.id)

    def _play_turn(self, turn: Turn) -> Exchange:
        before = self._read_chat(self._chat)
        self._clock.set(self._clock.now + _TURN)
        user = self._users[turn.by or self._dialogue.people[0].name]
        exchange = self._act(turn, user)
        self._settle()
        after = self._read_chat(self._chat)
        for message_id in after.keys() - before.keys():
            self._times[message_id] = self._clock.now
        answers = [message for message in after.values() if message.sender.is_bot]
        edited = [each for each in answers if before.get(each.message_id, each) != each]
        return exchange._replace(
            at=self._clock.now,
            received=tuple(each for each in answers if each.message_id not in before),
            changed=tuple(each for each in edited if before[each.message_id].blocks != each.blocks),
            new_buttons=tuple(
                each for each in edited if before[each.message_id].blocks == each.blocks
            ),
        )

    def _act(self, turn: Turn, user: User) -> Exchange:
        exchange = Exchange(self._clock.now, turn, user.first_name)
        if turn.say is not None:
            return exchange._replace(sent=self._say(turn.say, user, is_reply=turn.reply))
        if turn.press is not None:
            return exchange._replace(label=self._press(turn.press, user))
        if turn.publish is not None:
            return exchange._replace(headline=self._publish(turn.publish))
        assert turn.until is not None
        self._wait_for_message(turn.until)
        return exchange

    def _say(self, text: str, user: User, *, is_reply: bool) -> Message:
        replied: Json | None = self._double.sent(self._chat)[-1] if is_reply else None
        written = self._double.say(
            user, text, chat=self._chat, date=self._clock.now, reply_to=replied
        )
        return Message.model_validate(written)

    def _press(self, wanted: str | int, user: User) -> str | None:
        """Press a button of the newest message that has it; return its label."""
        for written in reversed(self._double.sent(self._chat)):
            message = Message.model_validate(written)
            button = _find_button(message, wanted)
            if button is not None and button.callback_data:
                self._double.tap(user, written, button.callback_data)
                return button.text
        return None

    def _publish(self, article_id: str) -> str | None:
        """Add an article at the time of its publication; return its headline, if it is known."""
        article = self._builder.articles.get(article_id)
        if article is None:
            return None
        self._clock.set(max(self._clock.now, article.published_at))
        self._builder.add(self._bot.archive, [article])
        time.sleep(_ALERT_SECONDS)
        return article.draft.title

    def _wait_for_message(self, until: datetime) -> None:
        count = len(self._double.sent(self._chat))
        self._clock.set(until)
        self._double.wait_for(
            lambda: len(self._double.sent(self._chat)) > count, _WAIT_SECONDS, "a message"
        )

    def _settle(self) -> None:
        """Wait until the bot has done all that it was asked."""
        updates = self._double.state.updates
        self._double.wait_for(lambda: not updates.waiting, _WAIT_SECONDS, "a poll")
        calls, quiet_since = self._count_calls(), time.monotonic()
        while time.monotonic() - quiet_since < _QUIET_SECONDS:
            time.sleep(_QUIET_SECONDS / 10)
            counts = self._bot.inbox()
            if counts.waiting or counts.sending or calls != self._count_calls():
                calls, quiet_since = self._count_calls(), time.monotonic()
            assert self._bot.running, self._bot.log

    def _count_calls(self) -> int:
        with self._double.changed:
            return sum(call.method != "getUpdates" for call in self._double.journal)

    def _read_chat(self, chat: Chat) -> dict[int, Message]:
        with self._double.changed:
            return {
                number: Message.model_validate(shown(message))
                for number, message in chat.messages.items()
            }

    def _find_picture(self, message: Message) -> bytes | None:
        return self._double.content(message.photo[0].file_id) if message.photo else None


def _find_button(message: Message, wanted: str | int) -> Button | None:
    if isinstance(wanted, int):
        return message.buttons[wanted - 1] if wanted <= len(message.buttons) else None
    return next(
        (
            button
            for button in message.buttons
            if _without_signs(button.text).startswith(_without_signs(wanted))
        ),
        None,
    )


def _without_signs(label: str) -> str:
    """Return a label without what stands before its first letter, unless it has no letter."""
    return _SIGNS.sub("", label) or label
