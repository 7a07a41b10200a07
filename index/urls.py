"""Find links in messages, and canonicalise URLs."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, quote, unquote, unquote_to_bytes, urlsplit

MAX_URL_LENGTH = 8_000
"""Longer URLs, which servers do not accept, are not canonicalised."""

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_LINK = re.compile(
    r"https?://(?:(?![,;|،؛]https?://)"
    r"[^\s\x00-\x20\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069<>\"«»“”„])+",
    re.IGNORECASE,
)
"""A URL as `index.models.WebUrl` accepts it, up to a quotation mark or the next link in a list."""
_PUNCTUATION = ".,:;!?'’‘…|`،؛؟۔"
_BRACKETS = {")": "(", "]": "[", "}": "{"}

_MOBILE_LABELS = frozenset({"m", "mobile", "amp"})
_FEED_LABELS = frozenset({"feed", "feeds", "rss"})
_WWW = re.compile(r"www\d?")
_SITE_ALIASES = {"telegram.me": "t.me", "telegram.dog": "t.me", "twitter.com": "x.com"}
_AMP_CACHE = re.compile(r"/(?:amp|[a-z]{1,2})/(?:s/)?([^/]+\.[^/]+.*)", re.DOTALL)
"""/amp/s/host/path at Google and Bing; /c/s/host/path and similar in the AMP project's cache."""
_FORWARDING_PAGES = {
    ("google.", "/url"): ("q", "url"),
    ("facebook.com", "/l.php"): ("u",),
    ("t.me", "/iv"): ("url",),
}
"""Redirect pages by (site, path), with the parameters that contain the target URL."""
_AMP_SUFFIX = re.compile(r"\.amp(?=$|\.html?$)", re.IGNORECASE)
_SESSION_ID = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)

_TRACKING_PARAMETER = re.compile(
    r"utm_.*|pk_(?:campaign|kwd|keyword|source|medium|content)|mtm_.*|hsa_.*|itm_.*|guce_.*"
    r"|at_(?:medium|campaign|custom|link|bbc|format|ptr).*|ns_(?:source|mchannel|campaign|linkname|fee)"
    r"|fb_(?:action_.*|source|ref)|__(?:twitter_impression|tn__|cft__.*|xts__.*)"
    r"|_(?:ga|gl|hsenc|hsmi|openstat)|fbclid|[gdy]clid|ysclid|twclid|ttclid|msclkid|tblci|srsltid"
    r"|gclsrc|[gw]braid|gad_(?:source|campaignid)|igsh|igshid|mibextid|sfnsn|wtsid|rdid|mc_[ce]id"
    r"|mkt_tok|oly_(?:anon|enc)_id|vero_(?:id|conv)|wickedid|s_cid|cmpid|xtor|xtref|maca|spm"
    r"|soc_(?:src|trk)|traffic_source|guccounter|replytocom|ref_(?:src|url)|referr?er"
    r"|amp|amp_.*|usqp|phpsessid|jsessionid",
    re.IGNORECASE,
)
"""Parameters that identify the referrer or the device, never the article."""
_AMBIGUOUS_TRACKING_PARAMETERS = frozenset(
    {"ref", "share", "cmp", "ocid", "ncid", "smid", "intcmp", "intcid"}
)
"""Tracking parameters only if their value has no digit: ref=4711 may identify the article."""
_AMP_VIEW_PARAMETERS = frozenset({("outputtype", "amp"), ("output", "amp"), ("view", "amp")})

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2}|[^\x00-\x7f])+")
_UNESCAPED = re.compile(r"%(?![0-9A-Fa-f]{2})|[\x00-\x20\x7f\"<>\\^`{|}]")
_SAFE_CHARACTERS = "!'()*,:@"
"""Characters that mean the same with and without percent-encoding."""


def find_urls(text: str) -> list[str]:
    """Return the http(s) links in a message, in order, without duplicates.

    A link ends before trailing punctuation, Latin or Arabic; a closing bracket is part of it only
    together with its opening bracket. Of links with the same canonical URL the first is returned.
    """
    candidates = (_strip_punctuation(match.group()) for match in _LINK.finditer(text))
    links_by_page: dict[str, str] = {}
    for link in candidates:
        if _SCHEME.match(link) and not _SCHEME.fullmatch(link):
            links_by_page.setdefault(canonicalise_url(link), link)
    return list(links_by_page.values())


def canonicalise_url(url: str) -> str:
    """Return a canonical form of a page's URL, for comparison only, not for fetching.

    Removes or normalises what does not identify the page: the scheme and its default port; www,
    mobile and AMP hosts and paths; AMP caches and redirect pages; tracking parameters and the
    order of the others; the fragment (unless a script reads it as a path); a trailing slash; and
    the encoding of non-ASCII letters. A parameter that is not known to be irrelevant is kept: it is
    better to treat two URLs of one page as two pages, whose copies are then still recognised by
    their text, than to merge two articles. (courlan's cleaning makes the opposite choice: it drops
    eid, cid, keyword and reference, and loses escapes that are not UTF-8.)

    Never raises: an invalid URL, or one that is not http(s), is returned unchanged.
    """
    if len(url) > MAX_URL_LENGTH or not _SCHEME.match(url):
        return url
    try:
        simplified = _simplify(url)
        while len(simpler := _simplify(simplified)) < len(simplified):
            simplified = simpler
    except ValueError:
        return url
    return simplified


