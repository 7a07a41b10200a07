"""`briefing add` and `briefing import`: add articles from files, web pages and JSON lines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from bot.cli.context import Console, command
from bot.cli.params import parse_article_fields
from bot.cli.render import answers, json_output
from bot.i18n import phrases
from bot.settings import SEEDS, load_boilerplate
from index.archive import AddOutcome, Archive
from index.dedup.near_duplicates import Duplicate, DuplicateKind
from index.errors import InvalidInputError
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.rejections import SourceRejected
from index.models import DateProvenance, Draft

_SHOWN_LENGTH = 600
"""Number of characters of a hidden text that are shown."""
_COPY_CHOICES = ("keep", "replace", "discard")
_copies_option = click.option(
    "--copies",
    type=click.Choice(_COPY_CHOICES),
    help="What to do with copies of archived articles. By default, ask, or keep both.",
)


@command(None, "add")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--title", help="The article's title.")
@click.option("--source", help="The source that published it.")
@click.option("--url", help="The address of the published article.")
@click.option("--published", help="The date of publication: ISO 8601, or as printed.")
@click.option("--language", help="The language: ar, en, fr, …")
@click.option("--author", help="The author.")
@_copies_option
@click.option(
    "--hidden",
    is_flag=True,
    help="Add text that a page does not show to its readers. By default, ask, or refuse it.",
)
def add(
    console: Console,
    sources: tuple[str, ...],
    copies: str | None,
    *,
    hidden: bool,
    **options: str | None,
) -> None:
    """Add files (.txt .md .html .pdf .docx .jsonl), web pages, or standard input (-)."""
    fields = parse_article_fields(options, console.settings.zone)
    added: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    with console.open_archive() as archive, console.progress("add") as progress:
        for index, source in enumerate(sources):
            progress("sources", index, len(sources))
            try:
                for draft, extracted in _read_drafts(console, source, fields):
                    if extracted.hidden and not hidden:
                        _confirm_hidden(console, extracted)
                    added.append(
                        {"from": source, **_add_article(console, archive, draft, extracted, copies)}
                    )
            except SourceRejected as refusal:
                labelled_error = InvalidInputError(f"{source}: {refusal.message}", refusal.remedy)
                rejected.append({"from": source, **console.report_error(labelled_error)})
            except InvalidInputError as error:
                rejected.append({"from": source, **console.report_error(error)})
    console.print_json({"added": added, "refused": rejected})
    if rejected:
        sys.exit(InvalidInputError.exit_code)


def _add_article(
    console: Console,
    archive: Archive,
    draft: Draft,
    extracted: ExtractedArticle,
    choice: str | None,
) -> dict[str, Any]:
    """Add one article, and treat copies as `choice` says; return what --json prints.

    An archived article with the same id (the same file or page) counts as a copy only if `choice`
    is given; otherwise the new version corrects it.
    """
    existing = archive.find(draft.id)
    duplicates = [] if existing else archive.find_duplicates(draft)
    if existing and choice and not archive.is_unchanged(draft):
        duplicates = [
            Duplicate(existing, DuplicateKind.ADDRESS if draft.url else DuplicateKind.TEXT)
        ]
    details: dict[str, Any] = {}
    if duplicates:
        details["copies"] = [json_output.serialize_duplicate(duplicate) for duplicate in duplicates]
        choice = choice or _prompt_choice(console, draft, duplicates)
        existing_article = duplicates[0].article
        if choice == "discard":
            article_line = answers.render_article_line(existing_article, console.settings.language)
            console.print_line(f"discarded, a copy of {existing_article.id}: {article_line}")
            return {
                "outcome": "discarded",
                **json_output.serialize_article(existing_article),
                **details,
            }
        if choice == "replace":
            draft = draft.model_copy(update={"id": existing_article.id})
        elif existing:
            draft = draft.model_copy(update={"id": _free_id(archive, draft.id)})
    outcome = archive.add(
        draft, restore_removed=True, overwrite_edits=choice == "replace", actor=console.actor
    )
    article = archive.article(draft.id)
    console.print_line(
        f"{outcome}: {answers.render_article_line(article, console.settings.language)}"
    )
    if article.date_found is DateProvenance.UNCERTAIN:
        details["otherwise"] = [day.isoformat() for day in extracted.otherwise]
        console.print_note(
            f"the date of {article.id} is uncertain"
            f"{f' ({phrases.strip_controls(extracted.printed)})' if extracted.printed else ''}: "
            f"`briefing articles edit {article.id} --published …` sets it"
        )
    return {"outcome": outcome, **json_output.serialize_article(article), **details}


def _confirm_hidden(console: Console, extracted: ExtractedArticle) -> None:
    """Ask on a terminal whether a hidden text is the article; raise `InvalidInputError` if not."""
    note = (
        "the page does not show its text to readers: it stands only in the data for search "
        f"engines, with the source {phrases.strip_controls(extracted.source or 'unknown')}"
    )
    if not console.as_json and sys.stdin and sys.stdin.isatty():
        console.print_note(note)
        console.print_note(phrases.strip_controls(extracted.text[:_SHOWN_LENGTH]))
        if click.confirm("Is it the article?", err=True):
            return
    raise InvalidInputError(note, "Check it, and repeat the command with --hidden")


def _free_id(archive: Archive, taken_id: str) -> str:
    """Return the first unused id of the form «port-2», «port-3»."""
    number = 2
    while archive.find(f"{taken_id}-{number}"):
        number += 1
    return f"{taken_id}-{number}"


def _prompt_choice(console: Console, draft: Draft, duplicates: list[Duplicate]) -> str:
    """Ask on a terminal what to do with a copy; keep both if input is not a terminal."""
    for duplicate in duplicates:
        console.print_note(f"{draft.id} is a copy ({duplicate.kind}) of {duplicate.article.id}")
    if console.as_json or not (sys.stdin and sys.stdin.isatty()):
        console.print_note("both are kept; --copies replace or --copies discard chooses otherwise")
        return "keep"
    choices = click.Choice(_COPY_CHOICES)
    return str(click.prompt("Keep both, replace or discard?", type=choices, err=True))


def _read_drafts(
    console: Console, source: str, fields: dict[str, Any]
) -> list[tuple[Draft, ExtractedArticle]]:
    """Return the articles of a file, a web page or standard input.

    Raises `InvalidInputError` if the source cannot be read.
    """
    from index.ingest.documents import DocumentHints
    from index.ingest.http.fetcher import fetch_sync
    from index.ingest.sandbox import read_in_sandbox
    from index.ingest.text.files import file_id, read_file, read_stream

    rules = load_boilerplate(console.settings.config_dir)
    now = console.now()
    file_draft_id = None
    if source.startswith(("http://", "https://")):
        page = fetch_sync(source, allow_loopback=console.settings.fetching.allow_loopback)
        content = page.content
        hints = DocumentHints(
            url=page.url, content_type=page.content_type, charset=page.charset, now=now, rules=rules
        )
    elif source == "-":
        content = read_stream(sys.stdin.buffer)
        hints = DocumentHints(now=now, rules=rules)
    else:
        path = Path(source)
        content = read_file(path)
        file_draft_id = file_id(path, root=SEEDS if path.resolve().parent == SEEDS else None)
        hints = DocumentHints(name=path.name, now=now, rules=rules)
    document = read_in_sandbox(content, hints)
    for line, reason in document.bad_lines:
        console.print_note(f"line {line} refused: {phrases.strip_controls(reason)}")
    is_single = len(document.stories) == 1
    drafts = []
    for story in document.stories:
        extracted = story.with_changes(**fields)
        drafts.append((extracted.to_draft(file_draft_id if is_single else None), extracted))
    return drafts


@command(None, "import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--copies", type=click.Choice(("keep", "discard")), default="keep", show_default=True)
def import_(console: Console, file: Path, copies: str) -> None:
    """Add many articles from a file of JSON lines, plain or gzipped.

    Run it again to resume an interrupted import.
    """
    from index.ingest.text.json_lines import InvalidLine, read_articles

    counts = dict.fromkeys(("added", "unchanged", "replaced", "refused"), 0)
    left_out_count = discarded_count = 0
    rejected: list[dict[str, Any]] = []
    seen_ids: dict[str, tuple[int, int]] = {}  # by id: the line and a hash of its content
    with console.open_archive() as archive, console.progress("import") as progress:
        size = file.stat().st_size if file.is_file() else 0
        for line in read_articles(file):
            content = line.content
            if isinstance(content, Draft):
                content_hash = hash(content)
                first_line, first_hash = seen_ids.setdefault(
                    content.id, (line.number, content_hash)
                )
                if content_hash != first_hash:
                    content = InvalidLine(
                        line.number, f"has the id of line {first_line}, and other content"
                    )
            if isinstance(content, InvalidLine):
                rejected.append({"line": content.line_number, "reason": content.reason})
                console.print_note(
                    f"line {content.line_number} refused: {phrases.strip_controls(content.reason)}"
                )
            elif copies == "discard" and _is_duplicate(archive, content):
                discarded_count += 1
            else:
                outcome = archive.add(content, actor=console.actor)
                left_out_count += outcome is AddOutcome.STILL_REMOVED
                counts["unchanged" if outcome is AddOutcome.STILL_REMOVED else outcome.value] += 1
            progress(file.name, line.bytes_read, size)
    counts["refused"] = len(rejected)
    document: dict[str, Any] = {**counts, "refused_lines": rejected}
    if copies == "discard":
        document["discarded"] = discarded_count
        console.print_note(f"{discarded_count:,} copies were left out")
    console.print_json(document)
    console.print_line(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    if left_out_count:
        console.print_note(
            f"{left_out_count:,} had been removed and stay so; `briefing articles restore`"
        )
    if not (discarded_count or any(counts[name] for name in ("added", "unchanged", "replaced"))):
        console.print_note(
            f"briefing: {file} holds no article. Each line must be one, as JSON in UTF-8"
        )
        sys.exit(InvalidInputError.exit_code)


def _is_duplicate(archive: Archive, draft: Draft) -> bool:
    return archive.find(draft.id) is None and bool(archive.find_duplicates(draft))
