"""Record what `make run` prints in a terminal, and draw it as a page of HTML."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.settings import Settings

_STYLE = Path(__file__).with_name("terminal.css")
_BOLD = re.compile("\x1b\\[1m(.*?)\x1b\\[(?:0|22)?m", re.DOTALL)
_READ_BYTES = 65_536


def record_answer(question: str, settings: Settings) -> str:
    """Return what `make run` prints for a question, over a new archive."""
    with TemporaryDirectory(prefix="briefing-terminal-") as folder:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("BRIEFING_")},
            "BRIEFING_DATA_DIR": f"{folder}/archive",
            "BRIEFING_MODEL_DIR": str(settings.model_dir),
        }
        command = [sys.executable, "-m", "bot", "start", "--question", question]
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            command, env=environment, stdout=theirs, stderr=subprocess.DEVNULL
        ) as process:
            os.close(theirs)
            printed = _read_all(ours)
        os.close(ours)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
    return printed.decode().replace("\r\n", "\n")


def render_terminal(command: str, printed: str) -> str:
    """Return a page with a command and what it printed; bold text stays bold."""
    lines = _BOLD.sub(r"<b>\1</b>", escape(printed.strip())).split("\n")
    drawn = "".join(f"<div>{line}</div>" for line in lines)
    return (
        f'<!doctype html><meta charset="utf-8"><style>{_STYLE.read_text("utf-8")}</style>'
        f'<div class="terminal"><div class="command">$ {escape(command)}</div>{drawn}</div>'
    )


def _read_all(descriptor: int) -> bytes:
    """Read until the other end of a terminal is closed, which Linux reports as an error."""
    parts = []
    while True:
        try:
            part = os.read(descriptor, _READ_BYTES)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts)
