"""Read untrusted documents in a separate process with limits of time and memory.

The process (`sandbox_worker.py`) gets none of the bot's settings in its environment, is confined
(`confinement/process.py`) before it parses the document, and returns one response, which is parsed
and never executed. It inherits the scheduling priority of the thread that starts it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import IO, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from index.errors import BriefingError
from index.ingest.confinement.process import ConfinementReport, forbid_dumping
from index.ingest.documents import (
    MAX_DOCUMENT_BYTES,
    DocumentHints,
    ExtractedDocument,
    too_large_error,
)
from index.ingest.feeds.models import Feed
from index.ingest.feeds.opml_outline import OpmlFeeds
from index.ingest.rejections import RejectReason, SourceRejected

MAX_RESPONSE_BYTES = 100_000_000
"""Maximum size of a response: ten million characters, each escaped."""
_PROJECT_ROOT = Path(__file__).resolve().parents[2]
_INHERITED_VARIABLES = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Environment variables that a Python interpreter may need to start."""
_EXIT_TIMEOUT_SECONDS = 2.0
"""Seconds within which a process must exit after its response."""
_CRASH_SIGNALS = ("SIGSEGV", "SIGBUS", "SIGFPE")


class ReadKind(StrEnum):
    """The kind of input to read."""

    DOCUMENT = "document"
    FEED = "feed"
    OPML = "opml"
    CONFINEMENT = "confinement"
    """No input: only the confinement of the process is asked for."""


class SandboxRequest(BaseModel):
    """The request to the process; the document follows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ReadKind = ReadKind.DOCUMENT
    seconds: float
    megabytes: int
    hints: DocumentHints | None = None

    @property
    def required_hints(self) -> DocumentHints:
        """The hints of a document or a feed."""
        assert self.hints is not None, "documents and feeds are requested with hints"
        return self.hints


class SandboxResponse(BaseModel):
    """The response of the process: what was asked for, or the reason of a rejection."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: ExtractedDocument | None = None
    feed: Feed | None = None
    opml: OpmlFeeds | None = None
    confinement: ConfinementReport | None = None
    reason: RejectReason = RejectReason.DAMAGED
    message: str = ""
    remedy: str = ""

    @classmethod
    def too_complex(cls) -> Self:
        """Return the response for a document that exceeds the limit of time or memory."""
        return cls(
            reason=RejectReason.TOO_COMPLEX,
            message="reading it exceeds the limit of time or memory",
            remedy="Send only its text, or a part of it",
        )

    @classmethod
    def damaged(cls, cause: str) -> Self:
        """Return the response for a reader that crashed; `cause` names the error or signal."""
        return cls(
            reason=RejectReason.DAMAGED,
            message=f"it is damaged, and its reader failed ({cause})",
            remedy="Save it again, or send only its text",
        )


def read_in_sandbox(
    content: bytes, hints: DocumentHints, *, seconds: float = 20, megabytes: int = 500
) -> ExtractedDocument:
    """Read a document in a separate process; blocks until it has ended.

    Raises `SourceRejected` as `read_document` does, TOO_COMPLEX if it exceeds `seconds` or
    `megabytes`, and DAMAGED if the reader crashes. Raises `BriefingError` if no process can be
    started.
    """
    response = _request(ReadKind.DOCUMENT, content, hints, seconds, megabytes)
    if response.document is None:
        raise SourceRejected(response.reason, response.message, response.remedy)
    return response.document


def read_feed_in_sandbox(
    content: bytes, hints: DocumentHints, *, seconds: float = 20, megabytes: int = 500
) -> Feed:
    """Read a feed in a separate process, as `read_in_sandbox` does a document.

    Raises `SourceRejected` as `read_feed` does, TOO_COMPLEX and DAMAGED as `read_in_sandbox` does,
    and `BriefingError` if no process can be started.
    """
    response = _request(ReadKind.FEED, content, hints, seconds, megabytes)
    if response.feed is None:
        raise SourceRejected(response.reason, response.message, response.remedy)
    return response.feed


