"""`make load`: the bot in Telegram under load, beside the model's own forward passes.

The real bot answers the questions of `arcd` in BRIEFING_EVAL_DIR (or of --articles and --questions)
from a stand-in for Telegram on this machine. Every chat asks its next question as soon as one is
answered, so that some always wait, while another user sends /help again and again. In the same
round a process that does nothing else embeds the same questions one at a time: while the machine is
idle, before and after, and beside a second process that keeps another core busy, because two
"cores" are often the two halves of one. Then users ask one after another, alone and beside one who
floods the bot with questions, follow-ups, edits, presses, reactions and inline queries.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np

from bench.load.flood import measure_flood
from bot.settings import load_settings
from index.evaluation import read_questions
from tests.fakes.telegram.journal import Call
from tests.fakes.telegram.server import Double

PROJECT = Path(__file__).parents[2]
WAITING = 3
"""How many questions each chat keeps in the queue."""


def main() -> None:
    options = _options()
    folder = load_settings().eval_dir or Path()
    articles = options.articles or folder / "arcd" / "articles.jsonl"
    questions = options.questions or folder / "arcd" / "questions.jsonl"
    asked = [question.question for question in read_questions(questions)]
    with tempfile.TemporaryDirectory(prefix="briefing-load-") as work:
        environment = {
            **os.environ,
            "BRIEFING_DATA_DIR": str(Path(work) / "archive"),
            "BRIEFING_TELEGRAM_MESSAGES_PER_SECOND": "0",
            "BRIEFING_LIMITS_QUESTIONS_PER_MINUTE": "6000",
            "BRIEFING_LIMITS_BURST": "1000",
            "PYTHONPATH": str(PROJECT),
        }
        _briefing(environment, "import", str(articles))
        rounds = [_round(environment, questions, asked, options) for _ in range(options.rounds)]
    report = {name: median(each[name] for each in rounds) for name in rounds[0]}
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        for name, value in report.items():
            print(f"{name:44}{value:10.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--answers", type=int, default=1500)
    parser.add_argument("--chats", type=int, default=50)
    parser.add_argument("--flooded-answers", type=int, default=200)
    parser.add_argument("--flood-per-second", type=float, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _briefing(environment: dict[str, str], *words: str) -> None:
    command = [sys.executable, "-m", "bot", *words]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _round(
    environment: dict[str, str], questions: Path, asked: Sequence[str], options: argparse.Namespace
) -> dict[str, float]:
    idle = [_passes(environment, questions)]
    with Double(check=False) as double:
        environment = {
            **environment,
            "BRIEFING_TELEGRAM_TOKEN": double.token,
            "BRIEFING_TELEGRAM_BASE_URL": double.base_url,
        }
        bot = subprocess.Popen([sys.executable, "-m", "bot", "bot"], env=environment)
        try:
            measured = _storm(double, asked, options)
            measured |= measure_flood(
                double, asked, options.flooded_answers, options.flood_per_second
            )
        finally:
            bot.send_signal(signal.SIGTERM)
            _, _, usage = os.wait4(bot.pid, 0)
            bot.returncode = 0
    idle.append(_passes(environment, questions))
    neighbour = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        busy = _passes(environment, questions)
    finally:
        neighbour.kill()
        neighbour.wait()
    for name, passes in (("idle", median(idle)), ("half busy", busy)):
        measured[f"forward passes per second, {name}"] = passes
        measured[f"answers per forward pass, {name}"] = measured["answers per second"] / passes
    measured["peak memory, MB"] = usage.ru_maxrss / 1e3
    return measured


class Storm:
    """Users who ask again as soon as they are answered, and one who wants help all the time."""

    def __init__(self, double: Double, asked: Sequence[str], chats: int) -> None:
        self._double = double
        self._asked = itertools.cycle(asked)
        self._users = {user.id: user for user in (double.user() for _ in range(chats))}
        self._helper = double.user(language_code="en")
        self._wanted: float | None = None
        self._wait_until = 0.0
        self._seen = 0
        self.answered: list[float] = []
        """When each answer was sent, in seconds."""
        self.helped: list[float] = []
        """How long each /help took, in seconds."""

    def begin(self) -> None:
        for user in self._users.values():
            for _ in range(WAITING):
                self._double.say(user, next(self._asked))

    def go_on(self) -> None:
        """Look at the calls that came since, and ask again."""
        self._double.wait_for(lambda: len(self._double.journal) > self._seen, what="a call")
        calls = self._double.journal[self._seen :]
        self._seen += len(calls)
        for call in calls:
            if call.method == "sendMessage" and call.accepted:
                self._answer(call)
        if self._wanted is None and time.monotonic() > self._wait_until:
            self._wanted = time.monotonic()
            self._double.say(self._helper, "/help")

    def _answer(self, call: Call) -> None:
        chat = call.params["chat_id"]
        if chat == self._helper.id:
            assert self._wanted is not None
            self.helped.append(call.at - self._wanted)
            self._wanted, self._wait_until = None, time.monotonic() + 0.05
        else:
            self.answered.append(call.at)
            self._double.say(self._users[chat], next(self._asked))


def _storm(double: Double, asked: Sequence[str], options: argparse.Namespace) -> dict[str, float]:
    storm = Storm(double, asked, options.chats)
    storm.begin()
    warm = options.answers // 10
    while len(storm.answered) < warm + options.answers:
        storm.go_on()
    seconds = storm.answered[-1] - storm.answered[warm - 1]
    p50, p95 = np.percentile(storm.helped, [50, 95])
    return {
        "answers per second": (len(storm.answered) - warm) / seconds,
        "/help p50, ms": 1000 * float(p50),
        "/help p95, ms": 1000 * float(p95),
    }


def _passes(environment: dict[str, str], questions: Path) -> float:
    """Return how many questions a second the model embeds, where nothing else runs."""
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from bot.cli.context import Console\n"
        "from index.evaluation import read_questions\n"
        "asked = [each.question for each in read_questions(Path(sys.argv[1]))]\n"
        "with Console(as_json=True).open_archive() as archive:\n"
        "    embedder = archive.embedder\n"
        "    for part in (asked[:50], asked):\n"
        "        started = time.perf_counter()\n"
        "        for each in part:\n"
        "            embedder.embed_questions([each])\n"
        "    print(len(asked) / (time.perf_counter() - started))\n"
    )
    command = [sys.executable, "-c", script, str(questions)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout)


if __name__ == "__main__":
    main()
