"""The command line: `briefing …`. What each command takes and prints is a contract."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

import click

from bot.cli.add import add, import_
from bot.cli.admin import admin, log
from bot.cli.articles import articles
from bot.cli.context import Console, command
from bot.cli.digest import digest
from bot.cli.feeds.manage import feeds
from bot.cli.feeds.opml import give_out, take_in
from bot.cli.feeds.poll import approve, held, poll, refuse
from bot.cli.params import since, until, window_of
from bot.cli.render import answers, json_output
from bot.i18n.catalogue import WORDS, ui_language_of
from bot.settings import SEEDS
from index.archive import AddOutcome, Archive
from index.errors import InvalidInputError
from index.models import DateWindow
from index.text.language import language_of


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="libya-briefing")
def main() -> None:
    """Ask an archive of news on Libya, and read the passages that answer word for word."""


main.add_command(articles)
main.add_command(feeds)
main.add_command(admin)
main.add_command(digest)
for each in (add, import_, log):
    main.add_command(each)
for each in (poll, held, approve, refuse, take_in, give_out):
    feeds.add_command(each)


@command(main, "ask")
@click.argument("question")
@click.option("--limit", default=3, show_default=True, type=click.IntRange(1, 100))
@since
@until
@click.option("--nearest", is_flag=True, help="Without an answer, print the nearest passages.")
def ask(
    console: Console,
    question: str,
    limit: int,
    since: date | None,
    until: date | None,
    *,
    nearest: bool,
) -> None:
    """Answer one question with quotes, each with its source and date."""
    with console.archive() as archive:
        window = window_of(since, until, console.settings.zone)
        _answer(console, archive, question, limit, window, nearest=nearest)


def _answer(
    console: Console,
    archive: Archive,
    question: str,
    limit: int = 3,
    window: DateWindow | None = None,
    *,
    nearest: bool = False,
) -> None:
    found = archive.ask(question, limit=limit, window=window)
    console.document(json_output.answer(found))
    if console.as_json:
        return
    lang = ui_language_of(language_of(question), console.settings.language)
    console.say(answers.answer(found, archive.holdings(), lang, console.marks))
    if found.nearest:
        near = answers.near(found, lang, console.marks)
        console.say(f"\n{near}" if nearest else WORDS[lang]["option nearest"])


@command(main, "chat")
def chat(console: Console) -> None:
    """Chat with the archive in the terminal."""
    with console.archive() as archive:
        _chat(console, archive)


def _chat(console: Console, archive: Archive) -> None:
    from bot.cli.chat import chat as converse

    if console.as_json:
        raise InvalidInputError("a chat has no JSON form", "Use `briefing ask --json`")
    converse(archive, console.settings.language, console.marks)


@command(main, "bot")
def bot(console: Console) -> None:
    """Run the bot in Telegram, until it is stopped by SIGTERM or Ctrl-C."""
    with console.archive() as archive:
        _serve(console, archive)


def _serve(console: Console, archive: Archive) -> None:
    from bot.app import serve

    serve(console.settings, archive)


@command(main, "inbox")
def inbox(console: Console) -> None:
    """Count the updates that came from Telegram, and list the replies of unknown fate."""
    from bot.telegram.inbox import counts

    with console.database() as database:
        found = counts(database)
    console.document(found.model_dump())
    console.say(f"waiting {found.waiting:,}, being sent {found.sending:,}")
    for outcome, count in found.done.items():
        console.say(f"{outcome} {count:,}")
    console.say(f"of unknown fate {len(found.unknown):,}")
    for each in found.unknown:
        console.say("  update {update_id}, chat {chat_id}, {recorded_at}".format(**each))


@command(main, "start")
@click.option("--question", default="", help="Answer this and end.")
def start(console: Console, question: str) -> None:
    """Load `seeds/` and start the bot: what `make run` does."""
    with console.archive() as archive:
        _load_seeds(console, archive)
        if question:
            _answer(console, archive, question)
            return
        if console.settings.telegram.token:
            _serve(console, archive)
        else:
            _chat(console, archive)


def _load_seeds(console: Console, archive: Archive) -> None:
    from index.ingest.text.files import draft_of_file

    for path in sorted(SEEDS.glob("*.txt")):
        outcome = archive.add(draft_of_file(path, root=SEEDS))
        if outcome in (AddOutcome.ADDED, AddOutcome.REPLACED):
            console.note(f"seeds: {path.name} {outcome}")


@command(main, "reembed")
@click.option("--all", "every", is_flag=True, help="Embed every article again.")
def reembed(console: Console, *, every: bool) -> None:
    """Embed again what another model embedded; goes on where it was stopped."""
    with console.archive() as archive, console.progress("reembed") as progress:
        done = 0
        for done, of in archive.reembed(every=every):
            progress("articles", done, of)
    console.document({"reembedded": done})
    console.say(f"{done:,} articles were embedded again")


@command(main, "model")
def model(console: Console) -> None:
    """Name the embedding model and its folder, and check every file of it."""
    from index.embeddings.build.manifest import verify
    from index.embeddings.build.prepare import DEFAULT_MODEL, prepare

    chosen = console.settings.embedding.model
    folder = None
    if chosen == DEFAULT_MODEL:
        with console.progress("model") as progress:
            folder = prepare(console.settings.model_dir, progress)
        verify(folder)
    console.document({"model": chosen, "folder": str(folder) if folder else None})
    console.say(f"{chosen}: {folder}, whole" if folder else f"{chosen}: loaded by its own library")


@command(main, "eval")
@click.option("--articles", required=True, type=click.Path(path_type=Path))
@click.option("--questions", required=True, type=click.Path(path_type=Path))
def eval_(console: Console, articles: Path, questions: Path) -> None:
    """Print retrieval figures over a throw-away archive of these articles."""
    from index.evaluation import evaluate, read_drafts, read_questions

    drafts, asked = read_drafts(articles), read_questions(questions)
    with (
        tempfile.TemporaryDirectory(prefix="briefing-eval-") as folder,
        console.archive(Path(folder)) as archive,
        console.progress("eval") as progress,
    ):
        report = evaluate(archive, drafts, asked, progress).model_dump(by_alias=True)
    console.document(report)
    for name, value in report.items():
        console.say(f"{name:22}{json.dumps(value)}")
