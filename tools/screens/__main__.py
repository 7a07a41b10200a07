"""The command: make pictures, transcripts or both."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot.settings import Settings, load_settings
from tools.screens.archives import ArchiveBuilder
from tools.screens.browser import take_picture
from tools.screens.conversation import Conversation, play_script
from tools.screens.dialogues import read_script
from tools.screens.phone_page import render_page
from tools.screens.terminal import record_answer, render_terminal
from tools.screens.transcript import write_transcript

_HERE = Path(__file__).parent
_DOCS = _HERE.parents[1] / "docs"
_SCREENS, _TRANSCRIPTS = _DOCS / "screens", _DOCS / "transcripts"
_QUESTION = "who met in Paris?"


@click.command()
@click.argument("products", nargs=-1, required=True, type=click.Choice(["pictures", "transcripts"]))
@click.option("--only", help="The name of one dialogue.")
def main(products: tuple[str, ...], only: str | None) -> None:
    """Draw what the bot says (docs/screens) and write it down (docs/transcripts)."""
    settings = load_settings()
    scripts = {product: read_script(_HERE / f"{product}.toml") for product in products}
    if only is not None:
        scripts = {product: script.select(only) for product, script in scripts.items()}
    starts = [run.start for script in scripts.values() for run in script.runs]
    builder = ArchiveBuilder(settings)
    with TemporaryDirectory(prefix="briefing-screens-") as folder:
        archives = builder.build(Path(folder), starts)
        for product, script in scripts.items():
            for conversation in play_script(script, builder, archives):
                _report_missing_buttons(conversation)
                if product == "pictures":
                    _draw(conversation)
                else:
                    _write(conversation)
    if "pictures" in products and only is None:
        _draw_terminal(settings)


def _report_missing_buttons(conversation: Conversation) -> None:
    for exchange in conversation.exchanges:
        if exchange.turn.press is not None and exchange.label is None:
            name, wanted = conversation.dialogue.name, exchange.turn.press
            click.echo(f"{name}: there is no button {wanted!r}", err=True)


def _draw(conversation: Conversation) -> None:
    dialogue = conversation.dialogue
    for theme in dialogue.themes:
        suffix = "-dark" if theme == "dark" else ""
        take_picture(render_page(conversation, theme), _SCREENS / f"{dialogue.name}{suffix}.png")


def _draw_terminal(settings: Settings) -> None:
    page = render_terminal(f'make run Q="{_QUESTION}"', record_answer(_QUESTION, settings))
    take_picture(page, _SCREENS / "terminal.png")


def _write(conversation: Conversation) -> None:
    _TRANSCRIPTS.mkdir(exist_ok=True)
    path = _TRANSCRIPTS / f"{conversation.dialogue.name}.md"
    path.write_text(write_transcript(conversation), "utf-8")


if __name__ == "__main__":
    main()
