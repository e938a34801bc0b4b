"""A plain chat page on this computer: Gradio's ChatInterface with the sources beside it.

Everything shown is escaped by `rag.markup`; nothing is loaded from the network; no path is served.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rag.errors import RagError
from rag.markup import answer_markdown, escape_markdown, sources_html
from rag.types import Answer, Delta, Turn

if TYPE_CHECKING:
    from gradio import Blocks

    from rag.assistant import Assistant

_HOST = "127.0.0.1"
LONGEST_QUESTION = 2000
"""Characters. The browser's own limit is not enforced on the server."""

_TEXTS = {
    "vi": {
        "title": "Hỏi đáp trên kho bài báo",
        "description": "Câu trả lời nào cũng dẫn nguồn. Hãy mở nguồn để kiểm tra.",
        "placeholder": "Hỏi về các bài trong kho…",
        "chat": "Trò chuyện",
        "sources": "Nguồn",
    },
    "en": {
        "title": "Ask the articles",
        "description": "Every answer cites its sources. Check them.",
        "placeholder": "Ask about the articles…",
        "chat": "Chat",
        "sources": "Sources",
    },
}
_CSS = """
.rag-sources blockquote { margin: .25rem 0 1rem; padding-left: .75rem; border-left: 3px solid #888; }
.rag-sources code { overflow-wrap: anywhere; }
.rag-notice { font-weight: 600; }
"""


def build(assistant: Assistant) -> Blocks:
    """The page, not yet served. Its one API endpoint is `/chat`."""
    gr = _gradio()
    text = gr.I18n(**_TEXTS)

    def respond(message: str, history: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        yield from answer_events(assistant, message, history)

    page: Blocks = gr.Blocks(title="rag", analytics_enabled=False, fill_height=True)
    with page:
        gr.Markdown(text("description"))
        with gr.Row(equal_height=False):
            with gr.Column(scale=3):
                sources = gr.HTML(render=False, elem_id="sources")
                gr.ChatInterface(
                    respond,
                    title=text("title"),
                    chatbot=gr.Chatbot(
                        label=text("chat"),
                        allow_tags=False,
                        sanitize_html=True,
                        latex_delimiters=[],
                        render=False,
                    ),
                    textbox=gr.Textbox(
                        placeholder=text("placeholder"), max_length=LONGEST_QUESTION, render=False
                    ),
                    additional_outputs=[sources],
                    analytics_enabled=False,
                    save_history=False,
                    flagging_mode="never",
                    api_name="chat",
                )
            with gr.Column(scale=2, min_width=280):
                gr.Markdown(text("sources"))
                sources.render()
    page.queue(max_size=16, default_concurrency_limit=1)
    return page


def launch(assistant: Assistant, *, port: int = 7860, browser: bool = False) -> None:
    """Serve the page on 127.0.0.1 until Ctrl-C.

    Raises:
        RagError: the port is taken.
    """
    _check_port(port)
    gr = _gradio()
    page = build(assistant)
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
            i18n=gr.I18n(**_TEXTS),
            css=_CSS,
        )
    except OSError as error:
        raise _port_error(port) from error
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


def answer_events(assistant: Assistant, message: str, history: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Pairs of what the chat bubble and the sources panel show, from the first word to the checked answer.

    Errors a user can act on are shown as text; all others are left to Gradio, which shows no details.
    """
    question = message.strip()
    if not question:
        return
    if len(question) > LONGEST_QUESTION:
        yield f"Câu hỏi dài quá {LONGEST_QUESTION} ký tự. / Longer than {LONGEST_QUESTION} characters.", ""
        return
    written = ""
    try:
        for event in assistant.stream(question, history=turns(history)):
            if isinstance(event, Delta):
                written += event.text
                yield escape_markdown(written), ""
            elif isinstance(event, Answer):
                yield answer_markdown(event), sources_html(event)
    except RagError as error:
        yield escape_markdown(str(error)), ""


def turns(history: Sequence[Any]) -> list[Turn]:
    """Gradio's messages as turns. The browser sends content as blocks, an API client as strings."""
    result: list[Turn] = []
    question = ""
    for message in history:
        text = _plain(message.get("content", ""))
        if message.get("role") == "user":
            question = text
        elif message.get("role") == "assistant" and question:
            result.append(Turn(question, text))
            question = ""
    return result


def _plain(content: Any) -> str:
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else [content]
    texts = (block if isinstance(block, str) else block.get("text", "") for block in blocks)
    return "".join(text for text in texts if isinstance(text, str))


def _gradio() -> Any:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio

    return gradio
