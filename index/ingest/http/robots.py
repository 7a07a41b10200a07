"""What a site's robots.txt asks of programs (RFC 9309), and how often they may come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego
from pydantic import TypeAdapter, ValidationError

from index.ingest.charset import decode, printable
from index.models import Address

AGENT = "libya-briefing"
"""The name by which a robots.txt can speak to this program."""
LARGEST = 500 * 1_024
"""The first bytes are read, and no more: the least that RFC 9309 asks for."""
MAX_CRAWL_DELAY_SECONDS = 60.0
"""Seconds. Some files ask for hours between two requests, at which no news could be followed; and
no site is asked for more than a few pages in one go."""
MAX_WILDCARDS = 1_000
"""Rules with an asterisk that are matched, one by one, against every address."""
MAX_RULE_LENGTH = 2_000
MAX_SITEMAPS = 1_000
_SPEAKS_TO = re.compile(r"user(?:-|\s*)agent(?:\s*:|\s)\s*(.*)", re.IGNORECASE | re.DOTALL)
_TOKEN = re.compile(r"[a-z_-]+", re.IGNORECASE)
_OF_THE_SITE = re.compile(r"(?:site-?maps?|host)[\s:]", re.IGNORECASE)
_RULE = re.compile(r"[^:]{1,40}:|(?:di|al|crawl|request|visit)", re.IGNORECASE)
"""What begins with these is a rule also where its colon is forgotten."""
_ALLOWS = re.compile(r"allow", re.IGNORECASE)
_NOTHING = "Disallow:"
"""A rule that says nothing, and still ends the list of names before it."""
_ADDRESS: TypeAdapter[str | None] = TypeAdapter(Address)


@dataclass(frozen=True, slots=True)
class RobotsPolicy:
    """What a site asks of this program."""

    rules: Protego
    delay: float = 0.0
    """The seconds that are to pass between two requests; 0 where the site names none."""
    sitemaps: tuple[str, ...] = ()
    """Absolute addresses, each once."""

    def may(self, address: str) -> bool:
        """Say whether this page may be fetched; what is no address may not. Never raises."""
        try:
            return bool(self.rules.can_fetch(address, AGENT))
        except ValueError:
            return False


def read_robots(content: bytes) -> RobotsPolicy:
    """Return what a robots.txt says, whatever its encoding. Never raises.

    The rules are those for `AGENT`, or else those for everybody; where rules contradict each other,
    the longest counts (RFC 9309, 2.2.2), and Crawl-delay and Request-rate are both kept to. What
    else was served in the place of the file, a page perhaps, allows everything.
    """
    rules = Protego.parse("\n".join(_for_us(_text(content).splitlines())))
    return RobotsPolicy(rules, _delay(rules), tuple(_sitemaps(rules)))


def _text(content: bytes) -> str:
    if len(content) > LARGEST:  # half a rule could mean anything
        content = content[:LARGEST]
        content = content[: max(content.rfind(b"\n"), content.rfind(b"\r")) + 1]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return decode(content)
    return decode(content) if "\x00" in text else printable(text)


def _for_us(lines: list[str]) -> Iterator[str]:
    """Give the lines that concern us, so that no number of others takes time.

    Names are those of RFC 9309: letters, hyphens and underscores, with whatever follows (a version)
    left out. Of the rules with asterisks beyond `MAX_WILDCARDS`, and of those that are too long,
    what forbids something forbids all that begins like it, and what allows something is left out.
    """
    ours = after_rule = False
    wildcards = 0
    for each in lines:
        line = each.partition("#")[0].strip()
        if named := _SPEAKS_TO.fullmatch(line):
            ours = (ours and not after_rule) or _is_ours(named[1])
            after_rule = False
            yield f"User-agent: {_agent(named[1])}"
        elif _OF_THE_SITE.match(line):
            yield line
        elif _RULE.match(line):
            after_rule = True
            wildcards += ours and "*" in line
            if not ours:
                yield _NOTHING
            elif len(line) > MAX_RULE_LENGTH or ("*" in line and wildcards > MAX_WILDCARDS):
                yield _broader(line)
            else:
                yield line


def _agent(name: str) -> str:
    """Return the name that we go by where it is ours, or one for all others."""
    if name.split()[:1] == ["*"]:
        return "*"
    token = _TOKEN.match(name)
    return AGENT if token and token[0].lower() == AGENT else "others"


def _is_ours(name: str) -> bool:
    return _agent(name) in {AGENT, "*"}


def _broader(rule: str) -> str:
    if _ALLOWS.match(rule):
        return _NOTHING
    begins = rule.partition("*")[0][:MAX_RULE_LENGTH].rstrip()
    return begins if "/" in begins else f"{_NOTHING} /"


def _delay(rules: Protego) -> float:
    delay = rules.crawl_delay(AGENT) or 0.0
    rate = rules.request_rate(AGENT)
    if rate:
        # Whole numbers of any length: divided only where the result is known to be small.
        slow = rate.seconds >= MAX_CRAWL_DELAY_SECONDS * rate.requests
        delay = max(delay, MAX_CRAWL_DELAY_SECONDS if slow else rate.seconds / rate.requests)
    return min(delay, MAX_CRAWL_DELAY_SECONDS)


def _sitemaps(rules: Protego) -> Iterator[str]:
    known = dict.fromkeys(rules.sitemaps)
    for address in list(known)[:MAX_SITEMAPS]:
        try:
            if _ADDRESS.validate_python(address) and urlsplit(address).hostname:
                yield address
        except (ValidationError, ValueError):
            continue


ALLOW_ALL = read_robots(b"")
REFUSE_ALL = read_robots(b"User-agent: *\nDisallow: /")
