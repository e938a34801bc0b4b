"""Three hundred strings that try to run a script, leave the machine or break the page.

A script that runs sets `window.__pwned` or opens a dialog; whatever leaves the machine asks for OUTSIDE.
"""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

import yaml

OUTSIDE = "https://outside.invalid"
GROUPS = 15
LONGEST_NAME = 180
"""Bytes of a file's name, and of a title."""
TOLD = "Cụ Tạ Văn Bình trồng cây đa ở làng Vân."
"""The one harmless sentence of the articles that hold a group."""
_RUN = "window.__pwned=1"

_EVENTS = (
    "onload onerror onclick onmouseover onmouseenter onfocus onfocusin onblur onanimationstart "
    "onanimationend ontransitionend onpointerover onpointerenter onpointerrawupdate onwheel onscroll "
    "onscrollend ontoggle onbeforetoggle oncontentvisibilityautostatechange onbegin onend onloadstart "
    "oncanplay oncopy onpageshow onhashchange onresize"
).split()
_SCRIPTS = (
    f"<script>{_RUN}</script>",
    f"<SCRIPT>{_RUN}</SCRIPT>",
    f"<script >{_RUN}</script >",
    f"<script\n>{_RUN}</script\n>",
    f"<script/x>{_RUN}</script>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f"<script>//\u2028{_RUN}</script>",
    f"</script><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>",
    f"</title><script>{_RUN}</script>",
    f"</style><script>{_RUN}</script>",
    f"</template><script>{_RUN}</script>",
    f"--><script>{_RUN}</script><!--",
    f"]]><script>{_RUN}</script>",
    f'"><script>{_RUN}</script>',
    f"'><script>{_RUN}</script>",
    f"`><script>{_RUN}</script>",
    f"<<script>{_RUN}//<</script>",
    f"<script type=module>{_RUN}</script>",
    f"<script src=data:text/javascript,{_RUN}></script>",
    f"<script src={OUTSIDE}/x.js></script>",
    f"<noscript><p title='</noscript><script>{_RUN}</script>'>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><script href=data:text/javascript,{_RUN} />",
    f"<math><mtext><script>{_RUN}</script></mtext></math>",
    f"<xmp><script>{_RUN}</script></xmp><script>{_RUN}</script>",
)
_ELEMENTS = (
    "<img src=x {}>",
    "<svg {}>",
    "<details open {}>",
    "<input autofocus {}>",
    '"><b tabindex=1 autofocus style="animation:x 1s" {}>',
    "' {} x='",
)
_LINKS = tuple(
    scheme.format(run=_RUN, encoded=quote(_RUN))
    for scheme in (
        "javascript:{run}",
        "JaVaScRiPt:{run}",
        " javascript:{run}",
        "java\tscript:{run}",
        "java\nscript:{run}",
        "\x01javascript:{run}",
        "javascript&colon;{run}",
        "&#106;avascript:{run}",
        "javascript://%0a{encoded}",
        "vbscript:{run}",
        "data:text/html,<script>{run}</script>",
        "data:text/html;base64,PHNjcmlwdD53aW5kb3cuX19wd25lZD0xPC9zY3JpcHQ+",
        "blob:{run}",
        "view-source:javascript:{run}",
    )
)
_LINK_FORMS = (
    '<a href="{}">đọc tiếp</a>',
    "[đọc tiếp]({})",
    "[đọc tiếp][1]\n\n[1]: {}",
    "<{}>",
    '<iframe src="{}"></iframe>',
    '<form action="{}"><button autofocus>gửi</button></form>',
)
_TEMPLATES = (
    "${{{run}}}",
    "{{{{{run}}}}}",
    "{{{{constructor.constructor('{run}')()}}}}",
    "<%= {run} %>",
    "#{{{run}}}",
    "{{% {run} %}}",
    "{{@html '<img src=x onerror={run}>'}}",
    "{{{{{{ {run} }}}}}}",
    "[[{run}]]",
    "`${{{run}}}`",
    "';{run};'",
    '";{run};"',
    "\\';{run};//",
    "*/{run}/*",
    "{{{{7*7}}}}${{7*7}}",
    "{{{{''.__class__.__mro__}}}}",
    "__proto__",
    "constructor",
    "toString",
    "%s%n%x",
)
_MARKDOWN = (
    f"![ảnh]({OUTSIDE}/a.png)",
    f"![ảnh][2]\n\n[2]: {OUTSIDE}/b.png",
    f'![x](x "onerror={_RUN}")',
    f'![x"onerror="{_RUN}](x)',
    f"[![x]({OUTSIDE}/c.png)](javascript:{_RUN})",
    f"<https://outside.invalid/{_RUN}>",
    f"```html\n<script>{_RUN}</script>\n```",
    f"    <img src=x onerror={_RUN}>",
    f"~~~\n</code></pre><script>{_RUN}</script>\n~~~",
    f"| a | b |\n|---|---|\n| <img src=x onerror={_RUN}> | x |",
    f"# <img src=x onerror={_RUN}>",
    f"> <svg onload={_RUN}>",
    f"[^1]\n\n[^1]: <img src=x onerror={_RUN}>",
    f"$$\\href{{javascript:{_RUN}}}{{x}}$$",
    f"\\(\\unicode{{<img src=x onerror={_RUN}>}}\\)",
    f"```mermaid\ngraph TD; A[<img src=x onerror={_RUN}>]\n```",
    "[1] [2] [999] [^3] [WQ]",
    "**[1]** <sup>[2]</sup>",
    '<button class="rag-cite" data-n="1" data-source="../../etc/passwd" data-start="0" data-end="9">',
    f'<p class="rag-answer" data-state="done" data-status="answered">{_RUN}</p>',
)
_OUTWARD = (
    f"<img src={OUTSIDE}/1.png>",
    f"<img srcset='{OUTSIDE}/2.png 1x'>",
    f"<picture><source srcset={OUTSIDE}/3.png><img></picture>",
    f"<link rel=stylesheet href={OUTSIDE}/4.css>",
    f"<link rel=prefetch href={OUTSIDE}/5>",
    f"<link rel=dns-prefetch href={OUTSIDE}>",
    f"<style>@import '{OUTSIDE}/6.css';</style>",
    f"<style>*{{background:url({OUTSIDE}/7.png)}}</style>",
    f"<p style='background:url({OUTSIDE}/8.png)'>x",
    f"<iframe src={OUTSIDE}/9></iframe>",
    f"<object data={OUTSIDE}/10></object>",
    f"<embed src={OUTSIDE}/11>",
    f"<video poster={OUTSIDE}/12.png><source src={OUTSIDE}/13.mp4></video>",
    f"<audio src={OUTSIDE}/14.mp3 autoplay></audio>",
    f"<svg><image href={OUTSIDE}/15.png /></svg>",
    f"<svg><use href={OUTSIDE}/16.svg#x /></svg>",
    f"<svg><feImage href={OUTSIDE}/17.png /></svg>",
    f"<base href={OUTSIDE}/>",
    f"<meta http-equiv=refresh content='0;url={OUTSIDE}/18'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_RUN}'>",
    f"<form action={OUTSIDE}/19><input type=image src={OUTSIDE}/20.png></form>",
    f"<body background={OUTSIDE}/21.png>",
    f"<table background={OUTSIDE}/22.png><tr><td>x</table>",
    f"<input type=image src={OUTSIDE}/23.png>",
    f"<a href=# ping={OUTSIDE}/24 autofocus>x</a>",
)
_SVG = (
    f"<svg/onload={_RUN}>",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<svg><set onbegin={_RUN} attributeName=x to=y>",
    f"<svg><a><animate attributeName=href values=javascript:{_RUN} /><text y=20>x</text></a>",
    f"<svg><foreignObject><img src=x onerror={_RUN}></foreignObject></svg>",
    f"<svg><style><img src=x onerror={_RUN}></style></svg>",
    f"<math><mi//xlink:href='data:x,<script>{_RUN}</script>'>",
    f"<math><mglyph><style><img src=x onerror={_RUN}></style></mglyph></math>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={_RUN}>",
    f"<iframe srcdoc='<script>parent.__pwned=1</script><img src=x onerror={_RUN}>'></iframe>",
    f"<template shadowrootmode=open><img src=x onerror={_RUN}></template>",
    f"<object data='data:text/html,<script>parent.__pwned=1;{_RUN}</script>'></object>",
    f"<dialog open oncancel={_RUN}><button popovertarget=x>x</button></dialog>",
    "<dialog open style='position:fixed;inset:0;z-index:9999'>che hết trang</dialog>",
    "<style>body{display:none!important}</style>",
    "<plaintext>",
    "<textarea>",
    "<!--",
    "<![CDATA[",
    "</div></main></body></html>",
)
_UNICODE = (
    "\u202e<tpircs>1=denwp__.wodniw</tpircs>",
    "\u2066<b>\u2069\u202d\u202e ngược",
    "\u200b<\u200bscript\u200b>",
    "\ufeff<script>window.__pwned=1</script>",
    "＜script＞window.__pwned=1＜/script＞",
    "‹img src=x onerror=window.__pwned=1›",
    "\u2028\u2029<img src=x onerror=window.__pwned=1>",
    "\U000e0001\U000e0041ẩn",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334" * 20,
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466" * 20,
    "\x1b[31mđỏ\x1b[0m\x07",
    "\x7f\x80\x9b31m",
    "a\x00b<script>window.__pwned=1</script>",
    "\ufffe\uffff<b>",
    "\u0130\u0131ſKﬁ",
    "A" * 3000,
    "Ð" * 1000 + "<b>",
    "<" * 500,
    "&" * 300 + "lt;script&gt;",
    "[1]" * 200,
    "(" * 200 + ")" * 200,
    "`" * 101,
    "\n" * 50 + "<hr>",
    "../../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/file=/etc/passwd",
    "file:///etc/passwd",
    "CON.md",
    "null",
    "undefined",
    "NaN",
    "[object Object]",
    "true",
    "-1",
    "1e309",
    "' OR '1'='1",
    "\\u003cimg src=x onerror=window.__pwned=1\\u003e",
    "\\x3cscript\\x3ewindow.__pwned=1\\x3c/script\\x3e",
)


