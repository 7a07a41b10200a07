"""What a message holds that could become an article, and what an editor wants of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.editorial.callbacks import EditorialCallback
from bot.editorial.import_request import (
    ImportRequest,
    is_only_links,
    request_from_content,
    request_from_text,
)
from bot.telegram.callback_data import parse_callback_data
from bot.telegram.message_content import (
    FileRef,
    ForwardOrigin,
    MessageContent,
    parse_message_content,
)

AT = datetime(2026, 2, 5, 10, tzinfo=UTC)
SENT = int(AT.timestamp())
LINK = "https://noran.example/dam"
CHANNEL = {"id": -100_7, "type": "channel", "title": "Noran", "username": "noran_ly"}
CLOSED = {"id": -100_8, "type": "channel", "title": "Closed"}
HUDA = {"id": 4_002, "is_bot": False, "first_name": "Huda", "last_name": "Rami"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["text", "document", "forward_origin", "entities", "type", "date", "chat", "url"]
            ),
            inner,
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (
            {"type": "channel", "chat": CHANNEL, "message_id": 7},
            ForwardOrigin("Noran", AT, "https://t.me/noran_ly/7"),
        ),
        (
            {"type": "channel", "chat": CLOSED, "message_id": 7},
            ForwardOrigin("Closed", AT, None),
        ),
        ({"type": "chat", "sender_chat": CHANNEL}, ForwardOrigin("Noran", AT, None)),
        (
            {"type": "user", "sender_user": HUDA},
            ForwardOrigin("Huda Rami", AT, None),
        ),
        (
            {"type": "hidden_user", "sender_user_name": "Somebody"},
            ForwardOrigin("Somebody", AT, None),
        ),
    ],
)
def test_a_forwarded_message_names_who_sent_it_first_and_when(
    origin: dict[str, Any], expected: ForwardOrigin
) -> None:
    found = parse_message_content({"text": "news", "forward_origin": {**origin, "date": SENT}})
    assert found == MessageContent("news", (), None, expected)


def test_a_document_is_known_by_its_id_name_and_size() -> None:
    document = {"file_id": "F1", "file_unique_id": "U1", "file_name": "a.pdf", "file_size": 9}
    assert parse_message_content({"document": document, "caption": "see"}) == MessageContent(
        "see", (), FileRef("F1", "a.pdf", 9), None
    )


@given(JSON)
def test_whatever_a_message_is_its_material_is_read_or_passed_over(value: Any) -> None:
    parse_message_content(value)
    parse_message_content({"text": "news", "forward_origin": value})


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (LINK, (LINK,)),
        (f"{LINK} {LINK}?id=2", (LINK, f"{LINK}?id=2")),
        (f"please add this one: {LINK}", (LINK,)),
    ],
)
def test_links_with_few_words_beside_them_are_what_is_wanted(
    text: str, links: tuple[str, ...]
) -> None:
    assert request_from_text(text) == ImportRequest(links=links)


def test_a_text_that_names_a_link_is_wanted_itself() -> None:
    text = f"The dam above Noran was opened on Thursday by the minister of water, says {LINK}"
    assert request_from_text(text) == ImportRequest(text=text)


def test_a_forwarded_post_is_wanted_itself_unless_it_is_nothing_but_a_link() -> None:
    origin = ForwardOrigin("Noran", AT, None)
    article_text = f"The dam is open: {LINK}"
    assert request_from_content(MessageContent(article_text, (), None, origin)) == ImportRequest(
        text=article_text, origin=origin
    )
    assert request_from_content(MessageContent(LINK, (), None, origin)) == ImportRequest(
        links=(LINK,)
    )


def test_a_document_goes_before_its_caption_and_hidden_links_are_links() -> None:
    file = FileRef("F1", "a.pdf", 9)
    assert request_from_content(MessageContent("see", (), file, None)) == ImportRequest(file=file)
    assert request_from_content(MessageContent("here", (LINK,), None, None)) == ImportRequest(
        links=(LINK,)
    )
    assert request_from_content(MessageContent("  ", (), None, None)) is None


@pytest.mark.parametrize(
    ("text", "only"), [(f" {LINK}\n{LINK}/2 . ", True), (f"{LINK} who?", False), ("who?", False)]
)
def test_a_message_of_nothing_but_links_is_told_from_a_question(text: str, only: bool) -> None:
    assert is_only_links(text) is only


@given(st.text() | st.from_regex(r"(draft|batch|log):\d{1,25}(:[a-z]{1,12})?(:\d{1,12})?"))
def test_whatever_a_button_says_it_is_understood_or_passed_over(data: str) -> None:
    found = parse_callback_data(data)
    assert found is None or (isinstance(found, EditorialCallback) and 0 <= found.number < 2**62)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("draft:12:publish", ("draft", 12, "publish", 0)),
        ("draft:12:day:1", ("draft", 12, "day", 1)),
        ("library:3", ("library", 3, "", 0)),
        ("draft:x", None),
    ],
)
def test_a_button_names_what_is_to_be_done_to_which(data: str, expected: Any) -> None:
    callback = parse_callback_data(data)
    assert (tuple(callback.model_dump().values()) if callback else None) == expected
