"""What the tests of fetching share: a page, and how it is read or refused."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp.abc import AbstractResolver

from index.sources.fetch import Fetched, fetch
from index.sources.refusals import Refusal, Refused

STORY = "<html><body><p>وصل الوفد إلى مرسى النور صباح الأحد.</p></body></html>"
LONG = 60.0
"""Seconds that only something that hangs would take."""


def read(address: str, resolver: AbstractResolver | None = None) -> Fetched:
    return asyncio.run(fetch(address, allow_loopback=True, resolver=resolver, seconds=LONG))


def refusal(
    address: str,
    resolver: AbstractResolver | None = None,
    *,
    seconds: float = LONG,
    allow_loopback: bool = True,
) -> Refusal:
    """Return why an address is refused; whoever is refused is told what was wrong and what to do."""
    with pytest.raises(Refused) as refused:
        asyncio.run(
            fetch(address, allow_loopback=allow_loopback, resolver=resolver, seconds=seconds)
        )
    assert refused.value.message
    assert refused.value.remedy
    return refused.value.refusal
