"""The process that reads one document or feed: `python -m index.ingest.sandbox_worker`.

It reads a line of JSON (`SandboxRequest`) and then the document from standard input, and writes
a `SandboxResponse` as JSON to standard output. Its limits are set before any library is loaded, and
it is confined before the document is parsed: what it needs then must have been imported.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.ingest.sandbox import SandboxRequest, SandboxResponse

MAX_REQUEST_BYTES = 5_000_000
_MAX_OPEN_FILES = 64


def main(read: Callable[[SandboxRequest, bytes], SandboxResponse] | None = None) -> None:
    """Read the document on standard input and write the response; exit with 0 if there is one.

    `read` replaces `read_content`: tests do with it what a document could make a library do.
    """
    request_line = sys.stdin.buffer.readline(MAX_REQUEST_BYTES)
    limits = json.loads(request_line)
    apply_limits(limits["seconds"], limits["megabytes"])
    output = _take_over_stdout()
    from index.ingest.sandbox import SandboxRequest

    request = SandboxRequest.model_validate_json(request_line)
    response = _respond(request, sys.stdin.buffer, read or read_content)
    with output:
        output.write(response.model_dump_json().encode())
        output.flush()
    os._exit(0)  # there is nothing to clean up, and unloading libraries could still fail


def apply_limits(seconds: float, megabytes: int) -> None:
    """Limit this process's CPU time and memory, as far as the system supports it.

    The memory limit is on the address space, which is never less than the resident set. The process
    can write no file and start no process, and on Linux it is killed when its parent ends.
    """
    import signal

    try:
        import resource
    except ImportError:  # Windows: the parent's timer is the only limit
        return
    cpu_seconds = int(seconds) + 1
    for limit_name, max_value in (
        ("RLIMIT_AS", megabytes * 1_000_000),
        ("RLIMIT_CPU", cpu_seconds),
        ("RLIMIT_FSIZE", 0),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_NOFILE", _MAX_OPEN_FILES),
        ("RLIMIT_NPROC", 0),
    ):
        _lower_limit(resource, limit_name, max_value)
    if sys.platform == "linux":
        from index.ingest.confinement.linux import PR_SET_PDEATHSIG, prctl

        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _lower_limit(resource: Any, limit_name: str, max_value: int) -> None:
    """Set a resource limit, never above the current hard limit."""
    resource_id = getattr(resource, limit_name, None)
    if resource_id is None:
        return
    hard_limit = resource.getrlimit(resource_id)[1]
    if hard_limit != resource.RLIM_INFINITY:
        max_value = min(max_value, hard_limit)
    try:
        resource.setrlimit(resource_id, (max_value, max_value))
    except (OSError, ValueError):  # macOS refuses RLIMIT_AS
        return


def _take_over_stdout() -> IO[bytes]:
    """Return standard output for the response alone; redirect what libraries print to null."""
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    devnull = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(devnull, stream.fileno())
    return output


def _respond(
    request: SandboxRequest,
    stream: IO[bytes],
    read: Callable[[SandboxRequest, bytes], SandboxResponse],
) -> SandboxResponse:
    """Read the content from `stream`, confine this process, and let `read` parse the content."""
    from index.ingest.confinement.process import confine
    from index.ingest.rejections import SourceRejected
    from index.ingest.sandbox import ReadKind, SandboxResponse
    from index.ingest.sandbox_libraries import load_libraries

    try:
        content = stream.read()
        load_libraries(request, content)
        confinement = confine()
        if request.kind is ReadKind.CONFINEMENT:
            return SandboxResponse(confinement=confinement)
        return read(request, content)
    except SourceRejected as error:
        return SandboxResponse(reason=error.reason, message=error.message, remedy=error.remedy)
    except (MemoryError, RecursionError):
        return SandboxResponse.too_complex()
    except Exception as error:  # noqa: BLE001  # a malicious document may cause any exception
        return SandboxResponse.damaged(type(error).__name__)


def read_content(request: SandboxRequest, content: bytes) -> SandboxResponse:
    """Parse a document, a feed or a list of feeds. Raises `SourceRejected`."""
    from index.ingest.sandbox import ReadKind, SandboxResponse

    match request.kind:
        case ReadKind.FEED:
            from index.ingest.feeds.reader import read_feed

            return SandboxResponse(feed=read_feed(content, request.required_hints))
        case ReadKind.OPML:
            from index.ingest.feeds.opml import read_opml

            return SandboxResponse(opml=read_opml(content))
        case _:
            from index.ingest.documents import read_document

            return SandboxResponse(document=read_document(content, request.required_hints))


if __name__ == "__main__":
    main()
