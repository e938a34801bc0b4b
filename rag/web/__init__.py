"""The page: a Gradio app whose conversation is drawn by our own templates.

What is shown comes from two sides, side by side on one page:

- the conversation, its sources and the articles: `shell` writes the page's frame into Gradio's, `routes`
  serves what it asks for, `fragments` turns data into escaped HTML. No text passes through Markdown, and
  nothing waits for Gradio's own scripts: the page stands before they are loaded.
- the tabs over the corpus and its evaluation, built of Gradio's components by `page.build`.

Our Content-Security-Policy has no `unsafe-eval`. `gr.HTML` and `js=` need it (both compile text with
`Function`), so neither is used: a tab that wants HTML of its own uses `gr.Markdown(sanitize_html=True)`
with one escaped block without blank lines, or a fragment served by a route.
"""

from rag.web.page import build, launch

__all__ = ["build", "launch"]
