"""What the page over the articles and the evaluation asks for over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from rag.articles import LARGEST_FILE
from rag.errors import RagError
from rag.web.corpus import CorpusPage
from rag.web.corpus_texts import corpus_texts
from rag.web.evaluation import evaluation_html
from rag.web.history import History
from rag.web.routes import ANYBODY, language_of, owner_of, owner_or_none, read_call, streamed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from rag.assistant import Assistant


def corpus_routes(assistant: Assistant, history: History, *, shared: bool) -> list[Route]:
    """All of them, below `/rag/`. With `shared`, others can reach the page: only users who are logged in may
    change the corpus.
    """
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    page = CorpusPage(assistant)

    def may_change(request: Request) -> bool:
        return not (shared and owner_or_none(request) == ANYBODY)

    def checked(request: Request) -> str:
        """The language of a request that may change something. Raises HTTPException 401 or 403."""
        owner_of(request)
        if not may_change(request):
            raise HTTPException(403)
        return language_of(request)

    async def shown(make: Callable[[], str], language: str) -> Response:
        def made() -> dict[str, str]:
            try:
                return {"html": make()}
            except RagError as error:
                return {"html": "", "error": str(error)}

        return JSONResponse(await run_in_threadpool(made), headers={"Cache-Control": "no-store"})

    async def corpus(request: Request) -> Response:
        owner, language = owner_of(request), language_of(request)
        asked = request.query_params
        conversation = history.load(owner, asked.get("conversation", ""))
        answers = [each.answer for each in conversation.exchanges if each.answer] if conversation else []
        found = answers[-1]["retrieved"] if answers else []
        may = may_change(request)
        return await shown(
            lambda: page.html(language, find=asked.get("find", "")[:200], found=found, may_change=may),
            language,
        )

    async def evaluation(request: Request) -> Response:
        owner_of(request)
        language = language_of(request)
        return await shown(lambda: evaluation_html(assistant.settings.index_dir, language), language)

    async def add(request: Request) -> Response:
        language = checked(request)
        name = unquote(request.headers.get("x-rag-name", ""))
        data = b""
        async for piece in request.stream():
            data += piece
            if len(data) > LARGEST_FILE:
                words = corpus_texts(language)
                reason = words["too_large"].format(megabytes=LARGEST_FILE // 1024**2)
                text = words["refused"].format(name=name, reason=reason)
                return JSONResponse({"type": "refused", "text": text})
        replace = request.query_params.get("replace") == "yes"
        return JSONResponse(await run_in_threadpool(page.add, language, name, data, replace=replace))

    async def update(request: Request) -> Response:
        return streamed(page.update(checked(request)))

    async def remove(request: Request) -> Response:
        language = checked(request)
        call = await read_call(request)
        return streamed(page.remove(language, call.text("source")))

    return [
        Route("/rag/corpus", corpus),
        Route("/rag/corpus/add", add, methods=["POST"]),
        Route("/rag/corpus/update", update, methods=["POST"]),
        Route("/rag/corpus/remove", remove, methods=["POST"]),
        Route("/rag/evaluation", evaluation),
    ]
