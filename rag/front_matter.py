"""YAML front matter of a Markdown file → Metadata."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from rag.errors import ArticleError
from rag.metadata import CLOCK, WEB_ADDRESS, Metadata, read_moment

_FENCE = re.compile(r"(?:---|\.\.\.)[ \t]*(?:\n|$)")
_LONGEST = 16_000
_DEEPEST = 20
_KEYS = {
    "title": ("title",),
    "outlet": ("outlet", "source", "publisher"),
    "url": ("url", "link"),
    "published": ("published", "date"),
    "time": ("time",),
    "author": ("author", "authors"),
    "place": ("place", "province", "region"),
}


def split_front_matter(text: str) -> tuple[Metadata, str]:
    """YAML front matter of a Markdown file, and the text after it.

    Raises:
        ArticleError: the front matter is never closed, is no YAML mapping, or holds a value
            that cannot be what its key says.
    """
    first, _, rest = text.lstrip().partition("\n")
    if first.rstrip() != "---":
        return Metadata(), text
    position = 0
    for line in rest.splitlines(keepends=True):
        if _FENCE.fullmatch(line):
            return _front_matter(rest[:position]), rest[position + len(line) :]
        position += len(line)
    raise ArticleError(
        "the front matter is never closed", "End it with a line that holds only three hyphens (---)."
    )


def _front_matter(block: str) -> Metadata:
    import yaml

    hint = "Write one `key: value` a line, with quotes around values that hold a colon or a bracket."
    if len(block) > _LONGEST:
        raise ArticleError("the front matter is too long", "Keep only title, date and the like in it.")
    try:
        if _too_deep(block):
            raise ArticleError("the front matter holds lists within lists", hint)
        # The base loader leaves every value a string: no 16:53 that turns into 1013.
        data = yaml.load(block, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 2})" if mark else ""
        raise ArticleError(f"the front matter is not valid YAML{where}", hint) from None
    except (RecursionError, ValueError, TypeError):
        raise ArticleError("the front matter is not valid YAML", hint) from None
    if data in (None, ""):
        return Metadata()
    if not isinstance(data, dict):
        raise ArticleError("the front matter is not a list of `key: value` lines", hint)
    values = {str(key).strip().lower(): value for key, value in data.items()}
    told = {name: _first_value(values, keys) for name, keys in _KEYS.items()}
    return _checked(Metadata(**told))


def _too_deep(block: str) -> bool:
    """Whether lists are nested beyond use; the parser takes quadratic time over them."""
    import yaml

    depth = 0
    for token in yaml.scan(block, Loader=yaml.BaseLoader):
        if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
            depth += 1
        elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken):
            depth -= 1
        if depth > _DEEPEST:
            return True
    return False


def _first_value(values: Mapping[str, object], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = values.get(key)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            value = ", ".join(item.strip() for item in value)
        if value is not None and not isinstance(value, str):
            raise ArticleError(f"the front matter's '{key}' is not a plain value", "Write it on one line.")
        if value and value.strip() not in ("", "~", "null"):
            return unicodedata.normalize("NFC", " ".join(value.split()))
    return ""


def _checked(told: Metadata) -> Metadata:
    published, time = told.published, told.time
    if published:
        moment = read_moment(published)
        if moment is None:
            raise ArticleError(
                f"the front matter's date cannot be read: '{published[:60]}'",
                "Write it as YYYY-MM-DD or YYYY-MM.",
            )
        published, time = moment.published, time or moment.time
    if told.time:
        clock = CLOCK.fullmatch(told.time)
        if clock is None or int(clock["hour"]) > 23 or int(clock["minute"]) > 59:
            raise ArticleError(
                f"the front matter's time cannot be read: '{told.time[:60]}'", "Write it as HH:MM."
            )
        time = f"{int(clock['hour']):02}:{clock['minute']}"
    if told.url and not WEB_ADDRESS.fullmatch(told.url):
        raise ArticleError(
            f"the front matter's url is no web address: '{told.url[:60]}'", "Start it with https://."
        )
    return Metadata(told.title, published, time, told.outlet, told.author, told.url, told.place)
