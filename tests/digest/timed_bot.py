"""`briefing bot` whose clock is a file that the test writes: timed_bot.py FILE SECONDS bot."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from bot.app import serve
from bot.console import Console


def main(file: str, look_again: str) -> None:
    def clock() -> datetime:
        return datetime.fromisoformat(Path(file).read_text("ascii"))

    console = Console(as_json=False)
    with console.archive() as archive:
        serve(console.settings, archive, clock, float(look_again))


if __name__ == "__main__":
    main(*sys.argv[1:3])
