"""The page. Gradio serves it, with log-in, queue, API and MCP; what it shows is drawn by our own templates.

`service` does what the page asks for, `routes` puts that on HTTP, `fragments` turns data into escaped HTML,
`shell` is the page as it first arrives, `security` stands around all of it. The scripts and styles in
`assets` only move finished HTML into its place. No text of an article, a file's name or a model passes
through Markdown, or a template that is compiled in the browser (as in `gr.HTML`), so none can become code.
"""

from rag.web.page import build, launch

__all__ = ["build", "launch"]
