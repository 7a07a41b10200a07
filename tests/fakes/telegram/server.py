"""The double of Telegram's Bot API: an HTTP server in a thread of its own, with state and faults."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeVar

from aiohttp import web

from tests.fakes.telegram import wire
from tests.fakes.telegram.faults import Fault, Faults
from tests.fakes.telegram.journal import Call, entry
from tests.fakes.telegram.methods import Methods, Uploads
from tests.fakes.telegram.people import People
from tests.fakes.telegram.schema import METHODS, by_table, decoded, load_check
from tests.fakes.telegram.state import Chat, Json, Refused, TelegramState, User

TOKEN = "7000001:TEST-abcdefghijklmnopqrstuvwxyz0123"
OTHER_POLLER = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
Seen = TypeVar("Seen")


class Double(People):
    """A Bot API on a free port of this machine; a context manager, safe to use from any thread."""

    def __init__(
        self,
        token: str = TOKEN,
        *,
        port: int = 0,
        check: bool = True,
        keep_journal: bool = True,
    ) -> None:
        super().__init__()
        self.token = token
        name, username = "Noran Briefing", "noran_briefing_bot"
        self.bot = User(int(token.partition(":")[0]), name, username=username, is_bot=True)
        self.changed = threading.Condition()
        self.state = TelegramState(self.bot)
        self.faults = Faults()
        self.journal: list[Call] = []
        self.problems: list[str] = []
        self.port = port
        self._methods = Methods(self.state, self.problems.append)
        self._check = load_check() if check else None
        self._keep_journal = keep_journal
        self._calls = 0
        self._conflicts = 0
        self._polls = 0
        self._revoked = False
        self._closing = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._waiter: asyncio.Event | None = None
        self._hanging: set[asyncio.Event] = set()
        self._runner: web.ServerRunner | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(30)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def base_file_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file/bot"

    def revoke(self) -> None:
        """Refuse the token from now on."""
        with self.changed:
            self._revoked = True
            self._wake()

    def conflict(self, times: int = 1) -> None:
        """Answer the next polls as if another poller had come."""
        with self.changed:
            self._conflicts += times

    def release(self) -> None:
        """End the calls that hang: their connections close without an answer."""
        self._loop.call_soon_threadsafe(self._release)

    def sent(self, chat: Chat | None = None) -> list[Json]:
        """The bot's messages in order, as they stand now; those deleted since are marked so."""
        with self.changed:
            return [dict(message) for message in (chat.sent if chat else self.state.sent)]

    def replies(self, message: Json) -> list[Json]:
        """The bot's messages that reply to that one."""
        with self.changed:
            sent = self.state.chats[message["chat"]["id"]].sent
            return [dict(one) for one in sent if one.get("reply_to") == message["message_id"]]

    def wait_for(
        self, predicate: Callable[[], Seen], seconds: float = 120, what: str = "what was awaited"
    ) -> Seen:
        """Block until the predicate holds and return its value; looked at after every call."""
        with self.changed:
            value = self.changed.wait_for(predicate, seconds)
            if value:
                return value
            tail = "\n".join(f"  {call}" for call in self.journal[-8:])
            raise AssertionError(f"{what} did not come within {seconds} s; the last calls:\n{tail}")

    def check(self) -> None:
        """Raise AssertionError if a call broke the schema or lost something without a word."""
        with self.changed:
            assert not self.problems, "\n".join(self.problems)

    def _wake(self) -> None:
        self.changed.notify_all()
        if self._waiter and not self._closing:
            self._loop.call_soon_threadsafe(self._waiter.set)

    def _release(self) -> None:
        for event in self._hanging:
            event.set()

    async def _open(self) -> None:
        server = web.Server(self._serve, handler_cancellation=True, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        self._closing = True
        self._release()
        if self._waiter:
            self._waiter.set()
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            if request.path.startswith("/file/bot"):
                return self._download(request.path.removeprefix("/file/bot"))
            token, _, method = request.path.removeprefix("/bot").partition("/")
            return await self._answer(request, token, method)
        except Exception as bug:
            self.problems.append(f"the double failed: {bug!r}")
            raise

    def _download(self, path: str) -> web.Response:
        token, _, name = path.partition("/")
        with self.changed:
            if token != self.token or self._revoked:
                return wire.response(wire.refusal(401, "Unauthorized"))
            found = self.state.files.get(name.removeprefix("documents/"))
        if found is None:
            return wire.response(wire.refusal(404, "Not Found"))
        return web.Response(body=found[0], content_type="application/octet-stream")

    async def _answer(
        self, request: web.BaseRequest, token: str, method: str
    ) -> web.StreamResponse:
        try:
            raw, uploads = await wire.read(request)
        except Refused as error:
            return wire.response(wire.refused(error))
        params = decoded(method, raw) | {part: name for part, (_, name) in uploads.items()}
        with self.changed:
            refusal = self._unknown(token, method, raw, uploads)
            fault = None if refusal else self.faults.next(method, params.get("chat_id"))
            polls = method == "getUpdates" and not refusal and (fault is None or fault.after)
            if not polls:
                answer = refusal or self._act(method, params, uploads, fault)
                answer = self._enter(method, params, answer, fault)
        if polls:
            answer = await self._poll(params)
            with self.changed:
                answer = self._enter(method, params, answer, fault)
        if answer.status is None:
            return await self._fall_silent(request, fault)
        return wire.response(answer)

    def _unknown(self, token: str, method: str, raw: Json, uploads: Uploads) -> wire.Answer | None:
        if token != self.token or self._revoked:
            return wire.refusal(401, "Unauthorized")
        if self._check:
            self.problems += [f"{method}: {words}" for words in self._check(method, raw, uploads)]
        if method not in METHODS:
            self.problems.append(f"the double serves no {method}")
            return wire.refusal(404, "Not Found")
        return None

    def _act(self, method: str, params: Json, uploads: Uploads, fault: Fault | None) -> wire.Answer:
        if fault and not fault.after:
            return wire.faulty(fault)
        wrong = [words for words in by_table(method, params, uploads) if ": not " in words]
        if wrong:
            return wire.refusal(400, f"Bad Request: {wrong[0]}")
        try:
            return wire.result(self._methods.call(method, params, uploads))
        except Refused as refusal:
            return wire.refused(refusal)

    def _enter(
        self, method: str, params: Json, answer: wire.Answer, fault: Fault | None
    ) -> wire.Answer:
        """Write the call down and return the answer that the bot will see."""
        final = wire.faulty(fault) if fault else answer
        self._calls += 1
        if self._keep_journal:
            call = entry(self._calls, method, params, true=answer, final=final, fault=fault)
            self.journal.append(call)
        self.changed.notify_all()
        return final

    async def _fall_silent(
        self, request: web.BaseRequest, fault: Fault | None
    ) -> web.StreamResponse:
        """End the connection without an answer, for a hang only when it is released."""
        if fault and fault.kind.startswith("hang") and not self._closing:
            released = asyncio.Event()
            self._hanging.add(released)
            try:
                async with asyncio.timeout(fault.seconds):
                    await released.wait()
            except TimeoutError:
                pass
            finally:
                self._hanging.discard(released)
        if request.transport:
            request.transport.close()
        return web.Response()

    async def _poll(self, params: Json) -> wire.Answer:
        limit = min(max(params.get("limit", 100), 1), 100)
        deadline = self._loop.time() + params.get("timeout", 0)
        with self.changed:
            if self._conflicts:
                self._conflicts -= 1
                return wire.refused(Refused(OTHER_POLLER, 409))
            mine = self._begin_poll(params)
            waiter = self._waiter = asyncio.Event()
        while True:
            with self.changed:
                if self._revoked:
                    return wire.refusal(401, "Unauthorized")
                if mine != self._polls:
                    return wire.refused(Refused(OTHER_POLLER, 409))
                batch = self.state.updates.take(limit)
            if batch or self._closing or self._loop.time() >= deadline:
                return wire.result(batch)
            waiter.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await waiter.wait()
            except TimeoutError:
                continue

    def _begin_poll(self, params: Json) -> int:
        """Acknowledge, and end the poll that is under way."""
        updates = self.state.updates
        if "allowed_updates" in params:
            updates.allowed = frozenset(params["allowed_updates"]) or None
        if "offset" in params:
            updates.acknowledge(params["offset"])
        self._polls += 1
        self._wake()
        return self._polls
