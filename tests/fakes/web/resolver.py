"""A resolver that tests fill: hosts that nobody has to register, and answers that change."""

from __future__ import annotations

import socket

from aiohttp.abc import AbstractResolver, ResolveResult


class Names(AbstractResolver):
    """Knows these hosts and no others: `sada_example=["127.0.0.1 ::1", "10.0.0.1"]`.

    Each answer holds one address or more; they are given in turn, the last one again and again.
    """

    def __init__(self, **answers: list[str]) -> None:
        self._answers = {name.replace("_", "."): list(given) for name, given in answers.items()}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        answers = self._answers.get(host)
        if not answers:
            raise socket.gaierror(socket.EAI_NONAME, "nobody")
        address = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=0)
            for one in address.split()
        ]

    async def close(self) -> None:
        pass
