"""Text → sentence spans. Made for Vietnamese news; English and other scripts are served too.

A full stop ends a sentence only when nothing speaks against it: abbreviations (`TP.`, `GS.TS.`),
initials, list numbers, decimals and a following lower-case word all do. When in doubt two
sentences stay one: a quote that is a little long is still true, half a sentence may not be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NEWLINE = re.compile("\r\n|[\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029]")
_WORD = re.compile(r"[^\W_]")
_CAPITAL_WORD = re.compile(r"[^\W\d_]+")

_ASCII_STOPS = ".!?…"
# Marks that end a sentence without a blank after them: CJK, Arabic, Urdu, Devanagari, Armenian,
# Ethiopic, Burmese, Khmer.
_OTHER_STOPS = "。！？｡．؟۔।॥։።፧။។‼⁇⁈⁉"
_STOP = re.compile(
    rf"[{_ASCII_STOPS}{_OTHER_STOPS}]+"
    r"(?:[\"'”’»›)\]}）］｝」』】》〉*_]|[“‘](?=\s|$)|[ \u00a0\u202f][»›])*"
    r"(?:\[\d{1,3}\])*"
)
_OPENERS = "([{（［｛「『【《〈"
# What may stand between the end of one sentence and the first letter of the next.
_LEADING = "\"'“‘«‹„*_–—-•+" + _OPENERS + "¿¡"
_BULLET = re.compile(r"(?:[-–—•*+▪●○◦·]\s|(?:\d{1,3}|[^\W\d_])[.)]\s)")
_ENUMERATOR = re.compile(r"[-–—•*+(\s]*(?:\d{1,3}(?:\.\d{1,3})*|[^\W\d_]|[IVXLC]{1,6})")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Written before a name or a place; never the last word of a sentence unless a word of
# _STARTERS follows.
_ABBREVIATIONS = _words(
    """
    tp tx tt ttr q p h tr x kp khu.p đt đc đ/c
    gs ts tskh pgs ths th.s bs bsck ck ks cn ls nsnd nsưt nghnd nnd ngnd ngưt kts dr ds đd nb
    mr mrs ms mx prof gen col maj lt sgt cpt capt cmdr adm gov sen rep hon rev fr st mt ft messrs
    pres supt jr sr inc ltd co corp bros dept univ assn
    e.g i.e cf viz vs al approx
    """
)
# Abbreviations only when a number follows: `No. 5`, but `No. They left.`
_BEFORE_NUMBER = _words(
    """
    no nos nr tr trg fig figs art arts sec secs vol vols ch p pp para eq ex tel đt sđt
    jan feb mar apr jun jul aug sep sept oct nov dec đ k m tk th b c d r fl
    """
)
# In lower case most of the above are plain words (`sen`, `no`, `co`); these stay abbreviations.
_ALSO_LOWER = _words(
    "e.g i.e cf viz vs al approx tp ts ths gs pgs tskh tr p pp fig vol sec ch đt sđt tel b c d r fl"
)
# May end a sentence; a capital after them says that they did.
_MAY_END = _words("v.v vv vân.vân etc a.m p.m")
# Words that start a sentence and are no part of a Vietnamese or English name.
_STARTERS = _words(
    """
    Theo Tại Trong Khi Sau Trước Các Những Ông Hiện Tuy Nhưng Nếu Để Với Cùng Còn Và Đây Đó Việc
    Ngoài Qua Trên Dưới Do Vì Bên Như Không Được Đồng Ngay Lúc Vào Cũng Tất Mọi Mỗi Nhờ Bởi Tôi
    Chúng Họ Nó Rồi Thế Vậy Bởi Đặc Đối Đến
    The A An He She It They We I You This That These Those There Here In On At By For From With
    But And Or So If When While After Before As His Her Its Their Our My However Then Now
    """
)
_LOOKBACK = 32
_LOOKAHEAD = 32


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Find the sentences of a text.

    Returns (start, end) offsets in characters, end exclusive: in order, disjoint, free of
    surrounding white space, together covering every character that is not white space.
    Takes time linear in the length of the text, whatever it holds.
    """
    spans: list[tuple[int, int]] = []
    for start, end in _blocks(text):
        spans.extend(_block_sentences(text, start, end))
    return spans


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines that no sentence may leave."""
    block, line = -1, 0
    bounds = [(m.start(), m.end()) for m in _NEWLINE.finditer(text)] + [(len(text), len(text))]
    previous = ""
    for line_end, next_line in bounds:
        content = text[line:line_end].strip()
        if block >= 0 and not (content and _continues(previous, content)):
            yield block, line
            block = -1
        if content and block < 0:
            block = line
        previous, line = content, next_line
    if block >= 0:
        yield block, len(text)


def _continues(line: str, following: str) -> bool:
    """Whether a line was broken in the middle of a sentence."""
    if line[-1] in _ASCII_STOPS or line[-1] in _OTHER_STOPS or line[-1] in ":：":
        return False
    return following[0].islower() and not _BULLET.match(following)


def _block_sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    first_word = _WORD.search(text, start, end)
    for stop in _STOP.finditer(text, start, end):
        if first_word is None:
            break
        if stop.start() > first_word.start() and _ends_sentence(text, start, stop, end):
            spans.append(_trimmed(text, start, stop.end()))
            start = stop.end()
            first_word = _WORD.search(text, start, end)
    rest = _trimmed(text, start, end)
    if rest[0] == rest[1]:
        return spans
    if first_word is None and spans:  # a stray mark belongs to the sentence before it
        spans[-1] = (spans[-1][0], rest[1])
    else:
        spans.append(rest)
    return spans


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    stripped = piece.strip()
    return start + left, start + left + len(stripped)


def _ends_sentence(text: str, start: int, stop: re.Match[str], end: int) -> bool:
    after = stop.end()
    if after >= end:
        return True
    before = text[stop.start() - 1]
    if before in _OPENERS:  # (…), (!), [?]
        return False
    marks = stop.group()
    if marks[0] in _OTHER_STOPS:
        # 「…。」と言った goes on; so does anything followed by a comma.
        return text[after] not in "と，、,;；"
    if not text[after].isspace():
        return _glued(text, stop, end)
    following = _next_word(text, after, end)
    if not following or following[0] in ".!?…,;:":
        return False
    if marks[0] == "." and not marks.startswith(".."):
        return _full_stop_ends(text, start, stop, following)
    if following[0].islower():
        return False
    return not (following[0].isdigit() and marks[0] in ".…")


def _next_word(text: str, after: int, end: int) -> str:
    """The beginning of what follows, past blanks, quotes, brackets and dashes."""
    position = after
    while position < end and text[position].isspace():
        position += 1
    limit = min(end, position + _LOOKAHEAD)
    while position < limit - 1 and (text[position] in _LEADING or text[position].isspace()):
        position += 1
    return text[position : min(end, position + _LOOKAHEAD)]


def _glued(text: str, stop: re.Match[str], end: int) -> bool:
    """A stop with no blank after it: `…hội nghị.Trung tướng…` ends, `Q.1` and `a.vn` do not."""
    if stop.end() != stop.start() + len(stop.group().rstrip("\"'”’»)*_")):
        return False
    following = text[stop.end() : min(end, stop.end() + 2)]
    if len(following) < 2 or not (following[0].isupper() and following[1].islower()):
        return False
    word = _last_token(text, stop.start())
    if len(word) < 2 or not (word.isalpha() and word.islower()):
        return False
    if stop.group() != ".":
        return True
    # In ASCII this may be an address or a product name.
    follow = _CAPITAL_WORD.match(text, stop.end(), min(end, stop.end() + _LOOKAHEAD))
    return not (word + (follow.group() if follow else "")).isascii()


def _last_token(text: str, position: int) -> str:
    window = text[max(0, position - _LOOKBACK) : position]
    if not window or window[-1].isspace():
        return ""
    return window.split()[-1].lstrip(_LEADING)


def _full_stop_ends(text: str, start: int, stop: re.Match[str], following: str) -> bool:
    token = _last_token(text, stop.start())
    word = token.casefold()
    last = word.rsplit(".", 1)[-1]
    bare = stop.group() == "."
    before_number = last in _BEFORE_NUMBER and (not token.islower() or last in _ALSO_LOWER)
    if following[0].islower():
        # Vietnamese abbreviations carry no tone or vowel marks, so a marked word was a word.
        marked = token.replace("đ", "")
        return bare and len(token) >= 3 and token.isalpha() and token.islower() and not marked.isascii()
    if not bare:  # a bracket or quote was closed after the stop
        return not (following[0].isdigit() and before_number)
    if following[0].isdigit():
        if before_number or (last in _ABBREVIATIONS and len(last) <= 2 and not token.islower()):
            return False
        if token.isdigit() and len(token) <= 2:  # 3. 1. 2023
            return False
    if stop.start() - start <= _LOOKBACK and _ENUMERATOR.fullmatch(text, start, stop.start()):
        return False
    if word in _MAY_END:
        return True
    initial = len(last) == 1 and token[-1:].isupper()
    if initial or _is_abbreviation(token, word, last):
        first = _CAPITAL_WORD.match(following)
        return first is not None and first.group() in _STARTERS
    return True


def _is_abbreviation(token: str, word: str, last: str) -> bool:
    """`TP`, `GS.TS` and `e.g` are; `…trận.ts` and `hoa.sen` are not."""
    if token.islower() and word not in _ALSO_LOWER:
        return False
    return word in _ABBREVIATIONS or (
        last in _ABBREVIATIONS and all(len(part) <= 5 for part in token.split("."))
    )
