"""Documents, read in a process that is killed when it takes too much."""

from __future__ import annotations

import select
import signal
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from index.ingest import sandbox
from index.ingest.rejections import RejectReason, SourceRejected
from index.ingest.sandbox import SandboxResponse, read_in_sandbox
from tests.fixtures.crafted_documents import NEWS, known, paragraph, word
from tests.fixtures.pdf_and_docx import pdf_file
from tests.fixtures.sample_articles import PROJECT

TEXT = NEWS.encode()


def refusal(content: bytes, **limits: float) -> RejectReason:
    with pytest.raises(SourceRejected) as found:
        read_in_sandbox(content, known(), **limits)  # type: ignore[arg-type]
    assert found.value.remedy
    return found.value.reason


def flood() -> bytes:
    """Return a small PDF whose page is 100 MB of drawing."""
    drawn = zlib.compress(b"BT /F 12 Tf 1 0 0 1 50 700 Tm (the delegation) Tj ET\n" * 2_000_000, 1)
    drawn = zlib.compress(drawn)
    return pdf_file(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
            b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n" % len(drawn)
            + drawn
            + b"\nendstream",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


def test_a_document_is_read_as_it_is_in_this_process() -> None:
    assert read_in_sandbox(TEXT, known(name="\udcff.pdf")).stories[0].text == NEWS


def test_a_refusal_comes_back_as_it_was() -> None:
    with pytest.raises(SourceRejected, match="it is a picture") as found:
        read_in_sandbox(b"\x89PNG", known())
    assert found.value.reason is RejectReason.UNSUPPORTED_TYPE
    assert "can be read" in found.value.remedy


def test_what_takes_too_long_is_killed_and_the_next_document_is_read() -> None:
    slow = word("<w:p/>" * 500_000 + paragraph(NEWS))
    assert refusal(slow, seconds=0.5) is RejectReason.TOO_COMPLEX
    assert read_in_sandbox(TEXT, known()).stories[0].text == NEWS


def test_what_takes_too_much_memory_is_refused_within_it() -> None:
    script = (
        "import resource, sys, datetime\n"
        "from index.ingest.sandbox import read_in_sandbox\n"
        "from index.ingest.documents import DocumentHints\n"
        "from index.ingest.rejections import SourceRejected\n"
        "from index.text.boilerplate import BoilerplateRules\n"
        "now = datetime.datetime.now(datetime.UTC)\n"
        "try:\n"
        "    read_in_sandbox(sys.stdin.buffer.read(), DocumentHints(now=now, rules=BoilerplateRules()))\n"
        "except SourceRejected as refused:\n"
        "    print(refused.reason, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        input=flood(),
        capture_output=True,
        timeout=300,
        check=True,
    )
    *refused, most = done.stdout.decode().split()
    assert " ".join(refused) == RejectReason.TOO_COMPLEX
    scale = 1 if sys.platform == "darwin" else 1024
    assert int(most) * scale < 500_000_000


def test_a_process_without_memory_to_start_in_is_a_refusal_too() -> None:
    assert refusal(TEXT, megabytes=30) is RejectReason.TOO_COMPLEX


def test_the_process_stands_anywhere_and_knows_none_of_our_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('a module of the folder was taken')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIEFING_TELEGRAM_TOKEN", "1:secret")
    assert read_in_sandbox(TEXT, known()).stories[0].text == NEWS
    assert not any("secret" in value for value in sandbox.build_environment().values())


@pytest.mark.parametrize(
    ("code", "answer", "expected"),
    [
        (0, b"garbage", RejectReason.DAMAGED),
        (0, b"", RejectReason.DAMAGED),
        (0, b'{"document": {"kind": "text", "stories": [{"text": ""}]}}', RejectReason.DAMAGED),
        (-signal.SIGSEGV, b"", RejectReason.DAMAGED),
        (-signal.SIGKILL, b"", RejectReason.TOO_COMPLEX),
        (-signal.SIGXCPU, b"", RejectReason.TOO_COMPLEX),
        (-signal.SIGABRT, b"{}", RejectReason.TOO_COMPLEX),
        (1, b"", RejectReason.TOO_COMPLEX),
        (-250, b"", RejectReason.TOO_COMPLEX),
    ],
)
def test_an_end_without_a_sound_answer_is_a_refusal(
    code: int, answer: bytes, expected: RejectReason
) -> None:
    reply = sandbox.parse_response(code, answer)
    assert (reply.document, reply.reason) == (None, expected)
    assert reply.message


LIMITED = """
import os, sys
sys.path.insert(0, {project!r})
from index.ingest.sandbox_worker import apply_limits
apply_limits(20, 500)
for attempt in ({attempts}):
    try:
        attempt()
    except (OSError, MemoryError) as error:
        print(type(error).__name__)
    else:
        print("done")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limits of Linux")
def test_the_process_writes_no_file_takes_no_memory_and_opens_few(tmp_path: Path) -> None:
    signal_ignored = (
        "__import__('signal').signal(__import__('signal').SIGXFSZ, __import__('signal').SIG_IGN)"
    )
    attempts = (
        f"lambda: {signal_ignored}",
        f"lambda: open({str(tmp_path / 'x')!r}, 'wb', buffering=0).write(b'x')",
        "lambda: bytearray(600_000_000)",
        "lambda: [os.open('/dev/null', 0) for _ in range(100)]",
    )
    script = LIMITED.format(project=str(PROJECT), attempts=", ".join(attempts))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["done", "OSError", "MemoryError", "OSError"]


@pytest.mark.skipif(sys.platform != "linux", reason="the signal of Linux")
def test_the_process_ends_with_its_parent() -> None:
    child = (
        f"import signal, sys; sys.path.insert(0, {str(PROJECT)!r})\n"
        "from index.ingest.sandbox_worker import apply_limits\n"
        "signal.alarm(60)  # so that nothing is left of a test that fails\n"
        "apply_limits(20, 500); print('ready', flush=True); signal.pause()"
    )
    parent = (
        "import signal, subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}]); signal.alarm(60); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.kill()
        ended, _, _ = select.select([process.stdout], [], [], 20)  # when the child lets go of it
        assert ended


def test_a_reply_survives_its_way() -> None:
    reply = SandboxResponse(document=read_in_sandbox(TEXT, known()))
    assert SandboxResponse.model_validate_json(reply.model_dump_json()) == reply
