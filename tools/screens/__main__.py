"""The commands `pictures` and `transcripts`; both may be given at once."""

from __future__ import annotations

from pathlib import Path

import click

from bot.settings import load_settings
from tools.screens.browser import take_picture
from tools.screens.conversation import Conversation, play_script
from tools.screens.dialogues import read_script
from tools.screens.phone_page import render_page
from tools.screens.terminal import record_answer, render_terminal
from tools.screens.transcript import write_transcript

_HERE = Path(__file__).parent
_DOCS = _HERE.parents[1] / "docs"
_QUESTION = "who met in Paris?"


@click.group(chain=True)
def main() -> None:
    """Make pictures and transcripts of what the bot says."""


@main.command()
@click.option("--only", help="The name of one dialogue.")
def pictures(only: str | None) -> None:
    """Write docs/screens/*.png."""
    folder = _DOCS / "screens"
    for conversation in _play("pictures.toml", only):
        dialogue = conversation.dialogue
        for theme in dialogue.themes:
            suffix = "-dark" if theme == "dark" else ""
            page = render_page(conversation, theme)
            take_picture(page, folder / f"{dialogue.name}{suffix}.png")
    if only is None:
        printed = record_answer(_QUESTION, load_settings())
        command = f'make run Q="{_QUESTION}"'
        take_picture(render_terminal(command, printed), folder / "terminal.png")


@main.command()
@click.option("--only", help="The name of one dialogue.")
def transcripts(only: str | None) -> None:
    """Write docs/transcripts/*.md."""
    folder = _DOCS / "transcripts"
    folder.mkdir(exist_ok=True)
    for conversation in _play("transcripts.toml", only):
        path = folder / f"{conversation.dialogue.name}.md"
        path.write_text(write_transcript(conversation), "utf-8")


def _play(file: str, only: str | None) -> list[Conversation]:
    script = read_script(_HERE / file)
    if only:
        runs = [run.select(only) for run in script.runs]
        script = script.model_copy(update={"runs": tuple(run for run in runs if run.dialogues)})
    return list(play_script(script, load_settings()))


if __name__ == "__main__":
    main()
