"""A plain client of the double, as far from the bot's own as can be."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

import httpx

from tests.fakes.telegram.server import Double


class Client:
    """Calls methods with form fields; a context manager. `http` and `url` serve odder requests."""

    def __init__(self, double: Double) -> None:
        self.double = double
        self.http = httpx.Client(timeout=120, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def url(self, method: str) -> str:
        return f"{self.double.base_url}{self.double.token}/{method}"

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer's body; raises httpx.RemoteProtocolError where none came."""
        fields = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in params.items()
        }
        answer = self.http.post(self.url(method), data=fields)
        body: dict[str, Any] = answer.json()
        assert answer.status_code == body.get("error_code", 200)
        return body

    def refusal(self, method: str, **params: Any) -> str:
        """The words in which a call was refused."""
        return str(self(method, **params)["description"])

    def updates(self, **params: Any) -> list[int]:
        """The ids of the updates that a poll brings."""
        return [update["update_id"] for update in self("getUpdates", **params)["result"]]
