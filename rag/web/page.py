"""Starts the server: Gradio with its endpoints, our routes and what guards them."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from rag.errors import RagError
from rag.web.api import add_api
from rag.web.auth import Users, check_address, is_loopback
from rag.web.corpus_routes import corpus_routes
from rag.web.routes import routes
from rag.web.security import guard
from rag.web.service import Service

if TYPE_CHECKING:
    from gradio import Blocks

    from rag.assistant import Assistant

HOST = "127.0.0.1"
VIEWS = ("articles", "evaluation")
"""What the page shows beside the chat."""
_FONTS = ("system-ui", "sans-serif")
"""Gradio's themes name fonts of other hosts."""


def build(service: Service) -> Blocks:
    """Gradio's part: the named endpoints for programs. Not yet served."""
    gr = _gradio()
    page: Blocks = gr.Blocks(title="rag", analytics_enabled=False)
    with page:
        add_api(gr, service)
    page.queue(max_size=16, default_concurrency_limit=2)
    return page


def launch(
    assistant: Assistant,
    *,
    port: int = 7860,
    host: str = HOST,
    users: Users | None = None,
    browser: bool = False,
) -> None:
    """Serve the page until Ctrl-C. The language model is loaded in the background.

    Raises:
        SettingsError: others could reach the page without a password.
        RagError: the port is taken.
    """
    check_address(host, users)
    _check_port(host, port)
    service = Service(assistant)
    gr = _gradio()
    page = build(service)
    loopback = is_loopback(host)
    app_kwargs = {
        "routes": routes(service) + corpus_routes(assistant, service.history, shared=not loopback),
        "middleware": [guard(assistant, VIEWS, loopback=loopback)],
    }
    try:
        page.launch(
            share=False,
            server_name=host,
            server_port=port or None,
            auth=users.login() if users else None,  # type: ignore[arg-type]  # it may be a coroutine function
            inbrowser=browser,
            ssr_mode=False,
            show_error=False,
            strict_cors=True,
            enable_monitoring=False,
            max_file_size="1mb",
            run_history=False,
            quiet=True,
            prevent_thread_lock=True,
            footer_links=[],
            theme=gr.themes.Base(font=_FONTS, font_mono=("ui-monospace", "monospace")),
            app_kwargs=app_kwargs,
        )
    except OSError as error:
        raise _port_error(port) from error
    threading.Thread(target=service.warm_up, daemon=True).start()
    sys.stderr.write(f"Serving on {page.local_url} (Ctrl-C stops it).\n")
    try:
        while True:  # Gradio's own wait would swallow Ctrl-C
            time.sleep(3600)
    finally:
        page.close(verbose=False)


def _check_port(host: str, port: int) -> None:
    """Fail at once, not after the seconds that Gradio needs to load. Port 0 stands for any."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise _port_error(port) from error


def _port_error(port: int) -> RagError:
    return RagError(f"The page cannot be served on port {port}.", "Choose another: rag web --port 0.")


def _gradio() -> Any:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio

    return gradio
