"""Parse robots.txt (RFC 9309) with its crawl delay and sitemaps."""

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
"""The product token of this program in robots.txt."""
MAX_ROBOTS_BYTES = 500 * 1_024
"""Only the first 500 KiB are fetched, stored and parsed: the minimum that RFC 9309 requires."""
MAX_CRAWL_DELAY_SECONDS = 60.0
"""Maximum seconds between two requests. Some files demand hours, with which no news could be
followed, and no site is asked for more than a few pages at a time."""
MAX_WILDCARDS = 1_000
"""Maximum number of rules with an asterisk; each is matched against every URL."""
MAX_RULE_LENGTH = 2_000
MAX_SITEMAPS = 1_000
_USER_AGENT_LINE = re.compile(r"user(?:-|\s*)agent(?:\s*:|\s)\s*(.*)", re.IGNORECASE | re.DOTALL)
_AGENT_TOKEN = re.compile(r"[a-z_-]+", re.IGNORECASE)
_SITE_WIDE_LINE = re.compile(r"(?:site-?maps?|host)[\s:]", re.IGNORECASE)
_RULE_LINE = re.compile(r"[^:]{1,40}:|(?:di|al|crawl|request|visit)", re.IGNORECASE)
"""A line with one of these prefixes is a rule even if its colon is missing."""
_ALLOW_RULE = re.compile(r"allow", re.IGNORECASE)
_EMPTY_RULE = "Disallow:"
"""A rule without effect that ends the preceding group of user agents."""
_URL_ADAPTER: TypeAdapter[str | None] = TypeAdapter(WebUrl)


@dataclass(frozen=True, slots=True)
class RobotsPolicy:
    """The rules of a site for this program."""

    rules: Protego
    crawl_delay: float = 0.0
    """Minimum seconds between two requests; 0 if the site states none."""
    sitemaps: tuple[str, ...] = ()
    """Absolute URLs without duplicates."""

    def can_fetch(self, url: str) -> bool:
        """Return whether `url` may be fetched; False if it is invalid. Never raises."""
        try:
            return bool(self.rules.can_fetch(url, USER_AGENT))
        except ValueError:
            return False


def decode_robots(content: bytes) -> str:
    """Return the text of a robots.txt of any encoding, its first whole lines. Never raises.

    In UTF-8 it has fewer than `MAX_ROBOTS_BYTES` bytes.
    """
    content = _first_lines(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = decode(content)
    else:
        text = decode(content) if "\x00" in text else to_printable(text)
    return _first_lines(text.encode()).decode()


def parse_robots(text: str) -> RobotsPolicy:
    """Parse a robots.txt. Never raises.

    The rules are those for `USER_AGENT`, or else those for all agents; of contradicting rules the
    longest applies (RFC 9309, 2.2.2); Crawl-delay and Request-rate are both respected. Any other
    content served in its place, such as an HTML page, allows everything.
    """
    rules = Protego.parse("\n".join(_relevant_lines(text.splitlines())))
    return RobotsPolicy(rules, _crawl_delay(rules), tuple(_sitemaps(rules)))


def _first_lines(content: bytes) -> bytes:
    """Return the whole lines within the limit: a rule that is cut could mean anything."""
    if len(content) < MAX_ROBOTS_BYTES:
        return content
    content = content[:MAX_ROBOTS_BYTES]
    return content[: max(content.rfind(b"\n"), content.rfind(b"\r")) + 1]


def _relevant_lines(lines: list[str]) -> Iterator[str]:
    """Yield the lines that apply to this program, so that the number of others costs no time.

    User agents are product tokens of RFC 9309: letters, hyphens and underscores, without what
    follows (a version). Rules with asterisks beyond `MAX_WILDCARDS`, and rules that are too long,
    are simplified: a disallowing one to its prefix before the asterisk, an allowing one to none.
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
    """Return "*", `USER_AGENT`, or "others" for all other user agents."""
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
        # The integers may be of any length: divide only if the result is known to be small.
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


ALLOW_ALL = parse_robots("")
DISALLOW_ALL = parse_robots("User-agent: *\nDisallow: /")
