"""Pages that are asked for again and again: what has not changed is not sent, and hosts take turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from index.ingest.http.failures import HttpStatusRejected
from index.ingest.http.fetcher import CacheValidators, FetchResult, fetch
from tests.fakes.web.site import Site
from tests.fixtures.fetching import LONG, STORY


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as open_site:
        yield open_site


def again(address: str, known: CacheValidators) -> FetchResult:
    return asyncio.run(fetch(address, allow_loopback=True, validators=known))


def test_a_page_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == '"one"':
            return web.Response(status=304, headers={"ETag": '"one"'})
        return web.Response(text=STORY, headers={"ETag": '"one"', "Last-Modified": "yesterday"})

    address = site.put("/feed", serve)
    first = again(address, CacheValidators())
    assert (first.unchanged, first.validators) == (False, CacheValidators('"one"', "yesterday"))
    second = again(address, first.validators)
    assert (second.unchanged, second.content, second.validators.etag) == (True, b"", '"one"')
    assert site.asked[-1].headers["If-Modified-Since"] == "yesterday"


def test_a_site_that_says_unchanged_to_a_first_question_gives_no_page(site: Site) -> None:
    with pytest.raises(HttpStatusRejected) as refused:
        again(site.page("/new", "", status=304), CacheValidators())
    assert refused.value.status == 304


@pytest.mark.parametrize("said", ["x" * 2_000, "caf\u00e9"])
def test_what_cannot_be_sent_back_as_it_came_is_not_remembered(site: Site, said: str) -> None:
    raw = f"HTTP/1.1 200 OK\r\nETag: {said}\r\nContent-Length: 2\r\n\r\nab".encode()
    assert again(site.raw("/odd", raw), CacheValidators()).validators == CacheValidators()


@pytest.mark.parametrize(
    ("statuses", "for_good"), [((301, 308), True), ((301, 302), False), ((307, 301), False)]
)
def test_a_page_has_moved_where_every_site_on_the_way_says_so_for_good(
    site: Site, statuses: tuple[int, int], for_good: bool
) -> None:
    end = site.page("/end", STORY)
    site.redirect("/middle", "/end", statuses[1])
    found = again(site.redirect("/start", "/middle", statuses[0]), CacheValidators())
    assert (found.url, found.moved) == (end, for_good)
    assert not again(end, CacheValidators()).moved


def test_what_a_site_says_of_when_to_come_back_is_told(site: Site) -> None:
    address = site.page("/busy", "", status=429, headers={"Retry-After": "120"})
    with pytest.raises(HttpStatusRejected) as refused:
        again(address, CacheValidators())
    assert (refused.value.status, refused.value.retry_after) == (429, "120")


def test_every_hop_is_a_visit_and_what_a_visit_waits_is_not_the_site_being_slow(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    visited: list[str] = []

    @asynccontextmanager
    async def visit(url: str) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        time_before = loop.time
        monkeypatch.setattr(loop, "time", lambda: time_before() + 10 * LONG)
        for _ in range(3):  # timers that are due are run between two of these
            await asyncio.sleep(0)
        visited.append(f"to {url}")
        yield
        visited.append(f"from {url}")

    end = site.page("/hop-2", STORY)
    start = site.redirect("/hop-1", "/hop-2")
    found = asyncio.run(fetch(start, allow_loopback=True, request_slot=visit, timeout=LONG))
    assert found.content == STORY.encode()
    assert visited == [f"to {start}", f"from {start}", f"to {end}", f"from {end}"]


def test_a_site_is_told_on_whose_behalf_it_is_asked(site: Site) -> None:
    address = site.page("/who", STORY)
    asyncio.run(fetch(address, allow_loopback=True, purpose="follows feeds"))
    assert "(news archive; follows feeds)" in site.asked[-1].headers["User-Agent"]
