"""The command line, `briefing …`.

The arguments, options and output of each command are a stable interface.
"""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

import click

from bot.answers.small_talk import REPLIED_INTENTS, small_talk_text
from bot.cli.add import add, import_
from bot.cli.admin import admin, log
from bot.cli.articles import articles
from bot.cli.context import Console, command
from bot.cli.digest import digest
from bot.cli.feedback import feedback
from bot.cli.feeds.manage import feeds
from bot.cli.feeds.opml import export_opml, import_opml
from bot.cli.feeds.poll import approve, list_pending, poll, refuse
from bot.cli.params import build_window, since_option, source_option, until_option
from bot.cli.render import answers, json_output
from bot.cli.setup import setup
from bot.i18n.languages import match_ui_language
from bot.i18n.phrases import strip_controls
from bot.i18n.translations import translator
from bot.settings import SEEDS
from index.archive import AddOutcome, Archive
from index.errors import InvalidInputError
from index.models import Answer, DateWindow
from index.questions import split_questions
from index.text.language import detect_language


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="libya-briefing")
def main() -> None:
    """Search an archive of news on Libya for answers, quoted word for word."""


main.add_command(articles)
main.add_command(feeds)
main.add_command(feedback)
main.add_command(admin)
main.add_command(digest)
main.add_command(setup)
for subcommand in (add, import_, log):
    main.add_command(subcommand)
for subcommand in (poll, list_pending, approve, refuse, import_opml, export_opml):
    feeds.add_command(subcommand)


@command(main, "ask")
@click.argument("question")
@click.option("--limit", default=3, show_default=True, type=click.IntRange(1, 100))
@since_option
@until_option
@source_option
@click.option("--after", multiple=True, help="An earlier question that this one may lean on.")
@click.option("--nearest", is_flag=True, help="If there is no answer, print the nearest passages.")
def ask(
    console: Console,
    question: str,
    limit: int,
    since: date | None,
    until: date | None,
    source: str | None,
    after: tuple[str, ...],
    *,
    nearest: bool,
) -> None:
    """Answer one question with quotes, their sources and dates."""
    with console.open_archive() as archive:
        window = build_window(since, until, console.settings.zone)
        sources = archive.find_sources(source) if source else None
        _print_answer(
            console, archive, question, limit, window, sources, after=after, nearest=nearest
        )


def _print_answer(
    console: Console,
    archive: Archive,
    question: str,
    limit: int = 3,
    window: DateWindow | None = None,
    sources: tuple[str, ...] | None = None,
    *,
    after: tuple[str, ...] = (),
    nearest: bool = False,
) -> None:
    answers_found = [
        archive.ask(part, limit=limit, window=window, sources=sources, after=after)
        for part in split_questions(question)
    ]
    console.print_json(json_output.serialize_answers(question, answers_found))
    if console.as_json:
        return
    for number, answer in enumerate(answers_found):
        if len(answers_found) > 1:
            console.print_line(f"{chr(10) * (number > 0)}» {strip_controls(answer.question)}")
        _print_text(console, archive, answer, nearest=nearest)


def _print_text(console: Console, archive: Archive, answer: Answer, *, nearest: bool) -> None:
    searched = answer.corrected or answer.question
    lang = match_ui_language(detect_language(searched), console.settings.language)
    if answer.intent in REPLIED_INTENTS:
        console.print_line(small_talk_text(answer.intent, lang))
        return
    console.print_line(answers.render_answer(answer, archive.stats(), lang, console.marks))
    if answer.nearest and not answer.answered:
        nearest_text = answers.render_nearest_quotes(answer, lang, console.marks)
        console.print_line(
            f"\n{nearest_text}"
            if nearest
            else translator(lang).gettext("briefing ask --nearest shows the nearest passages.")
        )


@command(main, "chat")
def chat(console: Console) -> None:
    """Chat with the archive in the terminal."""
    with console.open_archive() as archive:
        _run_chat(console, archive)


def _run_chat(console: Console, archive: Archive) -> None:
    from bot.cli.chat import run_chat

    if console.as_json:
        raise InvalidInputError("a chat has no JSON form", "Use `briefing ask --json`")
    run_chat(archive, console.settings.language, console.marks)


