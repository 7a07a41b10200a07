"""`briefing add` and `briefing import`: articles from files, pages, and lines of JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from bot.cli.context import Console, command
from bot.cli.params import known_fields
from bot.cli.render import answers, json_output
from bot.i18n import phrases
from bot.settings import SEEDS, load_boilerplate
from index.archive import AddOutcome, Archive
from index.dedup.near_duplicates import Duplicate, DuplicateKind
from index.errors import InvalidInputError
from index.ingest.extracted_article import ExtractedArticle
from index.ingest.rejections import SourceRejected
from index.models import DateProvenance, Draft

_CHOICES = ("keep", "replace", "discard")
_copies = click.option(
    "--copies",
    type=click.Choice(_CHOICES),
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
@_copies
def add(
    console: Console, sources: tuple[str, ...], copies: str | None, **known: str | None
) -> None:
    """Add files (.txt .md .html .pdf .docx .jsonl), pages by their address, or what comes on -."""
    fields = known_fields(known, console.settings.zone)
    added: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    with console.archive() as archive, console.progress("add") as progress:
        for number, source in enumerate(sources):
            progress("sources", number, len(sources))
            try:
                for draft, brought in _drafts(console, source, fields):
                    added.append({"from": source, **_add(console, archive, draft, brought, copies)})
            except SourceRejected as refusal:
                named = InvalidInputError(f"{source}: {refusal.message}", refusal.remedy)
                refused.append({"from": source, **console.told(named)})
            except InvalidInputError as error:
                refused.append({"from": source, **console.told(error)})
    console.document({"added": added, "refused": refused})
    if refused:
        sys.exit(InvalidInputError.exit_code)


def _add(
    console: Console, archive: Archive, draft: Draft, brought: ExtractedArticle, choice: str | None
) -> dict[str, Any]:
    """Add one article as it was decided of copies; return what --json prints of it.

    What was brought under the same id before (the same file, the same page) is a copy only where
    it was decided what to do with copies; else it is corrected.
    """
    same = archive.find(draft.id)
    found = [] if same else archive.copies(draft)
    if same and choice and not archive.is_unchanged(draft):
        found = [Duplicate(same, DuplicateKind.ADDRESS if draft.url else DuplicateKind.TEXT)]
    told: dict[str, Any] = {}
    if found:
        told["copies"] = [json_output.copy(each) for each in found]
        choice = choice or _chosen(console, draft, found)
        old = found[0].article
        if choice == "discard":
            console.say(
                f"discarded, a copy of {old.id}: {answers.listed(old, console.settings.language)}"
            )
            return {"outcome": "discarded", **json_output.article(old), **told}
        if choice == "replace":
            draft = draft.model_copy(update={"id": old.id})
        elif same:
            draft = draft.model_copy(update={"id": _free_id(archive, draft.id)})
    outcome = archive.add(draft, revive=True, afresh=choice == "replace", by=console.user)
    article = archive.article(draft.id)
    console.say(f"{outcome}: {answers.listed(article, console.settings.language)}")
    if article.date_found is DateProvenance.UNCERTAIN:
        told["otherwise"] = [each.isoformat() for each in brought.otherwise]
        console.note(
            f"the date of {article.id} is uncertain"
            f"{f' ({phrases.visible(brought.printed)})' if brought.printed else ''}: "
            f"`briefing articles edit {article.id} --published …` sets it"
        )
    return {"outcome": outcome, **json_output.article(article), **told}


def _free_id(archive: Archive, taken: str) -> str:
    """Return an id like the one that is taken: «port-2», «port-3»."""
    number = 2
    while archive.find(f"{taken}-{number}"):
        number += 1
    return f"{taken}-{number}"


def _chosen(console: Console, draft: Draft, found: list[Duplicate]) -> str:
    """Ask what to do with a copy, where somebody is there to answer; else both are kept."""
    for each in found:
        console.note(f"{draft.id} is a copy ({each.how}) of {each.article.id}")
    if console.as_json or not (sys.stdin and sys.stdin.isatty()):
        console.note("both are kept; --copies replace or --copies discard chooses otherwise")
        return "keep"
    choices = click.Choice(_CHOICES)
    return str(click.prompt("Keep both, replace or discard?", type=choices, err=True))


def _drafts(
    console: Console, source: str, fields: dict[str, Any]
) -> list[tuple[Draft, ExtractedArticle]]:
    """Return the articles that a file, an address or standard input holds. Raises `InvalidInputError`."""
    from index.ingest.documents import DocumentHints
    from index.ingest.http.fetcher import fetch_now
    from index.ingest.sandbox import read_in_sandbox
    from index.ingest.text.files import file_id, read_file, read_stream

    rules = load_boilerplate(console.settings.config_dir)
    now = console.now()
    made_id = None
    if source.startswith(("http://", "https://")):
        page = fetch_now(source, allow_loopback=console.settings.fetching.allow_loopback)
        content = page.content
        given = DocumentHints(
            url=page.url, content_type=page.content_type, charset=page.charset, now=now, rules=rules
        )
    elif source == "-":
        content = read_stream(sys.stdin.buffer)
        given = DocumentHints(now=now, rules=rules)
    else:
        path = Path(source)
        content = read_file(path)
        made_id = file_id(path, root=SEEDS if path.resolve().parent == SEEDS else None)
        given = DocumentHints(name=path.name, now=now, rules=rules)
    document = read_in_sandbox(content, given)
    for line, reason in document.bad_lines:
        console.note(f"line {line} refused: {phrases.visible(reason)}")
    alone = len(document.stories) == 1
    found = []
    for story in document.stories:
        brought = story.with_(**fields)
        found.append((brought.draft(made_id if alone else None), brought))
    return found


@command(None, "import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--copies", type=click.Choice(("keep", "discard")), default="keep", show_default=True)
def import_(console: Console, file: Path, copies: str) -> None:
    """Add many articles: a file of JSON lines, gzipped or not. The same again resumes it."""
    from index.ingest.text.json_lines import InvalidLine as Line
    from index.ingest.text.json_lines import read_articles

    counts = dict.fromkeys(("added", "unchanged", "replaced", "refused"), 0)
    left_out = discarded = 0
    refused: list[dict[str, Any]] = []
    given: dict[str, tuple[int, int]] = {}  # by id: the line, and a hash of what it says
    with console.archive() as archive, console.progress("import") as progress:
        size = file.stat().st_size if file.is_file() else 0
        for line in read_articles(file):
            content = line.content
            if isinstance(content, Draft):
                said = hash(content)
                first, before = given.setdefault(content.id, (line.number, said))
                if said != before:
                    content = Line(line.number, f"has the id of line {first}, and other words")
            if isinstance(content, Line):
                refused.append(content._asdict())
                console.note(f"line {content.line} refused: {phrases.visible(content.reason)}")
            elif copies == "discard" and _is_copy(archive, content):
                discarded += 1
            else:
                outcome = archive.add(content, by=console.user)
                left_out += outcome is AddOutcome.LEFT_OUT
                counts["unchanged" if outcome is AddOutcome.LEFT_OUT else outcome.value] += 1
            progress(file.name, line.position, size)
    counts["refused"] = len(refused)
    told: dict[str, Any] = {**counts, "refused_lines": refused}
    if copies == "discard":
        told["discarded"] = discarded
        console.note(f"{discarded:,} copies were left out")
    console.document(told)
    console.say(", ".join(f"{count:,} {name}" for name, count in counts.items()))
    if left_out:
        console.note(f"{left_out:,} had been removed and stay so; `briefing articles restore`")
    if not (discarded or any(counts[name] for name in ("added", "unchanged", "replaced"))):
        console.note(f"briefing: {file} holds no article. Each line must be one, as JSON in UTF-8")
        sys.exit(InvalidInputError.exit_code)


def _is_copy(archive: Archive, draft: Draft) -> bool:
    return archive.find(draft.id) is None and bool(archive.copies(draft))
