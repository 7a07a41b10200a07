"""What every command shares: --json output, error reports, progress bars, the open archive."""

from __future__ import annotations

import functools
import getpass
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.output import echo
from bot.cli.render import answers
from bot.i18n import phrases
from bot.logging_setup import configure_logging, register_secret
from bot.settings import PREFIX, Settings, load_boilerplate, load_gazetteer, load_settings
from index.archive import Archive
from index.clock import system_clock
from index.embeddings.build.prepare import DEFAULT_MODEL
from index.errors import BriefingError
from index.progress import Progress

if TYPE_CHECKING:
    from index.storage.database import Database

logger = logging.getLogger(__name__)

_BUG_REPORT_HINT = f"{PREFIX}LOG_LEVEL=DEBUG shows where; please report it with that output"


@dataclass(frozen=True)
class Console:
    """The output of a command, as text or as one JSON document, and its settings."""

    as_json: bool

    @functools.cached_property
    def settings(self) -> Settings:
        """The settings, loaded on first use, with which logging is configured."""
        settings = load_settings()
        if settings.telegram.token:
            register_secret(settings.telegram.token.get_secret_value())
        configure_logging(settings.log_level)
        return settings

    @property
    def marks(self) -> answers.HighlightMarks:
        """The marks of a quote's best sentence: bold on a terminal, else brackets."""
        coloured = bool(sys.stdout and sys.stdout.isatty()) and not os.environ.get("NO_COLOR")
        return answers.BOLD if coloured else answers.BRACKETS

    @functools.cached_property
    def actor(self) -> str:
        """The actor that the audit log records for changes made by this command."""
        try:
            return f"terminal {getpass.getuser()}"
        except (OSError, KeyError):  # the user of a container may have no name
            return "terminal"

    def now(self) -> datetime:
        """Return the current time in the time zone of the settings."""
        return system_clock().astimezone(self.settings.zone)

    def print_line(self, line: str) -> None:
        """Print a line of text; nothing if --json is given."""
        if not self.as_json:
            echo(line)

    def report_error(self, error: BriefingError) -> dict[str, str | None]:
        """Print an error on stderr, on one line; return it as --json prints it."""
        self.print_note(f"briefing: {phrases.strip_controls(str(error))}")
        return {"error": error.message, "remedy": error.remedy or None}

    def print_note(self, line: str) -> None:
        """Print a line on stderr."""
        echo(line, err=True)

    def print_json(self, value: Any) -> None:
        """Print the JSON document if --json is given."""
        if self.as_json:
            echo(json.dumps(value, ensure_ascii=False, default=str))

    @contextmanager
    def open_archive(self, folder: Path | None = None) -> Iterator[Archive]:
        """Open the archive in `folder`, by default that of the settings."""
        with Archive(
            folder or self.settings.data_dir,
            self._load_embedder,
            self._load_cross_lingual_encoder if self._uses_cross_lingual_encoder else None,
            zone=self.settings.zone,
            boilerplate=load_boilerplate(self.settings.config_dir),
            gazetteer_config=load_gazetteer(self.settings.config_dir),
        ) as archive:
            yield archive

    @contextmanager
    def open_database(self) -> Iterator[Database]:
        """Open only the database of the archive."""
        from index.storage.database import Database

        database = Database(self.settings.data_dir)
        try:
            yield database
        finally:
            database.close()

    def progress(self, label: str) -> AbstractContextManager[Progress]:
        """Return a progress bar on stderr; without a terminal, it prints one line per stage."""
        return _ProgressBar(label)

    def _load_embedder(self) -> Any:
        from index.embeddings.embedder import load_embedder

        embedding_settings = self.settings.embedding
        with self.progress("Preparing the embedding model") as progress:
            return load_embedder(
                embedding_settings.model,
                self.settings.model_dir,
                runtime=embedding_settings.runtime,
                threads=embedding_settings.threads,
                progress=progress,
            )

    @property
    def _uses_cross_lingual_encoder(self) -> bool:
        """Whether to use the cross-lingual encoder: its weight is tuned for the default model."""
        return (
            self.settings.embedding.cross_lingual and self.settings.embedding.model == DEFAULT_MODEL
        )

    @staticmethod
    def _load_cross_lingual_encoder() -> Any:
        from index.embeddings.use_encoder import UniversalSentenceEncoder

        return UniversalSentenceEncoder()


def command(group: click.Group | None, name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Return a decorator that makes a command with --json, and adds it to `group` if given.

    The function receives a `Console` as its first argument. Errors are reported on one line.
    Exit codes: 0 for success, 2 for bad usage or input, 1 for failure.
    """

    def register(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def run(as_json: bool, **options: Any) -> None:
            _make_streams_lenient()
            console = Console(as_json)
            with _report_errors(console):
                function(console, **options)
                if sys.stdout:
                    sys.stdout.flush()

        option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
        click_command = click.command(name)(option(run))
        if group is not None:
            group.add_command(click_command)
        return click_command

    return register


@contextmanager
def _report_errors(console: Console) -> Iterator[None]:
    """Report errors with their remedies, and exit with the matching code."""
    try:
        yield
    except BriefingError as error:
        logger.debug("The command failed.", exc_info=True)
        console.print_json(console.report_error(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        console.print_note("briefing: stopped; what was finished is kept")
        sys.exit(130)
    except BrokenPipeError:
        _discard_stdout()
        sys.exit(1)
    except OSError as error:
        logger.debug("The command failed.", exc_info=True)
        location = f" ({error.filename})" if error.filename else ""
        console.print_note(f"briefing: {error.strerror or error}{location}. Fix that and try again")
        _discard_stdout()
        sys.exit(1)
    except Exception as error:
        logger.debug("The command failed.", exc_info=True)
        summary = phrases.strip_controls(f"{type(error).__name__}: {error}".split("\n", 1)[0])
        console.print_note(f"briefing: this should not happen ({summary}). {_BUG_REPORT_HINT}")
        console.print_json({"error": summary, "remedy": _BUG_REPORT_HINT})
        sys.exit(1)


def _discard_stdout() -> None:
    """Redirect a broken stdout to the null device, so that Python reports no error at exit."""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _make_streams_lenient() -> None:
    """Escape output that the terminal cannot encode; decode invalid input bytes as �."""
    for stream, errors in (
        (sys.stdin, "replace"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


class _ProgressBar:
    def __init__(self, label: str) -> None:
        self._label = label
        self._stage = ""
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._finish()
            self._stage = stage
            text = f"{self._label}: {stage}"
            if sys.stderr.isatty():
                self._bar = click.progressbar(length=max(total, 1), label=text, file=sys.stderr)
                self._bar.render_progress()
            else:
                echo(f"{text} …", err=True)
        if self._bar is not None:
            self._bar.update(max(0, done - self._bar.pos))

    def _finish(self) -> None:
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None