def read_opml_in_sandbox(content: bytes, *, seconds: float = 20, megabytes: int = 500) -> OpmlFeeds:
    """Read a list of feeds in a separate process, as `read_in_sandbox` does a document.

    Raises `SourceRejected` as `read_opml` does, TOO_COMPLEX and DAMAGED as `read_in_sandbox` does,
    and `BriefingError` if no process can be started.
    """
    response = _request(ReadKind.OPML, content, None, seconds, megabytes)
    if response.opml is None:
        raise SourceRejected(response.reason, response.message, response.remedy)
    return response.opml


def report_confinement(*, seconds: float = 20, megabytes: int = 500) -> ConfinementReport:
    """Start a process as for a document, and return which mechanisms confine it.

    Raises `BriefingError` if the process fails.
    """
    response = _request(ReadKind.CONFINEMENT, b"", None, seconds, megabytes)
    if response.confinement is None:
        raise BriefingError(
            f"the process that reads documents does not work: {response.message}",
            "Free memory on this machine, and try again",
        )
    return response.confinement


def _request(
    kind: ReadKind, content: bytes, hints: DocumentHints | None, seconds: float, megabytes: int
) -> SandboxResponse:
    if len(content) > MAX_DOCUMENT_BYTES:
        raise too_large_error(len(content))
    with tempfile.TemporaryFile() as file:
        request = SandboxRequest(
            kind=kind,
            seconds=seconds,
            megabytes=megabytes,
            hints=hints and _with_encodable_name(hints),
        )
        file.write(request.model_dump_json().encode() + b"\n" + content)
        file.seek(0)
        return parse_response(*_run_process(file, seconds))


def _with_encodable_name(hints: DocumentHints) -> DocumentHints:
    """Return `hints` with a name that can be encoded: file names may contain lone surrogates."""
    name = hints.name and hints.name.encode(errors="replace").decode()
    return hints.model_copy(update={"name": name})


def build_environment() -> dict[str, str]:
    """Return the environment of the process, without the bot's settings."""
    inherited = {name: os.environ[name] for name in _INHERITED_VARIABLES if name in os.environ}
    return {**inherited, "PYTHONPATH": str(_PROJECT_ROOT), "OMP_NUM_THREADS": "1"}


def _run_process(request: IO[bytes], seconds: float) -> tuple[int, bytes]:
    """Return the exit code of the process and its response."""
    process = _start_process(request)
    kill_timer = threading.Timer(seconds, _kill, [process])
    kill_timer.start()
    try:
        with process.stdout as output:  # type: ignore[union-attr]  # it is a pipe
            response = output.read(MAX_RESPONSE_BYTES)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_EXIT_TIMEOUT_SECONDS)
    finally:
        kill_timer.cancel()
        kill_timer.join()  # so that it never kills a process that reuses the id
        if process.returncode is None:
            _kill(process)
            process.wait()
    return process.returncode, response


def _start_process(request: IO[bytes]) -> subprocess.Popen[bytes]:
    forbid_dumping()  # the process has the same user, whose other processes it could read in /proc
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-B", "-X", "utf8", "-m", "index.ingest.sandbox_worker"],
            stdin=request,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=build_environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise BriefingError(
            f"cannot start a process to read the document: {error.strerror or error}",
            "Free memory on this machine, and try again",
        ) from None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process group, before the process is waited for."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def parse_response(exit_code: int, response: bytes) -> SandboxResponse:
    """Return the parsed response, or one derived from the exit code if there is no valid one."""
    if exit_code == 0:
        try:
            return SandboxResponse.model_validate_json(response)
        except ValidationError:
            return SandboxResponse.damaged("no answer")
    cause = (
        signal.Signals(-exit_code).name
        if -exit_code in set(signal.Signals)
        else f"exit code {exit_code}"
    )
    return (
        SandboxResponse.damaged(cause) if cause in _CRASH_SIGNALS else SandboxResponse.too_complex()
    )