def parse_host(url: str) -> str:
    """Return the host of a URL, with its port; requests are rate-limited by it."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def is_same_site(first: str, second: str) -> bool:
    """Return whether two URLs are of one site: of the same host, but for labels like www or feeds.

    Subdomains with other names may be those of different owners.
    """
    return _site_host(first) == _site_host(second)


def _site_host(url: str) -> str:
    """Return the host of a URL without labels that do not name a site; an invalid URL unchanged."""
    try:
        host = urlsplit(canonicalise_url(url)).netloc
    except ValueError:
        return url
    label, _, parent = host.partition(".")
    return parent if label in _FEED_LABELS and "." in parent else host


def _strip_punctuation(link: str) -> str:
    surplus = {
        closing: link.count(closing) - link.count(opening) for closing, opening in _BRACKETS.items()
    }
    length = len(link)
    while length:
        last = link[length - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _PUNCTUATION:
            break
        length -= 1
    return link[:length]


def _simplify(url: str) -> str:
    """Return the URL after one pass of simplification. Raises ValueError if it is invalid."""
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None:
        raise ValueError(url)
    host_name = parts.hostname.rstrip(".")
    if not host_name.isascii():
        host_name = host_name.encode("idna").decode()
    domain = _registered_domain(host_name)
    target = _forwarding_target(domain, parts)
    if target:
        return _simplify(target)
    host = _simplify_host(host_name, domain)
    port = "" if parts.port in (None, 80, 443) else f":{parts.port}"
    path = _simplify_path(host, parts.path)
    query = _simplify_query(host, parts.query)
    is_route = parts.fragment[:1] in ("!", "/") and parts.fragment.strip("!/")
    fragment = f"#{_percent_encode(parts.fragment)}" if is_route else ""
    return f"https://{host}{port}{path}{query and f'?{query}'}{fragment}"


def load_public_suffixes() -> None:
    """Load the file of public suffixes, which is otherwise read for the first URL."""
    _registered_domain("example.org")


def _registered_domain(host_name: str) -> str:
    """Return the registered domain of a host, such as example.com.ly."""
    from courlan import extract_domain

    return extract_domain(f"https://{host_name}/") or ".".join(host_name.split(".")[-2:])


def _simplify_host(host_name: str, domain: str) -> str:
    if ":" in host_name:
        return f"[{host_name}]"
    if host_name != domain and not host_name.endswith(f".{domain}"):
        return host_name
    subdomains = host_name.removesuffix(domain).split(".")
    labels = [
        label for label in subdomains if label not in _MOBILE_LABELS and not _WWW.fullmatch(label)
    ]
    host = ".".join([*filter(None, labels), domain])
    return _SITE_ALIASES.get(host, host)


def _forwarding_target(domain: str, parts: SplitResult) -> str | None:
    """Return the target of a redirect page or AMP cache URL, or None."""
    site = "google." if domain.startswith("google.") else domain
    if site in ("ampproject.org", "google.", "bing.com"):
        cached = _AMP_CACHE.fullmatch(parts.path)
        if cached and (site == "ampproject.org" or parts.path.startswith("/amp/")):
            return f"https://{cached[1]}" + (f"?{parts.query}" if parts.query else "")
    names = _FORWARDING_PAGES.get((site, parts.path), ())
    values = (value for key, value in parse_qsl(parts.query) if key in names)
    return next((value for value in values if _SCHEME.match(value)), None)


def _simplify_path(host: str, path: str) -> str:
    segments = [
        _percent_encode(segment) for segment in _SESSION_ID.sub("", path).split("/") if segment
    ]
    segments = [segment for segment in segments if segment.lower() != "amp"] or segments
    if segments:
        segments[-1] = _AMP_SUFFIX.sub("", segments[-1]) or segments[-1]
    if host == "t.me" and segments[:1] == ["s"]:  # the web preview of the same post
        segments = segments[1:]
    return "".join(f"/{segment}" for segment in segments)


def _simplify_query(host: str, query: str) -> str:
    parameters = []
    for parameter in re.split(r"&(?:amp;)*", query):
        name, equals, value = parameter.replace("+", "%20").partition("=")
        plain_name = unquote(name).lower()
        if (
            not parameter
            or _TRACKING_PARAMETER.fullmatch(plain_name)
            or (
                plain_name in _AMBIGUOUS_TRACKING_PARAMETERS
                and not re.search(r"\d", unquote(value))
            )
            or (plain_name, value.lower()) in _AMP_VIEW_PARAMETERS
            or (host == "t.me" and plain_name in {"single", "embed"})
        ):
            continue
        parameters.append((_percent_encode(name), equals + _percent_encode(value)))
    parameters.sort(key=lambda pair: pair[0])
    return "&".join(name + value for name, value in parameters)


def _percent_encode(text: str) -> str:
    """Return a URL component with a single, consistent percent-encoding."""
    escaped = _UNESCAPED.sub(lambda match: quote(match.group(), safe=""), text)
    return _ENCODED.sub(
        lambda match: quote(unquote_to_bytes(match.group()), safe=_SAFE_CHARACTERS), escaped
    )