@cache
def strings() -> tuple[str, ...]:
    """All three hundred, each another one."""
    events = [
        element.format(f"{event}={_RUN}")
        for i, event in enumerate(_EVENTS)
        for element in _ELEMENTS[i % 3 :: 3]
    ]
    links = [form.format(link) for link in _LINKS for form in _LINK_FORMS]
    entities = (
        [html.escape(text) for text in _SCRIPTS[:8]]
        + ["".join(f"&#{ord(letter)};" for letter in text) for text in _SCRIPTS[:4]]
        + ["".join(f"&#x{ord(letter):x}" for letter in text) for text in _SCRIPTS[:4]]
    )
    encoded = [quote(text) for text in _SCRIPTS[:2]]
    templates = [template.format(run=_RUN) for template in _TEMPLATES]
    everything = (
        *_SCRIPTS,
        *events,
        *links,
        *templates,
        *_MARKDOWN,
        *_OUTWARD,
        *_SVG,
        *_UNICODE,
        *entities,
        *encoded,
    )
    return tuple(dict.fromkeys(everything))


def groups() -> list[tuple[str, ...]]:
    """The strings dealt out into `GROUPS` groups, neighbours into different ones."""
    return [strings()[number::GROUPS] for number in range(GROUPS)]


def packed(longest: int) -> list[str]:
    """All strings, put together as long as they fit into so many bytes; what does not fit alone is cut."""
    bundles = [""]
    for text in strings():
        text = " ".join(text.split()).encode()[:longest].decode("utf-8", "ignore")
        if len(f"{bundles[-1]} {text}".encode()) > longest:
            bundles.append("")
        bundles[-1] = f"{bundles[-1]} {text}".strip()
    return bundles


def write_articles(folder: Path) -> None:
    """Articles with the strings as titles, outlets, authors, addresses and file names; and for each group one
    whose text holds it.
    """
    for number, text in enumerate(packed(LONGEST_NAME)):
        name = re.sub(r"[/\x00-\x1f\x7f-\x9f]", "", text)
        address = re.sub(r"[^!-~]|[<>\"]", "", text)
        head = {"title": text, "outlet": text, "author": text, "url": f"{OUTSIDE}/?{address}"}
        front = yaml.safe_dump(head, allow_unicode=True, width=10_000)
        (folder / f"{number} {name}.md").write_text(f"---\n{front}---\n\nBài số {number}.\n", "utf-8")
    for number, group in enumerate(groups()):
        text = "\n\n".join([TOLD, *group]).replace("\x00", "")
        (folder / f"group-{number}.md").write_text(f"---\ntitle: Nhóm {number}\n---\n\n{text}\n", "utf-8")
