"""Texts that several editorial views share: field labels, prompts and rejection reasons."""

from __future__ import annotations

from bot.i18n.languages import UiLanguage
from bot.i18n.translations import N_, translator
from index.ingest.rejections import RejectReason

CANCEL_HINT = N_("/cancel to leave it as it is.")
FIELD_LABELS = {
    # Translators: Button.
    "title": N_("Title"),
    # Translators: Button.
    "source": N_("Source"),
    # Translators: Button.
    "published": N_("Date"),
    # Translators: Button.
    "text": N_("Text"),
}
"""Label of the button that edits a field of a draft or an article, by field."""
FIELD_PROMPTS = {
    "title": N_("Write the new title."),
    "source": N_("Write the source's name."),
    "published": N_("Write the date, such as: 4 February 2026, 12:51. A - means: unknown."),
    "text": N_("Send the new text in one message, or as a file if it is long."),
}
"""Prompt for the input of a field, by field."""
_REJECT_REASONS = {
    RejectReason.INVALID_URL: N_(
        "That is not a web address. An address begins with http:// or https://."
    ),
    RejectReason.PRIVATE_ADDRESS: N_(
        "The address leads to a private network; I open only public pages."
    ),
    RejectReason.NOT_FOUND: N_(
        "The site says that there is no such page. Check the address, or paste the text."
    ),
    RejectReason.FORBIDDEN: N_(
        "The site does not let me see this page. Paste the text after /add."
    ),
    RejectReason.SITE_ERROR: N_(
        "The site answered with an error. Try again later, or paste the text."
    ),
    RejectReason.UNREACHABLE: N_(
        "The site does not answer. Check the address, or try again later."
    ),
    RejectReason.TIMED_OUT: N_(
        "That took longer than 20 seconds. Try again later, or paste the text."
    ),
    RejectReason.TOO_LARGE: N_("That is larger than I can read (10 MB). Send the article alone."),
    RejectReason.TOO_MANY_REDIRECTS: N_(
        "The site sends me from one page to another without end. Send the final address."
    ),
    RejectReason.UNSUPPORTED_TYPE: N_(
        "I cannot read this kind of file. Send txt, md, html, pdf, docx or jsonl."
    ),
    RejectReason.NO_STORY: N_(
        "I found no article on the page. Paste the text after /add, or forward the post."
    ),
    RejectReason.NO_FEED: N_(
        "I found no feed, no sitemap and no page that lists articles there. Try "
        "the address of the site's news section."
    ),
    RejectReason.TOO_MANY_SITES: N_(
        "The feed's articles are on more new sites than I visit in a day. I will continue tomorrow."
    ),
    RejectReason.DISALLOWED_BY_ROBOTS: N_(
        "The site asks programs not to read this (robots.txt). Add its articles by hand with /add."
    ),
    RejectReason.NO_TEXT: N_("There is no text in the file; it may be a scan. Paste the text."),
    RejectReason.UNREADABLE_GLYPHS: N_(
        "The text of this file cannot be read: the file does not say which "
        "letters its shapes stand for. Paste the text."
    ),
    RejectReason.PASSWORD_PROTECTED: N_(
        "The file is protected by a password. Send it without one."
    ),
    RejectReason.MACROS: N_(
        "The file contains a program (a macro), and I do not open such files. "
        "Save it as a plain docx."
    ),
    RejectReason.DAMAGED: N_(
        "The file is damaged, or not what its name says. Save it again and send it."
    ),
    RejectReason.TOO_COMPLEX: N_(
        "Reading this file takes too much time or memory. Send the article alone."
    ),
    RejectReason.INVALID_LINE: N_(
        "This line is not an article. Write one article as JSON on each line."
    ),
    RejectReason.TOO_LONG: N_(
        "That is longer than an article may be (300,000 characters). Divide it into several."
    ),
    RejectReason.TOO_MANY_LINKS: N_(
        "I open at most 20 links per message. Send this one in another message."
    ),
    RejectReason.DOWNLOAD_FAILED: N_("Telegram did not give me this file. Send it again."),
}
_FEED_REJECT_REASONS = {
    RejectReason.INVALID_URL: N_(
        "The address cannot be used. Add the feed again with the right address."
    ),
    RejectReason.PRIVATE_ADDRESS: N_(
        "The address now leads to a private network. Ask the site about it."
    ),
    RejectReason.NOT_FOUND: N_(
        "The site says that there is nothing at this address. Look on the site "
        "for the feed's new address and add it, then remove this feed."
    ),
    RejectReason.FORBIDDEN: N_(
        "The site does not let me read it. Contact the site, or add its articles by hand with /add."
    ),
    RejectReason.SITE_ERROR: N_(
        "The site answered with an error. I keep trying, less and less often; if "
        "it lasts, contact the site."
    ),
    RejectReason.UNREACHABLE: N_(
        "The site does not answer. I keep trying, less and less often; check "
        "that the site still exists and that its address has not changed."
    ),
    RejectReason.TIMED_OUT: N_(
        "The site answers too slowly. I keep trying; if it lasts, follow another page of the site."
    ),
    RejectReason.TOO_LARGE: N_(
        "What is at this address is larger than I can read (10 MB). Follow the "
        "feed of one section of the site."
    ),
    RejectReason.TOO_MANY_REDIRECTS: N_(
        "The site sends me from one address to another without end. Look for the "
        "feed's new address and add it."
    ),
    RejectReason.UNSUPPORTED_TYPE: N_(
        "What is at this address is neither a feed nor a page. Look for the "
        "feed's new address and add it."
    ),
    RejectReason.NO_FEED: N_(
        "There is no longer a feed at this address. Look on the site for the new "
        "address and add it, then remove this feed."
    ),
    RejectReason.DISALLOWED_BY_ROBOTS: N_(
        "The site asks programs not to read this (robots.txt). Contact the site, "
        "or add its articles by hand with /add."
    ),
    RejectReason.DAMAGED: N_(
        "The feed is damaged and cannot be read. I keep trying; tell the site, "
        "or follow another of its pages."
    ),
    RejectReason.TOO_COMPLEX: N_(
        "Reading this feed takes too much time or memory. Follow the feed of one "
        "section of the site."
    ),
}
"""Reasons that have another text for a feed than for an article."""


def reject_reason_text(reason: RejectReason, lang: UiLanguage) -> str:
    """Return why an article cannot be read, and what to do."""
    return translator(lang).gettext(_REJECT_REASONS[reason])


def feed_reject_reason_text(reason: RejectReason, lang: UiLanguage) -> str:
    """Return why a feed cannot be read, and what to do."""
    return translator(lang).gettext(_FEED_REJECT_REASONS.get(reason) or _REJECT_REASONS[reason])
