"""The archive's errors, each with a message and a remedy."""

from __future__ import annotations

from pydantic import ValidationError


class BriefingError(Exception):
    """Base class of all errors that are shown to users.

    `message` says what is wrong, `remedy` what to do about it; `str()` returns both on one line.
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
    """The input (a file, a line, a question, an option) is invalid."""

    exit_code = 2


class SettingsError(BriefingError):
    """A setting, or the settings file, is invalid."""

    exit_code = 2


class ModelError(BriefingError):
    """The embedding model cannot be prepared or loaded."""


class EmbeddingModelMismatch(BriefingError):
    """The archive contains vectors of another model than the configured one."""


class StoreError(BriefingError):
    """The database cannot be read or written."""


class ConflictError(StoreError):
    """Another process changed an article after it was read here and before it was written."""


class NotFoundError(InvalidInputError):
    """There is no article with the given id."""


def format_validation_error(error: ValidationError) -> str:
    """Return all validation errors on one line, such as «url: String should match pattern …»."""
    return "; ".join(
        f"{'.'.join(str(part) for part in detail['loc'][:1]) or 'line'}: "
        f"{detail['msg'].removeprefix('Value error, ')}"
        for detail in error.errors(include_url=False)
    )
