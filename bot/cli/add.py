"""`briefing add` and `briefing import`: articles from files, pages, and lines of JSON."""

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

_COPY_CHOICES = ("keep", "replace", "discard")
_copies_option = click.option(
    "--copies",
    type=click.Choice(_COPY_CHOICES),
    help="What to do with what is there already; else you are asked, or both are kept.",
)


@command(None, "add")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--title", help="The article's title.")
@click.option("--source", help="Who published it.")
@click.option("--url", help="Where it was published.")
@click.option("--published", help="When it was published: ISO 8601, or as it is printed.")
@click.option("--language", help="Its language: ar, en, fr, …")
@click.option("--author", help="Who wrote it.")
@_copies_option
def add(
    console: Console, sources: tuple[str, ...], copies: str | None, **options: str | None
) -> None:
    """Add files (.txt .md .html .pdf .docx .jsonl), pages by their address, or what comes on -."""
    fields = parse_article_fields(options, console.settings.zone)
    added: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    with console.open_archive() as archive, console.progress("add") as progress:
        for index, source in enumerate(sources):
            progress("sources", index, len(sources))
            try:
                for draft, extracted in _read_drafts(console, source, fields):
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
    """Add one article as it was decided of copies; return what --json prints of it.

    What was brought under the same id before (the same file, the same page) is a copy only where
    it was decided what to do with copies; else it is corrected.
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
            console.print_line(
                f"discarded, a copy of {existing_article.id}: {answers.render_article_line(existing_article, console.settings.language)}"
            )
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


def _free_id(archive: Archive, taken_id: str) -> str:
    """Return an id like the one that is taken: «port-2», «port-3»."""
    number = 2
    while archive.find(f"{taken_id}-{number}"):
        number += 1
    return f"{taken_id}-{number}"


def _prompt_choice(console: Console, draft: Draft, duplicates: list[Duplicate]) -> str:
    """Ask what to do with a copy, where somebody is there to answer; else both are kept."""
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
    """Return the articles that a file, an address or standard input holds.

    Raises `InvalidInputError`.
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
    """Add many articles: a file of JSON lines, gzipped or not. The same again resumes it."""
    from index.ingest.text.json_lines import InvalidLine as Line
    from index.ingest.text.json_lines import read_articles

    counts = dict.fromkeys(("added", "unchanged", "replaced", "refused"), 0)
    left_out_count = discarded_count = 0
    rejected: list[dict[str, Any]] = []
    seen_ids: dict[str, tuple[int, int]] = {}  # by id: the line, and a hash of what it says
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
                    content = Line(line.number, f"has the id of line {first_line}, and other words")
            if isinstance(content, Line):
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
