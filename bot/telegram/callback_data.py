"""The registry of callback data: what the buttons under the bot's messages carry.

A subclass of `CallbackData` declares the fields of one kind of button. Telegram keeps a button as
long as its message, so the packed form of a kind never changes: the fields in their order, joined
by colons, without the fields at the end that have their default value.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

MAX_CALLBACK_DATA_BYTES = 64
"""Telegram's limit: core.telegram.org/bots/api#inlinekeyboardbutton."""
_CACHE_SIZE = 256


def _check_digits(value: Any) -> Any:
    """Refuse numbers that Python reads and no button of the bot carries, such as `1_0`."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("not a number in digits")
    return value


Number = Annotated[int, BeforeValidator(_check_digits), Field(ge=0, lt=2**62)]
"""The number of a stored thing: an update, an article, a draft, a feed."""


class CallbackData(BaseModel):
    """The data of one kind of button; the values of its first field are its prefixes."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Register the subclass under each prefix that its first field allows."""
        super().__pydantic_init_subclass__(**kwargs)
        first = next(iter(cls.model_fields.values()))
        for prefix in get_args(first.annotation):
            _KINDS.setdefault(prefix, []).append(cls)

    def pack(self) -> str:
        """Return the data as a button carries it. Raises `ValueError` where it is too long."""
        fields = type(self).model_fields
        values = [(getattr(self, name), field.default) for name, field in fields.items()]
        while len(values) > 1 and values[-1][0] == values[-1][1]:
            values.pop()
        packed = ":".join(str(value) for value, _ in values)
        if len(packed.encode()) > MAX_CALLBACK_DATA_BYTES:
            raise ValueError(f"callback data of more than {MAX_CALLBACK_DATA_BYTES} bytes")
        return packed


_KINDS: dict[str, list[type[CallbackData]]] = {}
"""The kinds of buttons by prefix; two kinds may share one and differ in their fields."""


@lru_cache(_CACHE_SIZE)
def parse_callback_data(packed: str) -> CallbackData | None:
    """Return what a pressed button carries; None where no button of the bot carries it."""
    for kind in _KINDS.get(packed.partition(":")[0], ()):
        names = list(kind.model_fields)
        values = packed.split(":", len(names) - 1)
        try:
            return kind.model_validate(dict(zip(names, values, strict=False)))
        except ValidationError:
            continue
    return None
