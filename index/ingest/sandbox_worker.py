"""The process in which one document or feed is read: `python -m index.ingest.sandbox_worker`.

It takes a line of JSON (`SandboxRequest`) and then the document on standard input, and gives one JSON on
standard output. Its limits are set before any library is loaded.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.ingest.sandbox import SandboxRequest

MAX_REQUEST_BYTES = 5_000_000
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux's <sys/prctl.h>."""
_OPEN_FILES = 64


def main() -> None:
    """Read the document on standard input and answer; exits with 0 where there is an answer."""
    line = sys.stdin.buffer.readline(MAX_REQUEST_BYTES)
    limits = json.loads(line)
    limit(limits["seconds"], limits["megabytes"])
    answers = _alone_with_standard_output()
    from index.ingest.sandbox import SandboxRequest

    answer = _answer(SandboxRequest.model_validate_json(line), sys.stdin.buffer)
    with answers:
        answers.write(answer)
        answers.flush()
    os._exit(0)  # nothing is left to tidy up, and unloading libraries could still fail


def limit(seconds: float, megabytes: int) -> None:
    """Limit this process's time, memory and reach, as far as the system knows how.

    The memory is that of addresses, which is never less than what is resident. No file is written,
    no process is started, and it ends with its parent.
    """
    import signal

    try:
        import resource
    except ImportError:  # Windows: the parent's clock is the only limit
        return
    cpu = int(seconds) + 1
    for which, most in (
        ("RLIMIT_AS", megabytes * 1_000_000),
        ("RLIMIT_CPU", cpu),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", _OPEN_FILES),
        ("RLIMIT_NPROC", 0),
    ):
        _lower(resource, which, most)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _lower(resource: Any, which: str, most: int) -> None:
    """Set a limit, and never above the one that is there already."""
    number = getattr(resource, which, None)
    if number is None:
        return
    hard = resource.getrlimit(number)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    try:
        resource.setrlimit(number, (most, most))
    except (OSError, ValueError):  # macOS refuses RLIMIT_AS
        return


def _alone_with_standard_output() -> IO[bytes]:
    """Return standard output for the answer alone; what libraries print goes nowhere."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return answers


def _answer(request: SandboxRequest, stream: IO[bytes]) -> bytes:
    from index.ingest.documents import read_document
    from index.ingest.feeds.reader import read_feed
    from index.ingest.rejections import SourceRejected
    from index.ingest.sandbox import ReadKind, SandboxResponse

    try:
        if request.what is ReadKind.FEED:
            reply = SandboxResponse(feed=read_feed(stream.read(), request.given))
        else:
            reply = SandboxResponse(document=read_document(stream.read(), request.given))
        return reply.model_dump_json().encode()
    except SourceRejected as error:
        reply = SandboxResponse(refusal=error.refusal, message=error.message, remedy=error.remedy)
    except (MemoryError, RecursionError):
        reply = SandboxResponse.too_complex()
    except Exception as error:  # noqa: BLE001  # a hostile document finds every error there is
        reply = SandboxResponse.damaged(type(error).__name__)
    return reply.model_dump_json().encode()


if __name__ == "__main__":
    main()
