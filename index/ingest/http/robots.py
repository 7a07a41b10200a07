"""What a site's robots.txt asks of programs (RFC 9309), and how often they may come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego
from pydantic import TypeAdapter, ValidationError

from index.ingest.charset import decode, to_printable
from index.models import WebUrl

USER_AGENT = "libya-briefing"
"""The name by which a robots.txt can speak to this program."""
MAX_ROBOTS_BYTES = 500 * 1_024
"""The first bytes are read, and no more: the least that RFC 9309 asks for."""
MAX_CRAWL_DELAY_SECONDS = 60.0
"""Seconds. Some files ask for hours between two requests, at which no news could be followed; and
no site is asked for more than a few pages in one go."""
MAX_WILDCARDS = 1_000
"""Rules with an asterisk that are matched, one by one, against every address."""
MAX_RULE_LENGTH = 2_000
MAX_SITEMAPS = 1_000
_USER_AGENT_LINE = re.compile(r"user(?:-|\s*)agent(?:\s*:|\s)\s*(.*)", re.IGNORECASE | re.DOTALL)
_AGENT_TOKEN = re.compile(r"[a-z_-]+", re.IGNORECASE)
_SITE_WIDE_LINE = re.compile(r"(?:site-?maps?|host)[\s:]", re.IGNORECASE)
_RULE_LINE = re.compile(r"[^:]{1,40}:|(?:di|al|crawl|request|visit)", re.IGNORECASE)
"""What begins with these is a rule also where its colon is forgotten."""
_ALLOW_RULE = re.compile(r"allow", re.IGNORECASE)
_EMPTY_RULE = "Disallow:"
"""A rule that says nothing, and still ends the list of names before it."""
_URL_ADAPTER: TypeAdapter[str | None] = TypeAdapter(WebUrl)


@dataclass(frozen=True, slots=True)
class RobotsPolicy:
    """What a site asks of this program."""

    rules: Protego
    crawl_delay: float = 0.0
    """The seconds that are to pass between two requests; 0 where the site names none."""
    sitemaps: tuple[str, ...] = ()
    """Absolute addresses, each once."""

    def can_fetch(self, url: str) -> bool:
        """Say whether this page may be fetched; what is no address may not. Never raises."""
        try:
            return bool(self.rules.can_fetch(url, USER_AGENT))
        except ValueError:
            return False


def parse_robots(content: bytes) -> RobotsPolicy:
    """Return what a robots.txt says, whatever its encoding. Never raises.

    The rules are those for `USER_AGENT`, or else those for everybody; where rules contradict each
    other, the longest counts (RFC 9309, 2.2.2), and Crawl-delay and Request-rate are both kept to.
    What else was served in the place of the file, a page perhaps, allows everything.
    """
    rules = Protego.parse("\n".join(_relevant_lines(_decode_text(content).splitlines())))
    return RobotsPolicy(rules, _crawl_delay(rules), tuple(_sitemaps(rules)))


def _decode_text(content: bytes) -> str:
    if len(content) > MAX_ROBOTS_BYTES:  # half a rule could mean anything
        content = content[:MAX_ROBOTS_BYTES]
        content = content[: max(content.rfind(b"\n"), content.rfind(b"\r")) + 1]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return decode(content)
    return decode(content) if "\x00" in text else to_printable(text)


def _relevant_lines(lines: list[str]) -> Iterator[str]:
    """Give the lines that concern us, so that no number of others takes time.

    Names are those of RFC 9309: letters, hyphens and underscores, with whatever follows (a version)
    left out. Of the rules with asterisks beyond `MAX_WILDCARDS`, and of those that are too long,
    what forbids something forbids all that begins like it, and what allows something is left out.
    """
    applies_to_us = after_rule = False
    wildcards = 0
    for raw_line in lines:
        line = raw_line.partition("#")[0].strip()
        if match := _USER_AGENT_LINE.fullmatch(line):
            applies_to_us = (applies_to_us and not after_rule) or _applies_to_us(match[1])
            after_rule = False
            yield f"User-agent: {_normalise_agent(match[1])}"
        elif _SITE_WIDE_LINE.match(line):
            yield line
        elif _RULE_LINE.match(line):
            after_rule = True
            wildcards += applies_to_us and "*" in line
            if not applies_to_us:
                yield _EMPTY_RULE
            elif len(line) > MAX_RULE_LENGTH or ("*" in line and wildcards > MAX_WILDCARDS):
                yield _broaden_rule(line)
            else:
                yield line


def _normalise_agent(name: str) -> str:
    """Return the name that we go by where it is ours, or one for all others."""
    if name.split()[:1] == ["*"]:
        return "*"
    token = _AGENT_TOKEN.match(name)
    return USER_AGENT if token and token[0].lower() == USER_AGENT else "others"


def _applies_to_us(name: str) -> bool:
    return _normalise_agent(name) in {USER_AGENT, "*"}


def _broaden_rule(rule: str) -> str:
    if _ALLOW_RULE.match(rule):
        return _EMPTY_RULE
    prefix = rule.partition("*")[0][:MAX_RULE_LENGTH].rstrip()
    return prefix if "/" in prefix else f"{_EMPTY_RULE} /"


def _crawl_delay(rules: Protego) -> float:
    delay = rules.crawl_delay(USER_AGENT) or 0.0
    rate = rules.request_rate(USER_AGENT)
    if rate:
        # Whole numbers of any length: divided only where the result is known to be small.
        exceeds_max = rate.seconds >= MAX_CRAWL_DELAY_SECONDS * rate.requests
        delay = max(delay, MAX_CRAWL_DELAY_SECONDS if exceeds_max else rate.seconds / rate.requests)
    return min(delay, MAX_CRAWL_DELAY_SECONDS)


def _sitemaps(rules: Protego) -> Iterator[str]:
    unique_urls = dict.fromkeys(rules.sitemaps)
    for url in list(unique_urls)[:MAX_SITEMAPS]:
        try:
            if _URL_ADAPTER.validate_python(url) and urlsplit(url).hostname:
                yield url
        except (ValidationError, ValueError):
            continue


ALLOW_ALL = parse_robots(b"")
DISALLOW_ALL = parse_robots(b"User-agent: *\nDisallow: /")
