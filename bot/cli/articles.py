"""`briefing articles …`: list, new, show, edit, remove and restore."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bot.cli.context import Console, command
from bot.cli.params import article_id, known_fields, since, until, window_of
from bot.cli.render import answers, json_output
from bot.i18n import phrases
from index.errors import InvalidInputError


@click.group()
def articles() -> None:
    """List, show, edit, remove and restore articles."""


@command(articles, "list")
@since
@until
@click.option("--removed", is_flag=True, help="Those that can be restored.")
@click.option("--limit", type=click.IntRange(1, 2**31), help="At most so many.")
@click.option("--offset", default=0, type=click.IntRange(0, 2**31), help="Pass over so many first.")
def list_(
    console: Console,
    since: date | None,
    until: date | None,
    removed: bool,
    limit: int | None,
    offset: int,
) -> None:
    """List articles, the last published first."""
    with console.archive() as archive:
        found = archive.articles(
            window_of(since, until, console.settings.zone),
            removed=removed,
            limit=limit,
            offset=offset,
        )
        console.document({"articles": [json_output.article(each) for each in found]})
        for each in found:
            console.say(answers.listed(each, console.settings.language))
        if not found:
            console.say(phrases.archive_holds(archive.holdings(), console.settings.language))


@command(articles, "new")
@click.option("--after", default=0, type=click.IntRange(0, 2**62), help="The last `seq` seen.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 2**31))
def new(console: Console, after: int, limit: int) -> None:
    """List what came after a number, each article once: what alerts and digests follow."""
    with console.archive() as archive:
        found = archive.arrivals(after=after, limit=limit)
    last = found[-1].seq if found else after
    console.document({"articles": [json_output.arrival(each) for each in found], "last": last})
    for each in found:
        quiet = "  (quiet)" if each.quiet else ""
        console.say(f"{each.seq}  {answers.listed(each.article, console.settings.language)}{quiet}")
    if not found:
        console.say(f"Nothing came after {after}.")


@command(articles, "show")
@article_id
def show(console: Console, article_id: str) -> None:
    """Show one article, with its text."""
    with console.archive() as archive:
        article = archive.article(article_id)
    console.document({**json_output.article(article), "text": article.text})
    console.say(
        f"{answers.listed(article, console.settings.language)}\n\n{phrases.visible(article.text)}"
    )


@command(articles, "edit")
@article_id
@click.option("--title", help='A new title; "" for none.')
@click.option("--source", help='A new source; "" for unknown.')
@click.option("--url", help='A new address; "" for none.')
@click.option("--published", help='A new date, ISO 8601 or as printed; "" for unknown.')
@click.option("--author", help='A new author; "" for none.')
@click.option("--language", help='A new language; "" for unknown.')
@click.option("--text-file", type=click.Path(path_type=Path), help="A file with a new text.")
def edit(console: Console, article_id: str, text_file: Path | None, **known: str | None) -> None:
    """Change what is known of an article, or its text."""
    from index.ingest.text.files import draft_of_file

    changes = known_fields(known, console.settings.zone)
    if text_file:
        changes["text"] = draft_of_file(text_file).text
    if not changes:
        raise InvalidInputError(
            "nothing to change was named", "`briefing articles edit --help` lists it"
        )
    with console.archive() as archive:
        article = archive.edit(article_id, by=console.user, **changes)
    console.document(json_output.article(article))
    console.say(f"edited: {answers.listed(article, console.settings.language)}")


@command(articles, "remove")
@article_id
def remove(console: Console, article_id: str) -> None:
    """Take an article out of every answer."""
    with console.archive() as archive:
        archive.remove(article_id, by=console.user)
    console.document({"id": article_id, "outcome": "removed"})
    console.say(f"removed: {article_id} (`briefing articles restore {article_id}` undoes it)")


@command(articles, "restore")
@article_id
def restore(console: Console, article_id: str) -> None:
    """Bring a removed article back."""
    with console.archive() as archive:
        archive.restore(article_id, by=console.user)
    console.document({"id": article_id, "outcome": "restored"})
    console.say(f"restored: {article_id}")
