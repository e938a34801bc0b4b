"""What the page asks for over HTTP, beside Gradio's own: questions, articles, conversations.

Every request carries the browser's secret in a header that no other site can send without asking
first. With users, the user's name takes its place. Answers are streamed as JSON Lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.web.service import Asked, Service
from rag.web.texts import page_language

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

ASSETS = Path(__file__).parent / "assets"
_MEDIA = {".css": "text/css", ".js": "text/javascript"}
_ASSETS = {file.name: _MEDIA[file.suffix] for file in sorted(ASSETS.iterdir()) if file.suffix in _MEDIA}
SCRIPTS = [name for name in _ASSETS if name.endswith(".js") and name != "login.js"]
"""Modules of the page, in no order that matters."""
LARGEST_BODY = 100_000
LANGUAGE_COOKIE = "rag_language"
THEME_COOKIE = "rag_theme"
ANYBODY = "anybody"
_SECRET = re.compile(r"[A-Za-z0-9_-]{22,64}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request, read."""

    owner: str
    language: str
    path: Mapping[str, str]
    body: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A text of the body; empty when it is missing or no text."""
        value = self.body.get(name)
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list of the body; none when it is missing or no list."""
        value = self.body.get(name)
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()

    def mapping(self, name: str) -> Mapping[str, Any]:
        """An object of the body; empty when it is missing or no object."""
        value = self.body.get(name)
        return value if isinstance(value, dict) else {}


def routes(service: Service) -> list[Route]:
    """All of them, below `/rag/`."""
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    def answer(handle: Callable[[Call], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            from starlette.concurrency import run_in_threadpool

            call = await read_call(request)
            return JSONResponse(await run_in_threadpool(handle, call), headers={"Cache-Control": "no-store"})

        return endpoint

    async def ask(request: Request) -> Response:
        call = await read_call(request)
        return streamed(service.ask(call.owner, call.language, _asked(call)))

    async def export(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        call = await read_call(request)
        kind = call.path["kind"]
        text = await run_in_threadpool(service.export, call.owner, call.path["id"], kind)
        media = {"json": "application/json", "markdown": "text/markdown; charset=utf-8"}[kind]
        return Response(text, media_type=media, headers={"Cache-Control": "no-store"})

    return [
        Route("/rag/assets/{name}", _asset),
        Route("/rag/ask", ask, methods=["POST"]),
        Route("/rag/stop", answer(lambda c: service.stop(c.owner, c.text("exchange"))), methods=["POST"]),
        Route(
            "/rag/article", answer(lambda c: service.article(c.owner, c.language, c.body)), methods=["POST"]
        ),
        Route("/rag/examples", answer(lambda c: service.examples(c.language))),
        Route("/rag/choices", answer(lambda c: service.choices(c.language))),
        Route("/rag/conversations", answer(lambda c: service.conversations(c.owner, c.language))),
        Route("/rag/conversations/{id}", answer(lambda c: service.open(c.owner, c.language, c.path["id"]))),
        Route(
            "/rag/conversations/{id}",
            answer(lambda c: service.delete(c.owner, c.language, c.path["id"])),
            methods=["DELETE"],
        ),
        Route("/rag/export/{id}/{kind:str}", export),
        Route("/rag/feedback", answer(lambda c: service.feedback(c.owner, c.body)), methods=["POST"]),
    ]


async def read_call(request: Request) -> Call:
    """Who calls, in which language, and with what.

    Raises:
        HTTPException: 401 without owner; 400 or 413 for a body that cannot be used.
    """
    from starlette.exceptions import HTTPException

    body: Any = {}
    if request.method == "POST":
        raw = b""
        async for piece in request.stream():
            raw += piece
            if len(raw) > LARGEST_BODY:
                raise HTTPException(413)
        try:
            # Half a character (a lone surrogate) could be neither saved nor sent back.
            text = json.dumps(json.loads(raw), ensure_ascii=False)
            body = json.loads(text.encode("utf-8", "replace"))
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise HTTPException(400)
    return Call(owner_of(request), language_of(request), request.path_params, body)


def owner_of(request: Request) -> str:
    """The user's name where there are users, else the browser's secret.

    Raises:
        HTTPException: 401, nobody is logged in, or no secret came along.
    """
    from starlette.exceptions import HTTPException

    owner = owner_or_none(request)
    if owner == ANYBODY:
        secret = request.headers.get("x-rag-browser", "")
        owner = f"browser:{secret}" if _SECRET.fullmatch(secret) else None
    if owner is None:
        raise HTTPException(401)
    return owner


def owner_or_none(request: Request) -> str | None:
    """The user who is logged in, `ANYBODY` where there are no users; None for whoever must log in first."""
    app = request.app
    if app.auth is None:
        return ANYBODY
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    users = (app.tokens.get(request.cookies.get(name)) for name in names)
    return next((f"user:{user}" for user in users if user is not None), None)


def language_of(request: Request) -> str:
    """The page's language: what was chosen there, else what the browser prefers."""
    return page_language(request.cookies.get(LANGUAGE_COOKIE, ""), request.headers.get("accept-language", ""))


def _asked(call: Call) -> Asked:
    return Asked(
        question=call.text("question"),
        conversation=call.text("conversation"),
        instead_of=call.texts("instead_of"),
        filters=call.mapping("filters"),
        settings=call.mapping("settings"),
        wider=call.body.get("wider") is True,
    )


def streamed(events: Iterator[Mapping[str, Any]]) -> Response:
    """Events as JSON Lines. When the browser leaves, the generator is closed."""
    from starlette.responses import StreamingResponse

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(events), media_type="application/x-ndjson", headers=headers)


async def _lines(events: Iterator[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    from starlette.concurrency import run_in_threadpool

    with closing(events):  # type: ignore[type-var]
        while (event := await run_in_threadpool(next, events, None)) is not None:
            yield json.dumps(event, ensure_ascii=False).encode() + b"\n"


async def _asset(request: Request) -> Response:
    from starlette.exceptions import HTTPException
    from starlette.responses import FileResponse

    name = request.path_params["name"]
    if name not in _ASSETS:
        raise HTTPException(404)
    return FileResponse(ASSETS / name, media_type=_ASSETS[name], headers={"Cache-Control": "no-cache"})
