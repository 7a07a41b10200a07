"""Print to stdout and stderr, with secrets redacted: nothing else in the command line prints."""

from __future__ import annotations

import click

from bot.logging_setup import redact


def echo(line: str = "", *, err: bool = False) -> None:
    """Print a line on stdout, or on stderr if `err` is set."""
    click.echo(redact(line), err=err)
