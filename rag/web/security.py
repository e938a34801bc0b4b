"""What every response carries, and which requests are refused.

Our pages need nothing inline: scripts and styles come from this server's files only. Gradio's own page is
never shown. Where there are users, nobody gets past the log-in without a name: neither to our routes nor to
Gradio's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rag.web.routes import owner_or_none
from rag.web.shell import LOGIN_ASSETS, Frame

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from rag.assistant import Assistant

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_LOOPBACK = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?", re.IGNORECASE)
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_OPEN = {"/", "/login", "/logout", "/gradio_api/startup-events"} | {
    f"/rag/assets/{name}" for name in LOGIN_ASSETS
}
"""What is served to whoever is not logged in; Gradio asks for the last one itself when it starts."""


class Guard:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, assistant: Assistant, views: Sequence[str], loopback: bool) -> None:
        self._app = app
        self._frame = Frame(assistant, views)
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what comes from other sites; answer with our page, or with the app's response made safe."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from starlette.concurrency import run_in_threadpool
        from starlette.requests import Request
        from starlette.responses import HTMLResponse, PlainTextResponse

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if refusal := self._refusal(scope, headers):
            await PlainTextResponse(*refusal)(scope, receive, send)
            return
        request = Request(scope)
        if scope["path"] not in _OPEN and owner_or_none(request) is None:
            await PlainTextResponse("Log in first.", 401)(scope, receive, send)
            return
        if scope["path"] == "/" and scope["method"] == "GET":
            page = await run_in_threadpool(self._frame.page, request)
            await HTMLResponse(page, headers={**_HEADERS, "cache-control": "no-store"})(scope, receive, send)
            return
        await self._app(scope, receive, _hardened(send))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[str, int] | None:
        # A foreign name that resolves to this machine (DNS rebinding) would make its scripts same-origin.
        if self._loopback and not _LOOPBACK.fullmatch(headers.get("host", "")):
            return "This page is served to this computer only.", 421
        foreign = headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        ours = scope["path"].startswith("/rag/") or scope["path"] == "/logout"
        if foreign and (ours or scope["method"] not in _SAFE_METHODS):
            return "Requests from other sites are refused.", 403
        return None


def _hardened(send: Send) -> Send:
    """`send`, with our headers added to every response."""

    async def with_headers(message: Message) -> None:
        from starlette.datastructures import MutableHeaders

        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(_HEADERS)
        await send(message)

    return with_headers


def guard(assistant: Assistant, views: Sequence[str], *, loopback: bool) -> Any:
    """The middleware as Starlette wants it described."""
    from starlette.middleware import Middleware

    make: Callable[..., Any] = Guard
    return Middleware(make, assistant=assistant, views=views, loopback=loopback)
