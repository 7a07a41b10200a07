"""The HTTP side of a call: its parameters out of any kind of body, its answer into bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from tests.fakes.telegram.faults import Fault
from tests.fakes.telegram.methods import Uploads
from tests.fakes.telegram.state import Json, Refused

GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    "<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.18.0</center>\r\n"
    "</body>\r\n</html>\r\n"
)


@dataclass
class Answer:
    """What goes back: a status, or None where the connection ends without a word."""

    status: int | None
    body: Json | str
    accepted: bool = False

    @property
    def description(self) -> str:
        return self.body.get("description", "") if isinstance(self.body, dict) else self.body[:80]


def result(value: Any) -> Answer:
    return Answer(200, {"ok": True, "result": value}, accepted=True)


def refusal(code: int, description: str, parameters: dict[str, int] | None = None) -> Answer:
    body: Json = {"ok": False, "error_code": code, "description": description}
    return Answer(code, {**body, "parameters": parameters} if parameters else body)


def refused(refusal_: Refused) -> Answer:
    return refusal(refusal_.code, refusal_.description, refusal_.parameters)


def faulty(fault: Fault) -> Answer:
    """The answer that a fault puts in the place of the true one."""
    if fault.kind == "429":
        seconds = fault.retry_after
        words = f"Too Many Requests: retry after {seconds}"
        return refusal(429, words, {"retry_after": seconds})
    if fault.kind == "400":
        words = fault.details.get("words", "can't parse entities")
        return refusal(400, f"Bad Request: {words}")
    if fault.kind == "403":
        return refusal(403, "Forbidden: bot was blocked by the user")
    if fault.kind == "500":
        return refusal(500, "Internal Server Error")
    return Answer(502, GATEWAY) if fault.kind == "502" else Answer(None, "")


def response(answer: Answer) -> web.Response:
    if isinstance(answer.body, str):
        return web.Response(status=answer.status or 200, text=answer.body, content_type="text/html")
    body = json.dumps(answer.body, ensure_ascii=True).encode()
    headers = {}
    if answer.status == 429:
        headers["Retry-After"] = str(answer.body["parameters"]["retry_after"])
    return web.Response(
        status=answer.status or 200, body=body, content_type="application/json", headers=headers
    )


async def read(request: web.BaseRequest) -> tuple[Json, Uploads]:
    """The parameters as sent and the uploaded files; raises Refused when they cannot be read."""
    params: Json = _fields(request.query_string) if request.query_string else {}
    uploads: Uploads = {}
    kind = request.content_type
    try:
        if kind == "multipart/form-data":
            await _parts(request, params, uploads)
        elif kind == "application/json":
            body = await request.read()
            params |= json.loads(body) if body else {}
        elif request.can_read_body:
            params |= _fields((await request.read()).decode())
    except UnicodeDecodeError:
        raise Refused("strings must be encoded in UTF-8") from None
    except (ValueError, TypeError):
        raise Refused("can't parse the request's body") from None
    return params, uploads


def _fields(text: str) -> Json:
    return dict(parse_qsl(text, keep_blank_values=True, errors="strict"))


async def _parts(request: web.BaseRequest, params: Json, uploads: Uploads) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise Refused("can't parse the request's body")
        content = bytes(await part.read())
        if part.filename is None:
            params[part.name] = content.decode()
        else:
            uploads[part.name] = (content, part.filename)
