"""A file's bytes → clean characters → paragraphs. What the text says is not looked at here."""

from __future__ import annotations

import codecs
import re
import unicodedata
from itertools import pairwise

from rag.errors import ArticleError

_BOMS = (  # the longer first: UTF-32 LE begins with the mark of UTF-16 LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_VIETNAMESE = frozenset(
    unicodedata.normalize("NFC", vowel + tone)
    for vowel in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
) | set("đĐ")
_TYPOGRAPHY = frozenset("‘’“”–—…•«»°·§©®×½ \u00a0₫€™′″‚„")
_SAVE_AS_UTF8 = "Save the file as UTF-8."

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x1c\x1d\x1e\x85\u2028]")
_PARAGRAPH_ENDS = re.compile("[\x0c\u2029]")
# Invisible characters, and the ones that reorder what is shown. Joiners stay: emoji, Persian
# and Indic scripts need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]"
)
_UNSAFE = {
    code: "\N{REPLACEMENT CHARACTER}"
    for first, last in ((0x00, 0x1F), (0x7F, 0x9F), (0x202A, 0x202E), (0x2066, 0x2069), (0xD800, 0xDFFF))
    for code in range(first, last + 1)
    if code not in (9, 10)
}
"""Controls that drive a terminal (all but tab and line feed), reorder what is shown, or cannot be encoded."""
_BLANKS = re.compile(r"[^\S\n]+")
LIST_ITEM = re.compile(r"(?:[-–—•*+▪●○◦·]|\(?(?:\d{1,3}|[^\W\d_])[.)])\s")
_ENDS = tuple('.!?…:;。！？؟।"”»)')
_LONGEST_WRAPPED_LINE = 130


def harmless(text: str) -> str:
    """Foreign text in which no character does anything but show: others become U+FFFD, so offsets stay."""
    return text.translate(_UNSAFE)


def decode(data: bytes, declared: str | None = None) -> str:
    """Decode UTF-8 (with or without mark), UTF-16, UTF-32 with mark, and Vietnamese CP1258.

    `declared` is an encoding the file itself names (HTML does); it is tried after UTF-8.

    Raises:
        ArticleError: empty, binary, or in an encoding that cannot be told.
    """
    if not data.strip():
        raise ArticleError("the file is empty")
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return _checked(data[len(mark) :].decode(encoding))
            except UnicodeDecodeError as error:
                raise ArticleError(
                    f"the file is marked as {encoding.upper()} but is not (it breaks at byte {error.start})",
                    _SAVE_AS_UTF8,
                ) from None
    if b"\0" in data:
        return _checked(_unmarked_utf16(data))
    try:
        return _checked(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        broken = error.start
    if declared:
        try:
            return _checked(unicodedata.normalize("NFC", data.decode(declared)))
        except (UnicodeDecodeError, LookupError):
            pass
    text = _vietnamese_cp1258(data)
    if text is None:
        raise ArticleError(
            f"the text is neither UTF-8 (it breaks at byte {broken}), nor UTF-16, nor Vietnamese CP1258",
            _SAVE_AS_UTF8,
        )
    return _checked(text)


def _checked(text: str) -> str:
    controls = sum(1 for character in text if character < " " and character not in "\t\n\r\f\v")
    if controls * 50 > len(text) or "\0" in text:
        raise ArticleError("the file holds binary data, not text")
    if not text.strip():
        raise ArticleError("the file is empty")
    return text


def _unmarked_utf16(data: bytes) -> str:
    even, odd = data[::2].count(0), data[1::2].count(0)
    # In Latin script at least the blanks, digits and bare letters have a zero half.
    if len(data) % 2 == 0 and max(even, odd) * 5 > len(data) // 2 and min(even, odd) * 20 < max(even, odd):
        try:
            return data.decode("utf-16-le" if odd > even else "utf-16-be")
        except UnicodeDecodeError:
            pass
    raise ArticleError("the file holds binary data, not text")


def _vietnamese_cp1258(data: bytes) -> str | None:
    """Any bytes can be read as CP1258, so take it only where Vietnamese comes out."""
    try:
        text = unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError:
        return None
    foreign = [c for c in text if not c.isascii() and c not in _TYPOGRAPHY]
    good = sum(1 for c in foreign if c in _VIETNAMESE)
    marked = sum(1 for c in foreign if c in _VIETNAMESE and ord(c) >= 0x100)
    stray = any(unicodedata.combining(c) for c in foreign)
    return text if marked and not stray and good * 20 >= len(foreign) * 19 else None


def clean_characters(text: str) -> str:
    """NFC, `\\n` line ends, single blanks, nothing invisible; lines trimmed."""
    text = _PARAGRAPH_ENDS.sub("\n\n", _LINE_ENDS.sub("\n", text))
    text = _INVISIBLE.sub("", _BLANKS.sub(" ", text))
    text = text.encode("utf-8", "ignore").decode("utf-8")  # lone surrogates
    text = unicodedata.normalize("NFC", text)
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n"))


def paragraphs(text: str, *, wrapped: bool | None = None) -> list[str]:
    """Split cleaned text into paragraphs without line breaks.

    A blank line ends a paragraph. A single line end does so too, unless the lines were wrapped
    to a width: `wrapped` says so, None finds out.
    """
    blocks = [block.split("\n") for block in re.split(r"\n{2,}", text.strip("\n")) if block]
    width = max((len(line) for block in blocks for line in block), default=0)
    if wrapped is None:
        wrapped = _is_wrapped(blocks, width)
    elif width > 2 * _LONGEST_WRAPPED_LINE:  # whole paragraphs on a line
        wrapped = False
    found: list[str] = []
    for block in blocks:
        if not wrapped:
            found.extend(block)
            continue
        parts = [block[0]]
        for line, following in pairwise(block):
            if _line_goes_on(line, following, width):
                parts.append(following)
            else:
                found.append(join_lines(parts))
                parts = [following]
        found.append(join_lines(parts))
    return [paragraph for paragraph in found if paragraph]


def _is_wrapped(blocks: list[list[str]], width: int) -> bool:
    """Wrapped lines are full: the next line's first word would not have fitted."""
    if not 40 <= width <= _LONGEST_WRAPPED_LINE:
        return False
    pairs = [
        (line, following)
        for block in blocks
        for line, following in pairwise(block)
        if not LIST_ITEM.match(following)
    ]
    full = sum(1 for line, following in pairs if _is_full(line, following, width))
    broken = sum(1 for line, following in pairs if not line.endswith(_ENDS) and line != following)
    return bool(pairs) and full * 10 >= len(pairs) * 7 and broken * 2 >= len(pairs)


def _is_full(line: str, following: str, width: int) -> bool:
    return len(line) + 1 + len(following.split(" ", 1)[0]) > 0.85 * width


def _line_goes_on(line: str, following: str, width: int) -> bool:
    if LIST_ITEM.match(following) or line == following:
        return False
    if _is_full(line, following, width):
        return True
    return following[:1].islower() and not line.endswith(_ENDS)


def join_lines(lines: list[str]) -> str:
    """Undo wrapping: with a blank, or without one between two CJK characters."""
    parts = [lines[0]]
    for previous, line in pairwise(lines):
        if not (previous and line and _is_cjk(previous[-1]) and _is_cjk(line[0])):
            parts.append(" ")
        parts.append(line)
    return "".join(parts).strip()


def _is_cjk(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"
