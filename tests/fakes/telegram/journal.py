"""What the bot asked of the double, call by call."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.fakes.telegram.faults import Fault
from tests.fakes.telegram.state import Json
from tests.fakes.telegram.wire import Answer


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the bot: `status` is None where it got no answer, `at` is monotonic seconds."""

    number: int
    method: str
    params: Json
    status: int | None
    description: str
    accepted: bool
    fault: str | None
    message_id: int | None
    at: float = field(default_factory=time.monotonic)


def entry(
    number: int, method: str, params: Json, *, true: Answer, final: Answer, fault: Fault | None
) -> Call:
    """Write down what the call did (`true`) and what the bot was told (`final`)."""
    value = true.body.get("result") if isinstance(true.body, dict) else None
    return Call(
        number,
        method,
        params,
        status=final.status,
        description=final.description,
        accepted=true.accepted,
        fault=fault.kind if fault else None,
        message_id=value.get("message_id") if isinstance(value, dict) else None,
    )