@command(main, "bot")
def bot(console: Console) -> None:
    """Run the Telegram bot until SIGTERM or Ctrl-C."""
    with console.open_archive() as archive:
        _run_bot(console, archive)


def _run_bot(console: Console, archive: Archive) -> None:
    from bot.app import serve

    serve(console.settings, archive)


@command(main, "inbox")
def inbox(console: Console) -> None:
    """Count the updates received from Telegram, and list the replies of unknown fate."""
    from bot.telegram.inbox import count_updates

    with console.open_database() as database:
        inbox_counts = count_updates(database)
    console.print_json(inbox_counts.model_dump())
    console.print_line(f"waiting {inbox_counts.waiting:,}, being sent {inbox_counts.sending:,}")
    for outcome, count in inbox_counts.done.items():
        console.print_line(f"{outcome} {count:,}")
    console.print_line(f"of unknown fate {len(inbox_counts.unknown):,}")
    for update_row in inbox_counts.unknown:
        console.print_line(
            "  update {update_id}, chat {chat_id}, {recorded_at}".format(**update_row)
        )


@command(main, "start")
@click.option("--question", default="", help="Answer this question, then exit.")
def start(console: Console, question: str) -> None:
    """Load the sample articles of `seeds/` and start the bot, as `make run` does.

    Without a Telegram token, start a chat in the terminal.
    """
    data_dir = console.settings.data_dir
    if not data_dir.exists():
        console.print_note(f"Creating the archive in {data_dir} …")
    with console.open_archive() as archive:
        _load_seeds(console, archive)
        if question:
            _print_answer(console, archive, question)
            return
        if console.settings.telegram.token:
            _run_bot(console, archive)
        else:
            _run_chat(console, archive)


def _load_seeds(console: Console, archive: Archive) -> None:
    from index.ingest.text.files import load_draft

    for path in sorted(SEEDS.glob("*.txt")):
        outcome = archive.add(load_draft(path, root=SEEDS))
        if outcome in (AddOutcome.ADDED, AddOutcome.REPLACED):
            console.print_note(f"Sample article {path.name} {outcome}")


@command(main, "reembed")
@click.option("--all", "reembed_all", is_flag=True, help="Embed every article again.")
def reembed(console: Console, *, reembed_all: bool) -> None:
    """Embed again the articles that another model embedded. Resumes after an interruption."""
    with console.open_archive() as archive, console.progress("reembed") as progress:
        done = 0
        for done, total in archive.reembed(reembed_all=reembed_all):
            progress("articles", done, total)
    console.print_json({"reembedded": done})
    console.print_line(f"{done:,} articles were embedded again")


@command(main, "model")
def model(console: Console) -> None:
    """Print the embedding model and its folder, and verify every file of the model."""
    from index.embeddings.build.manifest import verify
    from index.embeddings.build.prepare import DEFAULT_MODEL, prepare

    model_name = console.settings.embedding.model
    folder = None
    if model_name == DEFAULT_MODEL:
        with console.progress("Preparing the embedding model") as progress:
            folder = prepare(console.settings.model_dir, progress)
        verify(folder)
    console.print_json({"model": model_name, "folder": str(folder) if folder else None})
    console.print_line(
        f"{model_name}: {folder}, whole" if folder else f"{model_name}: loaded by its own library"
    )


@command(main, "eval")
@click.option("--articles", required=True, type=click.Path(path_type=Path))
@click.option("--questions", required=True, type=click.Path(path_type=Path))
def eval_(console: Console, articles: Path, questions: Path) -> None:
    """Print retrieval metrics, measured on a temporary archive of these articles."""
    from index.evaluation import evaluate, read_drafts, read_questions

    drafts, eval_questions = read_drafts(articles), read_questions(questions)
    with (
        tempfile.TemporaryDirectory(prefix="briefing-eval-") as folder,
        console.open_archive(Path(folder)) as archive,
        console.progress("eval") as progress,
    ):
        report = evaluate(archive, drafts, eval_questions, progress).model_dump(by_alias=True)
    console.print_json(report)
    for name, value in report.items():
        console.print_line(f"{name:22}{json.dumps(value)}")
