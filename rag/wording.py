"""What the words of an answer show: a refusal, a clause that can go, an item of a list. Pure text."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.prompts import NOT_FOUND

_REFUSAL = re.compile(
    r"\W*(no answer(?= (?:in|to|was found)\b|\W*$)|không (?:có thông tin|có câu trả lời|đề cập)|"
    r"không tìm thấy (?:thông tin|câu trả lời|dữ liệu)|"
    r"the passages? (do|does) not|there is no information|the articles? (do|does) not)",
    re.IGNORECASE,
)
"""Small models refuse in words of their own."""
_NONE_FOUND = re.compile(r"\W*(?:not[ _]found\b|không tìm thấy)", re.IGNORECASE)
"""An article may say so too: nobody was found."""
_CLAUSE = re.compile(r"\s*(?:[,;](?=\s)|\()")
"""Where a clause begins. A comma inside a number begins none."""
_ITEM = re.compile(r"[-*•] |\d{1,2}[.)] ")
PARTED = "; "
"""Between the short answers to the parts of a question."""
_MARKER = re.compile(r"\s*\[\d{1,3}\]")


def refuses(text: str, cites: bool = False) -> bool:
    """Whether a model says that it found no answer.

    A list may say so of one item. What cites a passage says what the article does: nobody was found.
    """
    if text.lstrip(" *\n").startswith(NOT_FOUND):
        return True
    if NOT_FOUND in text:
        return not any(is_item(line) and NOT_FOUND not in line for line in text.splitlines())
    return bool(_REFUSAL.match(text)) or (not cites and bool(_NONE_FOUND.match(text)))


def without_last_clause(text: str) -> str:
    """The text up to its last comma, semicolon or bracket; the text itself if there is none."""
    return text[: max((clause.start() for clause in _CLAUSE.finditer(text)), default=len(text))]


def without_markers(text: str) -> str:
    """The text without an article's own references: `[2]` beside our citations would look like one."""
    return " ".join(_MARKER.sub("", text).split())


def short_answers(short: str) -> list[str]:
    """The short answers to the parts of a question; one, if it has no parts."""
    return [each for each in short.split(PARTED) if each]


def find_words(text: str, words: str) -> int:
    """Where the words stand in a text, whatever their capitals: as whole words if they do; −1 if nowhere."""
    whole = re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.I)
    return whole.start() if whole else text.lower().find(words.lower())


def is_item(sentence: str) -> bool:
    """Whether a sentence is an item of a list: `- …`, `2. …`."""
    return bool(_ITEM.match(sentence))


def split_item(sentence: str) -> tuple[str, str]:
    """What marks an item of a list, empty if there is none, and the item itself."""
    mark = _ITEM.match(sentence)
    return (mark.group(), sentence[mark.end() :]) if mark else ("", sentence)


def joined(sentences: Iterable[str]) -> str:
    """One text of several sentences; items of a list stand on lines of their own."""
    return "".join(("\n" if is_item(each) else " ") + each for each in sentences).strip()
