"""Answer → Markdown with footnotes, escaped HTML.

Text from articles and models is foreign: Markdown is escaped letter by letter, HTML by Jinja2's autoescape.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote as percent_encode

from rag.decode import harmless
from rag.render import NEAREST_SHOWN, label, labels, one_line, reader_date, snippet, verdict_spans
from rag.types import Answer, Citation, Passage
from rag.vietnamese import nfc

_SIGNS = re.compile(r"[\\`*_{}\[\]~#|!$@]|:(?=//)|\.(?=[^\W\d])")
"""Markup, and what makes many readers take an address for a link."""
_LINE_START = re.compile(r"^[ \t]*(?:([-+=])|(\d+)([.)]))?", re.MULTILINE)


def escape_markdown(text: str) -> str:
    """Text that Markdown shows letter by letter: no tags, links, images, emphasis, headings, lists or code.

    Spaces at the start of a line go, since four of them would make it code.
    """
    escaped = _SIGNS.sub(r"\\\g<0>", html.escape(harmless(text), quote=False))
    return _LINE_START.sub(_escape_line_start, escaped)


def _escape_line_start(match: re.Match[str]) -> str:
    sign, number, point = match.groups()
    if sign:
        return f"\\{sign}"
    return f"{number}\\{point}" if number else ""


def answer_markdown(answer: Answer) -> str:
    """The answer's text alone, escaped, unsupported sentences struck; markers stay `[1]`."""
    text, parts, position = answer.answer, [], 0
    for start, end in verdict_spans(answer, "unsupported"):
        parts += [escape_markdown(text[position:start]), "~~", escape_markdown(text[start:end]), "~~"]
        position = end
    return "".join([*parts, escape_markdown(text[position:])])


def footnoted_markdown(answer: Answer) -> str:
    """The answer as a Markdown document: markers become footnotes that carry the source and its quote."""
    known = {citation.n for citation in answer.citations}
    body = re.sub(
        r"\\\[(\d+)\\\]",
        lambda match: f"[^{match[1]}]" if int(match[1]) in known else match[0],
        answer_markdown(answer),
    )
    parts = [body]
    if answer.notice:
        parts.append(f"> {label('notice', answer.language)}: {escape_markdown(one_line(answer.notice))}")
    notes = []
    for citation in answer.citations:
        title = escape_markdown(one_line(citation.title)) or label("untitled", answer.language)
        if link := web_address(citation.url):
            title = f"[{title}](<{link}>)"
        details = [title, escape_markdown(citation.outlet), reader_date(citation.published, answer.language)]
        source = escape_markdown(citation.source)
        quote = escape_markdown(one_line(citation.quote))
        notes.append(f"[^{citation.n}]: {', '.join(d for d in details if d)} ({source}): “{quote}”")
    return "\n\n".join([*parts, "\n".join(notes)]).rstrip() + "\n"


def web_address(url: str) -> str:
    """The address when it is a plain http(s) one, safe inside quotes and angle brackets; else empty."""
    url = url.strip()
    if not re.match(r"https?://[^/\s]", url, re.IGNORECASE):
        return ""
    return percent_encode(nfc(url), safe=":/?#[]@!$&'()*+,;=%~")


_SOURCES_TEMPLATE = """\
<section class="rag-sources" lang="{{ language }}">
{%- if searched %}<p class="rag-searched">{{ labels.searched }}: {{ searched }}</p>{% endif %}
{%- if answer.notice %}
<p class="rag-notice" role="status">{{ labels.notice }}: {{ answer.notice }}</p>{% endif %}
{%- if answer.citations %}
<h3>{{ labels.sources }}</h3>
<ol>
{%- for citation in answer.citations %}
<li value="{{ citation.n }}">{{ heading(citation) }}<blockquote>{{ citation.quote }}</blockquote></li>
{%- endfor %}
</ol>
{%- elif answer.retrieved %}
<h3>{{ labels.nearest }}</h3>
<ul>
{%- for passage in answer.retrieved[:shown] %}
<li>{{ heading(passage) }}<p>{{ snippet(passage.text) }}</p></li>
{%- endfor %}
</ul>
{%- endif %}
</section>"""

_HEADING_TEMPLATE = """\
{% if link %}<a href="{{ link }}" target="_blank" rel="noopener noreferrer nofollow">{{ title }}</a>\
{% else %}<cite>{{ title }}</cite>{% endif %}\
{% if entry.outlet %} · {{ entry.outlet }}{% endif %}\
{% if entry.published %} · <time datetime="{{ entry.published }}">{{ date }}</time>{% endif %}\
 · <code>{{ entry.source }}</code>"""


def sources_html(answer: Answer) -> str:
    """The sources of an answer as one escaped HTML section; every value passes Jinja2's autoescape."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    heading_template = environment.from_string(_HEADING_TEMPLATE)

    def heading(entry: Citation | Passage) -> Markup:
        title = entry.title or label("untitled", answer.language)
        date, link = reader_date(entry.published, answer.language), web_address(entry.url)
        return Markup(heading_template.render(entry=entry, title=title, date=date, link=link))

    return environment.from_string(_SOURCES_TEMPLATE).render(
        answer=answer,
        language=answer.language,
        labels=labels(answer.language),
        searched=answer.searched_for if answer.searched_for != answer.question else "",
        shown=NEAREST_SHOWN,
        heading=heading,
        snippet=snippet,
    )


_ANSWER_TEMPLATE = """\
<article class="rag-answer" lang="{{ answer.language }}"><p>
{%- for kind, piece in pieces -%}
{%- if kind == "unsupported" %}<del title="{{ labels.unsupported }}">{{ piece }}</del>
{%- elif kind == "partial" %}<em title="{{ labels.partial }}">{{ piece }}</em>
{%- else %}{{ piece }}{% endif -%}
{%- endfor -%}
</p></article>"""


def answer_html(answer: Answer) -> str:
    """The answer and its sources as escaped HTML that stands by itself."""
    from jinja2 import Environment, StrictUndefined

    spans = sorted(
        (*span, kind) for kind in ("unsupported", "partial") for span in verdict_spans(answer, kind)
    )
    pieces, position = [], 0
    for start, end, kind in spans:
        pieces += [("", answer.answer[position:start]), (kind, answer.answer[start:end])]
        position = end
    pieces.append(("", answer.answer[position:]))
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    body = environment.from_string(_ANSWER_TEMPLATE).render(
        answer=answer, pieces=pieces, labels=labels(answer.language)
    )
    return body + "\n" + sources_html(answer)
