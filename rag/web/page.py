"""Builds Gradio's part of the page, and serves all of it."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from rag.errors import RagError
from rag.web.routes import routes
from rag.web.security import guard
from rag.web.service import Service
from rag.web.texts import TEXTS

if TYPE_CHECKING:
    from gradio import Blocks

    from rag.assistant import Assistant

_HOST = "127.0.0.1"
VIEWS = ("articles", "evaluation")
"""What Gradio shows beside the chat; each lies in a column with the id `view-…`."""
_FONTS = ("system-ui", "sans-serif")


def build(assistant: Assistant) -> Blocks:
    """Gradio's part: a tab over the corpus, one over its evaluation, and the API. Not yet served."""
    gr = _gradio()
    text = gr.I18n(**TEXTS)
    page: Blocks = gr.Blocks(title="rag", analytics_enabled=False, fill_width=True)
    with page:
        pass
    page.queue(max_size=16, default_concurrency_limit=2)
    return page


def launch(assistant: Assistant, *, port: int = 7860, browser: bool = False) -> None:
    """Serve the page on 127.0.0.1 until Ctrl-C. The language model is loaded in the background.

    Raises:
        RagError: the port is taken.
    """
    _check_port(port)
    gr = _gradio()
    page = build(assistant)
    service = Service(assistant)
    try:
        page.launch(
            share=False,
            server_name=_HOST,
            server_port=port or None,
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
            i18n=gr.I18n(**TEXTS),
            theme=gr.themes.Base(font=_FONTS, font_mono=("ui-monospace", "monospace")),
            app_kwargs={"routes": routes(service), "middleware": [guard(assistant, VIEWS, loopback=True)]},
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


def _check_port(port: int) -> None:
    """Fail at once, not after the seconds that Gradio needs to load. Port 0 stands for any."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise _port_error(port) from error


def _port_error(port: int) -> RagError:
    return RagError(f"The page cannot be served on port {port}.", "Choose another: rag web --port 0.")


def _gradio() -> Any:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio

    return gradio
