"""What can go wrong in the archive, each with what to do about it."""

from __future__ import annotations

from pydantic import ValidationError


class BriefingError(Exception):
    """Base of every error a person can meet.

    `message` says what was wrong, `remedy` what to do; `str()` gives both on one line.
    The command line exits with `exit_code`: 2 for bad usage or input, 1 for failure.
    """

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = " ".join(message.split())
        self.remedy = " ".join(remedy.split())
        super().__init__(self.message, self.remedy)

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}".strip() if self.remedy else self.message


class InvalidInputError(BriefingError):
    """What was given (a file, a line, a question, an option) cannot be used."""

    exit_code = 2


class SettingsError(BriefingError):
    """A setting, or the file it stands in, cannot be used."""

    exit_code = 2


class ModelError(BriefingError):
    """The embedding model cannot be prepared or loaded."""


class EmbeddingModelMismatch(BriefingError):
    """The archive holds vectors of another model than the one that is set."""


class StoreError(BriefingError):
    """The database cannot be read or written."""


class ConflictError(StoreError):
    """Another process changed an article between its being read here and being written."""


class NotFoundError(InvalidInputError):
    """No article has the id that was named."""


def format_validation_error(error: ValidationError) -> str:
    """Return everything that is wrong, on one line: «url: String should match pattern …»."""
    return "; ".join(
        f"{'.'.join(str(part) for part in detail['loc'][:1]) or 'line'}: "
        f"{detail['msg'].removeprefix('Value error, ')}"
        for detail in error.errors(include_url=False)
    )
