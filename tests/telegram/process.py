"""The bot as a process of its own, started, stopped and killed as its operator would; its news, its people."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.store.inbox import Counts, counts
from index.store.database import Database
from tests.telegram.double.server import Double
from tests.telegram.double.state import Json
from tests.town import PORT, RAIN, SCHOOL, draft

PROGRAM = [sys.executable, "-m", "bot"]
EXIT_SECONDS = 10
"""How long the bot may take to end when it is asked to."""

_QUARTERS = """
Sandgate:the potters:Rashid Amrani:a covered well:in the year of the great flood
Saltmarsh:the rope makers:Huda Mansur:two windmills:before the railway came
Palmyard:the date growers:Idris Tahan:a sundial of red stone:under the first council
Lanternhill:the glass blowers:Nadia Farouk:an old lighthouse:after the long drought
Kilnrow:the bakers:Yusuf Darwish:nine brick ovens:when the wall was pulled down
Netmenders:the fishermen:Samira Haddad:a bronze anchor:during the war of the salt tax
Almondside:the bookbinders:Tarek Nassar:a public library:with money from the harbour
Cartwright:the wheel makers:Leila Bishara:a stable of stone:for the spring fair
Bellmarket:the coppersmiths:Omar Zidan:a bell without a tongue:to mark a peace
Reedbank:the basket weavers:Amal Khoury:a wooden bridge:for the price of one ship
Stonecutters:the masons:Fadi Rahal:a theatre of limestone:in a single winter
Dyersfield:the dyers:Mona Sabbagh:seven blue basins:against the advice of the mayor
Orchardgate:the beekeepers:Walid Ghanem:a garden of figs:after a vote of the people
Windmillers:the millers:Rana Aziz:a granary on stilts:because mice had eaten the harvest
Ferrylanding:the boatmen:Khalil Maalouf:a stairway into the river:on the night of an eclipse
Clockmakers:the watch makers:Dalia Sarraf:a tower with four clocks:so that no one would be late
Olivepress:the oil pressers:Jamal Hakim:a mill turned by camels:in memory of a lost son
Weaversend:the carpet weavers:Sana Qasim:a hall of forty looms:with wool from the south
"""
QUARTERS = "\n\n".join(
    f"The quarter of {name} belongs to {trade} of Noran. It is proud of {sight}, which {person} built "
    f"{when}. Visitors are asked to knock at the door of the elder before they enter. The council has "
    f"promised {name} new lamps, a school bus and a doctor who comes on Thursdays."
    for name, trade, person, sight, when in (
        line.split(":") for line in _QUARTERS.split("\n") if line
    )
)
"""An article of several passages, and of several messages where it is read from end to end."""
NEWS = (
    draft(
        "port",
        PORT,
        source="صحيفة نوران",
        url="https://noran.example/port?a=1&b=2",
        published="2026-01-10",
        language="ar",
    ),
    draft(
        "school",
        SCHOOL,
        source="The Noran Courier",
        url="https://noran.example/school",
        published="2026-01-20T08:30:00+02:00",
        language="en",
    ),
    draft(
        "rain",
        RAIN,
        source="Le Matin de Noran",
        url="https://noran.example/" + "rain" * 745,
        language="fr",
    ),
    draft("quarters", QUARTERS, published="2026-01-31", language="en"),
)
"""The news of Noran: the rain has no date and an address too long for a link."""


class BotProcess:
    """`briefing bot` against a double, with its archive in `folder`/archive; a context manager.

    Keywords are settings: telegram_poll_seconds=5 is BRIEFING_TELEGRAM_POLL_SECONDS.
    """

    def __init__(
        self,
        double: Double,
        folder: Path,
        models: Path,
        *,
        program: Sequence[str] = PROGRAM,
        **settings: object,
    ) -> None:
        self.double = double
        self.program = program
        self.folder = folder
        self.archive = folder / "archive"
        self.stderr = folder / "bot.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._polls = 0
        others = {
            key: value for key, value in os.environ.items() if not key.startswith("BRIEFING_")
        }
        self.environment = others | _variables(
            data_dir=self.archive,
            model_dir=models,
            telegram_token=double.token,
            telegram_base_url=double.base_url,
            telegram_base_file_url=double.base_file_url,
            telegram_poll_seconds=1,
            log_level="INFO",
        )
        self.set(**settings)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.running:
            self.terminate()

    def set(self, **settings: object) -> None:
        """Change settings for the next start; None takes one away."""
        for name, value in settings.items():
            self.environment.pop(f"BRIEFING_{name.upper()}", None)
            self.environment |= {} if value is None else _variables(**{name: value})

    def start(self) -> None:
        """Start the bot; `wait_ready` waits until it asks for updates."""
        assert not self.running, "the bot runs already"
        self._polls = self.double._polls
        with self.stderr.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.program, "bot"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        threading.Thread(target=self._tell_of_its_end, args=[self._process], daemon=True).start()

    def _tell_of_its_end(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        with self.double.changed:
            self.double.changed.notify_all()

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What all runs wrote to stderr."""
        return self.stderr.read_text("utf-8")

    def wait_ready(self, seconds: float = 60) -> None:
        """Wait until the bot that was started last has asked for updates."""
        self.double.wait_for(
            lambda: self.double._polls > self._polls or not self.running, seconds, "a poll"
        )
        assert self.running, f"the bot ended:\n{self.log}"

    def wait_exit(self, seconds: float = EXIT_SECONDS) -> int:
        """Wait until the bot has ended and return its exit code; minus a signal's number."""
        assert self._process
        return self._process.wait(seconds)

    def signal(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)

    def kill(self) -> None:
        """End the bot as a power cut would."""
        self.signal(signal.SIGKILL)
        self.wait_exit()

    def terminate(self) -> int:
        """Ask the bot to end and return its exit code, waiting at most 10 s."""
        self.signal(signal.SIGTERM)
        return self.wait_exit()

    def restart(self, **settings: object) -> None:
        """Start the bot again, killing it where it still runs, and wait until it is ready."""
        if self.running:
            self.kill()
        self.set(**settings)
        self.start()
        self.wait_ready()

    def inbox(self) -> Counts:
        """Count what the bot has recorded."""
        database = Database(self.archive)
        try:
            return counts(database)
        finally:
            database.close()

    def briefing(self, *words: str) -> str:
        """Run another command on the same archive, as the operator may; return what it prints."""
        done = subprocess.run(
            [*PROGRAM, *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()


StartBot = Callable[..., BotProcess]
"""What the fixture `start_bot` is."""


def _variables(**settings: object) -> dict[str, str]:
    return {f"BRIEFING_{name.upper()}": str(value) for name, value in settings.items()}


class Person:
    """Someone of the test's own who writes to the bot, and waits for what it says."""

    def __init__(
        self, double: Double, language: str | None, name: str = "Layla", id: int | None = None
    ) -> None:
        self.double = double
        self.user = double.user(name, language, id)
        self.chat = double.private(self.user)

    def say(self, text: str, **how: object) -> Json:
        """Write, and return the one reply."""
        message = self.double.say(self.user, text, **how)
        self.double.wait_for(lambda: self.double.replies(message), what=f"a reply to {text!r}")
        assert len(self.double.replies(message)) == 1
        return self.double.replies(message)[0]

    def tap(self, message: Json, button: str) -> Json:
        """Tap a button, and return the message that comes of it."""
        before = len(self.double.replies(message))
        self.double.tap(self.user, message, button)
        self.double.wait_for(lambda: len(self.double.replies(message)) > before, what=button)
        return self.double.replies(message)[-1]

    def now(self, message: Json) -> Json:
        """Return a message as it stands now."""
        return dict(self.double.world.chats[message["chat"]["id"]].messages[message["message_id"]])

    def wait_for_buttons(self, message: Json, *expected: str) -> None:
        self.double.wait_for(lambda: labels(self.now(message)) == [*expected], what=str(expected))


def labels(message: Json) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def marked(message: Json, *kinds: str) -> list[str]:
    """The parts of a message's text that such entities mark."""
    text = message["text"].encode("utf-16-le")
    spans = [
        (entity["offset"] * 2, (entity["offset"] + entity["length"]) * 2)
        for entity in message.get("entities", [])
        if entity["type"] in kinds
    ]
    return [text[start:end].decode("utf-16-le") for start, end in spans]


def quotes(message: Json) -> list[str]:
    return marked(message, "blockquote", "expandable_blockquote")


def links(message: Json) -> list[str]:
    return [each["url"] for each in message["entities"] if each["type"] == "text_link"]


Meet = Callable[[str | None], Person]
"""What the fixture `meet` is."""
