"""`briefing articles …`: list, new, show, edit, remove and restore."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bot.cli.context import Console, command
from bot.cli.params import (
    article_id_argument,
    build_window,
    parse_article_fields,
    since_option,
    until_option,
)
from bot.cli.render import answers, json_output
from bot.i18n import phrases
from index.errors import InvalidInputError


@click.group()
def articles() -> None:
    """List, show, edit, remove and restore articles."""


@command(articles, "list")
@since_option
@until_option
@click.option("--removed", is_flag=True, help="List removed articles, which can be restored.")
@click.option("--limit", type=click.IntRange(1, 2**31), help="List at most this many.")
@click.option("--offset", default=0, type=click.IntRange(0, 2**31), help="Skip this many first.")
def list_(
    console: Console,
    since: date | None,
    until: date | None,
    removed: bool,
    limit: int | None,
    offset: int,
) -> None:
    """List articles, latest published first."""
    with console.open_archive() as archive:
        matching = archive.articles(
            build_window(since, until, console.settings.zone),
            removed=removed,
            limit=limit,
            offset=offset,
        )
        console.print_json(
            {"articles": [json_output.serialize_article(article) for article in matching]}
        )
        for article in matching:
            console.print_line(answers.render_article_line(article, console.settings.language))
        if not matching:
            console.print_line(
                phrases.archive_contents_text(archive.stats(), console.settings.language)
            )


@command(articles, "new")
@click.option(
    "--after", default=0, type=click.IntRange(0, 2**62), help="The last `seq` that was read."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 2**31))
def new(console: Console, after: int, limit: int) -> None:
    """List the articles that arrived after a number, as alerts and digests read them."""
    with console.open_archive() as archive:
        arrivals = archive.arrivals(after=after, limit=limit)
    last_seq = arrivals[-1].seq if arrivals else after
    console.print_json(
        {
            "articles": [json_output.serialize_arrival(arrival) for arrival in arrivals],
            "last": last_seq,
        }
    )
    for arrival in arrivals:
        suffix = "  (quiet)" if arrival.suppress_alerts else ""
        article_line = answers.render_article_line(arrival.article, console.settings.language)
        console.print_line(f"{arrival.seq}  {article_line}{suffix}")
    if not arrivals:
        console.print_line(f"Nothing came after {after}.")


@command(articles, "show")
@article_id_argument
def show(console: Console, article_id: str) -> None:
    """Show one article, with its text."""
    with console.open_archive() as archive:
        article = archive.article(article_id)
    console.print_json({**json_output.serialize_article(article), "text": article.text})
    article_line = answers.render_article_line(article, console.settings.language)
    console.print_line(f"{article_line}\n\n{phrases.strip_controls(article.text)}")


@command(articles, "edit")
@article_id_argument
@click.option("--title", help='A new title; "" for none.')
@click.option("--source", help='A new source; "" for unknown.')
@click.option("--url", help='A new address; "" for none.')
@click.option("--published", help='A new date, ISO 8601 or as printed; "" for unknown.')
@click.option("--author", help='A new author; "" for none.')
@click.option("--language", help='A new language; "" for unknown.')
@click.option("--text-file", type=click.Path(path_type=Path), help="A file with a new text.")
def edit(console: Console, article_id: str, text_file: Path | None, **options: str | None) -> None:
    """Change the metadata or the text of an article."""
    from index.ingest.text.files import load_draft

    changes = parse_article_fields(options, console.settings.zone)
    if text_file:
        changes["text"] = load_draft(text_file).text
    if not changes:
        raise InvalidInputError(
            "nothing to change was named", "`briefing articles edit --help` lists it"
        )
    with console.open_archive() as archive:
        article = archive.edit(article_id, actor=console.actor, **changes)
    console.print_json(json_output.serialize_article(article))
    console.print_line(f"edited: {answers.render_article_line(article, console.settings.language)}")


@command(articles, "remove")
@article_id_argument
def remove(console: Console, article_id: str) -> None:
    """Remove an article from all answers. It can be restored."""
    with console.open_archive() as archive:
        archive.remove(article_id, actor=console.actor)
    console.print_json({"id": article_id, "outcome": "removed"})
    console.print_line(
        f"removed: {article_id} (`briefing articles restore {article_id}` undoes it)"
    )


@command(articles, "restore")
@article_id_argument
def restore(console: Console, article_id: str) -> None:
    """Restore a removed article."""
    with console.open_archive() as archive:
        archive.restore(article_id, actor=console.actor)
    console.print_json({"id": article_id, "outcome": "restored"})
    console.print_line(f"restored: {article_id}")
