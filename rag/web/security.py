"""What every response carries, and which requests are refused.

Our page needs nothing inline: scripts and styles come from this server's files only. Gradio's own page, which
asks users to log in, has a few inline scripts; they get the nonce of their response, so an injected one
does not run. It needs `unsafe-inline` for styles alone, since its components (Svelte) write `style`
attributes and insert style sheets when they mount. Neither needs `unsafe-eval`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rag.web.shell import Frame, with_nonce

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from rag.assistant import Assistant

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_GRADIO_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self' blob:; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_LOOPBACK = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?", re.IGNORECASE)
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


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
        if scope["path"] == "/" and scope["method"] == "GET":
            page = await run_in_threadpool(self._frame.page, Request(scope))
            if page is not None:
                safe = {**_HEADERS, "content-security-policy": _POLICY, "cache-control": "no-store"}
                await HTMLResponse(page, headers=safe)(scope, receive, send)
                return
        await self._app(scope, receive, _Hardened(send))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[str, int] | None:
        # A foreign name that resolves to this machine (DNS rebinding) would make its scripts same-origin.
        if self._loopback and not _LOOPBACK.fullmatch(headers.get("host", "")):
            return "This page is served to this computer only.", 421
        foreign = headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        ours = scope["path"].startswith("/rag/")
        if foreign and (ours or scope["method"] not in _SAFE_METHODS):
            return "Requests from other sites are refused.", 403
        return None


class _Hardened:
    """`send`, with headers added; a page of Gradio's is held back until it is whole, to mark its scripts."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._nonce = secrets.token_urlsafe(16)
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        from starlette.datastructures import MutableHeaders

        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["content-security-policy"] = _GRADIO_POLICY.format(nonce=self._nonce)
            for name, value in _HEADERS.items():
                headers[name] = value
            if headers.get("content-type", "").startswith("text/html"):
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            body = with_nonce(self._body.decode("utf-8"), self._nonce).encode("utf-8")
            headers = MutableHeaders(scope=self._start)
            headers["content-length"] = str(len(body))
            headers["cache-control"] = "no-store"
            await self._send(self._start)
            message = {"type": "http.response.body", "body": body}
        await self._send(message)


def guard(assistant: Assistant, views: Sequence[str], *, loopback: bool) -> Any:
    """The middleware as Starlette wants it described."""
    from starlette.middleware import Middleware

    make: Callable[..., Any] = Guard
    return Middleware(make, assistant=assistant, views=views, loopback=loopback)
