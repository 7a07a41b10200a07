"""A document is read in a process of its own, which is killed when it takes too much.

The process (`reading.py`) has limits of time and memory, no file to write, none of our settings
in its environment, and one answer to give, which is parsed and never executed. It gives way to
others where the thread that starts it does.
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
from index.ingest.documents import MAX_DOCUMENT_BYTES, DocumentHints, ExtractedDocument, too_large
from index.ingest.feeds.models import Feed
from index.ingest.rejections import RejectReason, SourceRejected

MAX_RESPONSE_BYTES = 100_000_000
"""The most bytes of an answer: ten million characters, each escaped."""
_CODE = Path(__file__).resolve().parents[2]
_NEEDED = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What a Python may need of the environment to start."""
_LAST_BREATH = 2.0
"""The seconds in which a process that has answered must end."""
_BROKE_OFF = ("SIGSEGV", "SIGBUS", "SIGFPE")


class ReadKind(StrEnum):
    """What the process is to read."""

    DOCUMENT = "document"
    FEED = "feed"


class SandboxRequest(BaseModel):
    """What is asked of the process, beside the document that follows it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: ReadKind = ReadKind.DOCUMENT
    seconds: float
    megabytes: int
    given: DocumentHints


class SandboxResponse(BaseModel):
    """The answer of the process: a document, a feed, or why there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    document: ExtractedDocument | None = None
    feed: Feed | None = None
    refusal: RejectReason = RejectReason.DAMAGED
    message: str = ""
    remedy: str = ""

    @classmethod
    def too_complex(cls) -> Self:
        """Say that it takes more time or memory than a document may take."""
        return cls(
            refusal=RejectReason.TOO_COMPLEX,
            message="reading it takes more time or memory than a document may take",
            remedy="Send its text alone, or a part of it",
        )

    @classmethod
    def damaged(cls, what: str) -> Self:
        """Say that its reader broke off; `what` is the name of the error or signal."""
        return cls(
            refusal=RejectReason.DAMAGED,
            message=f"it is damaged, and reading it broke off ({what})",
            remedy="Save it anew, or send its text alone",
        )


def read_in_sandbox(
    content: bytes, given: DocumentHints, *, seconds: float = 20, megabytes: int = 500
) -> ExtractedDocument:
    """Read a document in a process of its own; blocks for as long as that takes.

    Raises `SourceRejected`: as `read_document` does, and TOO_COMPLEX where it took more than `seconds` or
    `megabytes`, or DAMAGED where its reader broke off. Raises `BriefingError` where this machine
    starts no process.
    """
    reply = _answered(ReadKind.DOCUMENT, content, given, seconds, megabytes)
    if reply.document is None:
        raise SourceRejected(reply.refusal, reply.message, reply.remedy)
    return reply.document


def read_feed_apart(
    content: bytes, given: DocumentHints, *, seconds: float = 20, megabytes: int = 500
) -> Feed:
    """Read a feed in a process of its own, as `read_in_sandbox` does a document.

    Raises `SourceRejected` as `read_feed` does, TOO_COMPLEX and DAMAGED as `read_in_sandbox` does, and
    `BriefingError` where this machine starts no process.
    """
    reply = _answered(ReadKind.FEED, content, given, seconds, megabytes)
    if reply.feed is None:
        raise SourceRejected(reply.refusal, reply.message, reply.remedy)
    return reply.feed


def _answered(
    what: ReadKind, content: bytes, given: DocumentHints, seconds: float, megabytes: int
) -> SandboxResponse:
    if len(content) > MAX_DOCUMENT_BYTES:
        raise too_large(len(content))
    with tempfile.TemporaryFile() as file:
        request = SandboxRequest(
            what=what, seconds=seconds, megabytes=megabytes, given=_writable(given)
        )
        file.write(request.model_dump_json().encode() + b"\n" + content)
        file.seek(0)
        return reply_of(*_run(file, seconds))


def _writable(given: DocumentHints) -> DocumentHints:
    """Return `given` with a name that can be written: those of files may hold half characters."""
    name = given.name and given.name.encode(errors="replace").decode()
    return given.model_copy(update={"name": name})


def environment() -> dict[str, str]:
    """Return what the process gets to know of the environment: none of our settings."""
    needed = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    return {**needed, "PYTHONPATH": str(_CODE), "OMP_NUM_THREADS": "1"}


def _run(request: IO[bytes], seconds: float) -> tuple[int, bytes]:
    """Return the exit code of the process and what it answered."""
    process = _started(request)
    clock = threading.Timer(seconds, _kill, [process])
    clock.start()
    try:
        with process.stdout as answers:  # type: ignore[union-attr]  # it is a pipe
            answer = answers.read(MAX_RESPONSE_BYTES)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LAST_BREATH)
    finally:
        clock.cancel()
        clock.join()  # so that it never kills a number that has gone to another process
        if process.returncode is None:
            _kill(process)
            process.wait()
    return process.returncode, answer


def _started(request: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-B", "-X", "utf8", "-m", "index.ingest.sandbox_worker"],
            stdin=request,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
        )
    except OSError as error:
        raise BriefingError(
            f"no process can be started to read the document: {error.strerror or error}",
            "See what takes the memory of this machine, and try again",
        ) from None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all that it has started, before it is waited for."""
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def reply_of(code: int, answer: bytes) -> SandboxResponse:
    """Return what was answered, or what its end says where nothing, or nothing sound, was."""
    if code == 0:
        try:
            return SandboxResponse.model_validate_json(answer)
        except ValidationError:
            return SandboxResponse.damaged("no answer")
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"exit code {code}"
    return SandboxResponse.damaged(name) if name in _BROKE_OFF else SandboxResponse.too_complex()
