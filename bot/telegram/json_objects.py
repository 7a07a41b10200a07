"""Build python-telegram-bot's objects from JSON that nothing has checked yet.

The library checks neither the types nor the ranges of what it reads, and raises whatever a
malformed value leads to (KeyError, TypeError, AttributeError, OverflowError, ...). `read_object`
keeps only the fields that the bot reads and checks these, so that nothing else in an update can
make it unreadable, such as an object of a newer version of the Bot API; it raises one error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from telegram import TelegramObject

MAX_ID = 2**62
"""Largest absolute value of an integer: SQLite stores 64 bits."""
_MAX_DATE = 2**33
"""Latest date, in seconds since 1970: the year 2242."""
_OBJECT_FIELDS = frozenset(("chat", "from", "sender_chat", "sender_user", "via_bot"))
"""The fields with an object that the bot reads."""
_FIELD_TYPES: Mapping[str, type] = {
    "callback_query.id": str,
    "inline_query.id": str,
    "inline_query.offset": str,
    **dict.fromkeys(
        (
            "date",
            "file_size",
            "id",
            "length",
            "message_id",
            "message_thread_id",
            "migrate_to_chat_id",
            "offset",
        ),
        int,
    ),
    **dict.fromkeys(
        (
            "caption",
            "chat_instance",
            "data",
            "file_id",
            "file_name",
            "file_unique_id",
            "first_name",
            "language_code",
            "last_name",
            "query",
            "sender_user_name",
            "text",
            "title",
            "type",
            "url",
            "username",
        ),
        str,
    ),
    **dict.fromkeys(("is_automatic_forward", "is_bot", "is_topic_message"), bool),
}
"""The JSON type of each other field that the bot reads, by its name or by `parent.name`."""

_Object = TypeVar("_Object", bound=TelegramObject)


class UnreadableObject(ValueError):
    """JSON that is no valid object of Telegram's Bot API."""


def read_object(
    object_type: type[_Object], value: Any, required: Iterable[str] = (), *, name: str = ""
) -> _Object:
    """Return the library's object for a JSON object, built from the fields that the bot reads.

    `name` is the field that holds the value. Raises `UnreadableObject` if the value is malformed
    or lacks a field: one of `required`, or one that the library requires itself.
    """
    try:
        return object_type.de_json(_check_object(name, value, required), None)
    except Exception as error:  # the library raises anything for malformed input
        raise UnreadableObject(f"no {object_type.__name__}: {type(error).__name__}") from error


def _check_object(name: str, value: Any, required: Iterable[str] = ()) -> dict[str, Any]:
    """Return the known fields of a JSON object, without nulls. Raises `ValueError` otherwise."""
    if not isinstance(value, dict):
        raise UnreadableObject(f"{name} is no object")
    checked: dict[str, Any] = {}
    for field, content in value.items():
        if content is None:
            continue
        if field in _OBJECT_FIELDS:
            checked[field] = _check_object(field, content)
        elif expected := _FIELD_TYPES.get(f"{name}.{field}") or _FIELD_TYPES.get(field):
            _check_scalar(field, content, expected)
            checked[field] = content
    if not all(field in checked for field in required):
        raise UnreadableObject("a required field is missing")
    return checked


def _check_scalar(name: str, value: Any, expected: type) -> None:
    """Raise `ValueError` unless a value has the expected type and can be stored."""
    if expected is not type(value):
        raise UnreadableObject(f"{name} is no {expected.__name__}")
    if isinstance(value, str):
        value.encode()  # raises UnicodeEncodeError for a lone surrogate, which SQLite cannot store
    elif isinstance(value, int) and not (
        0 <= value <= _MAX_DATE if name == "date" else abs(value) <= MAX_ID
    ):
        raise UnreadableObject(f"{name} is out of range")
