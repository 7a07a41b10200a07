"""`briefing feedback export`: what readers think of answers, as questions of `briefing eval`."""

from __future__ import annotations

import click

from bot.cli.context import Console, command
from bot.telegram.feedback_store import Rating, read_feedback


@click.group()
def feedback() -> None:
    """Read what readers think of answers."""


@command(feedback, "export")
@click.option(
    "--rating",
    type=click.Choice([*Rating, "all"]),
    default=Rating.UP,
    show_default=True,
    help="Export the answers that were helpful (up), those that were not (down), or all.",
)
def export(console: Console, rating: str) -> None:
    """Print rated answers as JSON lines, oldest first.

    A line is a question of `briefing eval`: "question" and "article_id", the article of the first
    quote of a helpful answer. Of an answer that was not helpful "article_id" is null: look for the
    right article before you use it.
    """
    with console.open_database() as database:
        records = read_feedback(database, None if rating == "all" else Rating(rating))
    console.print_json({"feedback": [record.model_dump(mode="json") for record in records]})
    for record in records:
        console.print_line(record.model_dump_json())
