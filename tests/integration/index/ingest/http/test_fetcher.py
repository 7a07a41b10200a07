"""Pages from the web, read from a real site on this machine."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult

from index.ingest.http.fetcher import MAX_PAGE_BYTES, FetchResult, fetch, fetch_sync
from index.ingest.rejections import RejectReason
from tests.fakes.web.resolver import Names
from tests.fakes.web.site import Site, pack
from tests.fixtures.fetching import LONG, STORY, read, refusal
from tests.fixtures.sample_articles import PROJECT


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as open_site:
        yield open_site


def test_a_page_comes_with_its_address_and_what_the_site_says_of_it(site: Site) -> None:
    address = site.page("/news/1", STORY, 'Text/HTML; Charset="Windows-1256"')
    found = fetch_sync(f" \u2068{address}#comments\u2069\u200f", allow_loopback=True)
    assert found == FetchResult(
        url=address, content=STORY.encode(), content_type="text/html", charset="windows-1256"
    )


@pytest.mark.parametrize("said", [None, "", ";;;", "text", "\udcff\udcfe", "text/html; charset="])
def test_a_site_that_does_not_say_what_a_page_is_is_read_all_the_same(
    site: Site, said: str | None
) -> None:
    head = b"HTTP/1.1 200 OK\r\n"
    if said is not None:
        head += b"Content-Type: " + said.encode("utf-8", "surrogateescape") + b"\r\n"
    address = site.raw("/unsaid", head + b"Content-Length: 3\r\n\r\nabc")
    found = read(address)
    assert found.content == b"abc"
    assert found.content_type == ("text/html" if said and "html" in said else None)
    assert found.charset is None


def test_the_reader_says_who_it_is_and_carries_nothing_else(site: Site) -> None:
    address = site.page("/who", STORY, headers={"Set-Cookie": "a=b; Path=/"})
    read(site.page("/first", STORY, headers={"Set-Cookie": "a=b; Path=/"}))
    site.redirect("/first-on", "/who")
    read(site.url("/first-on"))
    read(address)
    headers = site.asked[-1].headers
    assert headers["User-Agent"].startswith("libya-briefing/")
    assert headers["Accept-Encoding"] == "gzip, deflate"
    assert headers["Accept-Language"].startswith("ar,")
    assert headers["Connection"] == "close"
    assert not {"Cookie", "Authorization", "Referer"} & headers.keys()


def test_a_proxy_of_the_environment_is_not_used(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert read(site.page("/proxied", STORY)).content == STORY.encode()


@pytest.mark.parametrize("packed", ["gzip", "deflate", "raw"])
def test_a_packed_page_is_unpacked(site: Site, packed: str) -> None:
    assert read(site.page("/packed", STORY, packed=packed)).content == STORY.encode()


def test_a_gzip_of_several_parts_is_read_whole_and_what_is_after_it_left_out(site: Site) -> None:
    body = pack(b"one ", "gzip") + pack(b"two", "gzip") + b"\0\0\0"
    address = site.page("/parts", body, headers={"Content-Encoding": "gzip"})
    assert read(address).content == b"one two"


def test_a_packed_page_may_come_byte_by_byte(site: Site) -> None:
    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Encoding": "deflate"})
        await response.prepare(request)
        for byte in pack(STORY.encode(), "raw"):
            await response.write(bytes([byte]))
        return response

    assert read(site.put("/bytes", serve)).content == STORY.encode()


def test_a_packing_that_was_not_asked_for_is_refused(site: Site) -> None:
    for packing in ("br", "zstd", "gzip, gzip", "compress"):
        address = site.page("/brotli", STORY, headers={"Content-Encoding": packing})
        assert refusal(address) == RejectReason.SITE_ERROR


def test_a_damaged_or_halved_packing_is_refused(site: Site) -> None:
    whole = pack(STORY.encode() * 50, "gzip")
    gzip = {"Content-Encoding": "gzip"}
    assert (
        refusal(site.page("/half", whole[: len(whole) // 2], headers=gzip))
        == RejectReason.UNREACHABLE
    )
    assert refusal(site.page("/one", b"\x1f", headers=gzip)) == RejectReason.UNREACHABLE
    assert refusal(site.page("/bad", STORY, headers=gzip)) == RejectReason.DAMAGED
    many = pack(b"", "gzip") * 1_000
    assert refusal(site.page("/many", many, headers=gzip)) == RejectReason.DAMAGED


def test_a_packing_of_nothing_without_end_is_refused(site: Site) -> None:
    empty = b"\0\0\0\xff\xff" * (MAX_PAGE_BYTES // 5 + 1)
    address = site.page("/empty", empty, headers={"Content-Encoding": "deflate"})
    assert refusal(address) == RejectReason.TOO_LARGE


def test_a_bomb_is_refused_and_never_unfolds_in_memory(site: Site) -> None:
    address = site.bomb("/bomb")
    tracemalloc.start()
    try:
        assert refusal(address) == RejectReason.TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 5 * MAX_PAGE_BYTES
    finally:
        tracemalloc.stop()


def test_a_page_without_end_is_refused_where_it_is_too_large(site: Site) -> None:
    assert refusal(site.endless("/endless")) == RejectReason.TOO_LARGE
    assert len(read(site.page("/just", b"a" * MAX_PAGE_BYTES)).content) == MAX_PAGE_BYTES
    over = b"a" * (MAX_PAGE_BYTES + 1)
    assert refusal(site.page("/over", over)) == RejectReason.TOO_LARGE
    assert refusal(site.page("/packed-over", over, packed="gzip")) == RejectReason.TOO_LARGE


def test_a_page_that_trickles_or_never_comes_is_given_up_in_time(
    site: Site, must_end: None
) -> None:
    assert refusal(site.trickle("/trickle"), seconds=0.3) == RejectReason.TIMED_OUT
    assert refusal(site.silent("/silent"), seconds=0.2) == RejectReason.TIMED_OUT


def test_a_lookup_that_hangs_is_given_up_in_time(must_end: None) -> None:
    class Hanging(Names):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            await asyncio.Event().wait()
            raise AssertionError

    assert refusal("http://sada.example/", Hanging(), seconds=0.1) == RejectReason.TIMED_OUT


def test_whoever_asked_can_stop_waiting(site: Site) -> None:
    received = threading.Event()

    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        received.set()
        await asyncio.Event().wait()
        raise AssertionError

    address = site.put("/stopped", serve)

    async def stopped() -> None:
        task = asyncio.create_task(fetch(address, allow_loopback=True, timeout=LONG))
        assert await asyncio.to_thread(received.wait, LONG)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(stopped())


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, RejectReason.NOT_FOUND),
        (410, RejectReason.NOT_FOUND),
        (401, RejectReason.FORBIDDEN),
        (403, RejectReason.FORBIDDEN),
        (451, RejectReason.FORBIDDEN),
        (400, RejectReason.SITE_ERROR),
        (429, RejectReason.SITE_ERROR),
        (500, RejectReason.SITE_ERROR),
        (503, RejectReason.SITE_ERROR),
        (302, RejectReason.SITE_ERROR),
        (304, RejectReason.SITE_ERROR),
        (600, RejectReason.SITE_ERROR),
    ],
)
def test_an_error_of_the_site_is_told_for_what_it_is(
    site: Site, status: int, expected: RejectReason
) -> None:
    assert refusal(site.page("/status", STORY, status=status)) == expected


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 10_000 + b"\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
    ],
)
def test_an_answer_that_is_no_web_page_is_refused(site: Site, answer: bytes) -> None:
    assert refusal(site.raw("/odd", answer)) in (RejectReason.UNREACHABLE, RejectReason.INVALID_URL)


def test_a_page_that_breaks_off_is_refused(site: Site) -> None:
    assert refusal(site.broken("/broken")) == RejectReason.UNREACHABLE


def test_a_site_nobody_knows_or_answers_for_is_refused() -> None:
    assert refusal("http://nowhere.example/", Names()) == RejectReason.UNREACHABLE
    assert refusal("http://xn--a.example/", Names()) == RejectReason.UNREACHABLE
    with socket.socket() as taken:  # bound and not listening: a connection is refused
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert refusal(f"http://127.0.0.1:{port}/") == RejectReason.UNREACHABLE


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1, in one file, that nobody vouches for."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    key = tmp_path_factory.mktemp("tls") / "key.pem"
    order = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=site"
    order += " -addext subjectAltName=IP:127.0.0.1"
    done = subprocess.run(
        [program, *order.split(), "-keyout", str(key)], check=True, capture_output=True
    )
    both = key.with_name("both.pem")
    both.write_bytes(key.read_bytes() + done.stdout)
    return both


@pytest.fixture(scope="module")
def secure_site(certificate: Path) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Site(context) as open_site:
        open_site.page("/", STORY)
        yield open_site


def test_a_certificate_that_nobody_vouches_for_is_refused(secure_site: Site) -> None:
    received = len(secure_site.asked)
    assert refusal(secure_site.url("/")) == RejectReason.SITE_ERROR
    assert len(secure_site.asked) == received


def test_a_certificate_counts_where_it_is_trusted_and_only_for_its_name(
    secure_site: Site, certificate: Path
) -> None:
    """In a process of its own, because what is trusted is read once."""
    script = (
        "import sys\n"
        "from index.ingest.http.fetcher import fetch_sync\n"
        "from index.ingest.rejections import SourceRejected\n"
        "for address in sys.argv[1:]:\n"
        "    try:\n"
        "        print(len(fetch_sync(address, allow_loopback=True).content))\n"
        "    except SourceRejected as refused:\n"
        "        print(refused.reason)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, secure_site.url("/"), secure_site.url("/", "localhost")],
        cwd=PROJECT,
        env={"SSL_CERT_FILE": str(certificate), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=LONG,
        check=True,
    )
    assert done.stdout.split("\n")[:2] == [str(len(STORY.encode())), "site failed"]


def test_a_site_without_a_secure_door_is_not_entered_through_it(site: Site) -> None:
    address = site.page("/plain", STORY).replace("http:", "https:")
    assert refusal(address) == RejectReason.SITE_ERROR
