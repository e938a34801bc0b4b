"""What a follow-up leaves out or points at, put in by rules. Pure text, no model.

A changed place, person, year or office takes the place of the old one in the question before; a pronoun
becomes the name it stands for; what is left out is put in front: `Hội nghị liên tịch họp: vào ngày nào?`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.asking import kind_of
from rag.mentions import Mention, begins_with_name, find_mentions
from rag.offices import find_posts
from rag.request import as_question
from rag.types import Turn
from rag.vietnamese import fold, guess_language, has_diacritics, nfc

SHORT_QUESTION = 12
"""A question of so few words that names nothing leaves out what it is about."""
FEW_WORDS = 2
"""With so few words beside its names a question may leave the rest to the one before."""
WITHIN = 50
"""Turns back in which a pronoun finds what it stands for."""

_OPENINGS = (
    r"thế còn|vậy còn|còn nữa|còn|vậy thì|vậy|thế thì|thế|rồi|và|sang(?! năm (?!\d))|"
    "and what about|and how about|what about|how about|and|but|what else|who else|where else"
)
_TAILS = "thì sao|thì thế nào|thế nào|nữa thì sao|nữa|thì|vậy|sao"
_HE = (
    "ông ấy|ông ta|ông này|ông đó|bà ấy|bà này|bà đó|anh ấy|chị ấy|người đó|người ấy|người này|"
    "đồng chí đó|đồng chí ấy|đồng chí này|vị này|vị đó"
)
_THERE = "ở đó|tại đó|ở đấy|nơi đó|nơi này|nơi ấy|ở đây"
_THIS = "đó|ấy|này"
_PLACES = "tỉnh|thành phố|huyện|địa phương|province|city|district"
_REGIONS = "quân khu|military region"
_OPENS_PLACE = "tỉnh nào|tinh nao|địa phương nào|dia phuong nao|which provinces?|what province|which city"


def _both(words: str) -> str:
    """As written, or typed without diacritics."""
    return f"{words}|{fold(words)}"


def _is_typed_plain(text: str) -> bool:
    """Whether a text is typed without diacritics, but for names that may have been copied."""
    words = " ".join(word for word in text.split() if word[0].islower())
    return not has_diacritics(words) and guess_language(text) != "en"


class _Words:
    """A pattern with a choice of words: as written, and without diacritics in a text typed that way.

    `con` is `còn` only for somebody who types no diacritics; for everybody else it is a child or a buffalo's.
    """

    def __init__(self, pattern: str, words: str) -> None:
        self._written = re.compile(pattern.replace("WORDS", words), re.I)
        self._plain = re.compile(pattern.replace("WORDS", _both(words)), re.I)

    def of(self, text: str) -> re.Pattern[str]:
        """The pattern for words of a text."""
        return self._plain if _is_typed_plain(text) else self._written

    def search(self, text: str) -> re.Match[str] | None:
        return self.of(text).search(text)

    def sub(self, new: str | Callable[[re.Match[str]], str], text: str) -> str:
        return self.of(text).sub(new, text)


_OPENING = _Words(
    r"^\s*(?!the (?!(?:nam|thi|con|o|tai)\b))(?!thế (?:giới|kỷ|hệ|vận|chiến|lực|mạnh|trận|tục|võ)\b)"
    r"(?:WORDS)\b[\s,]*",
    _OPENINGS,
)
"""`the` is `thế` without diacritics, and mostly the English article; `thế giới` is the world."""
_TAIL = _Words(r"[\s,]*\b(?:WORDS)\s*$", _TAILS)
_HE_VI = _Words(r"\b(?:WORDS)\b", _HE)
_CAPITALS = "".join(letter for letter in map(chr, range(0x1F00)) if letter.isupper())
_SEVERAL = "".join(f"(?<!(?i:{word} ))" for word in "các những hai ba bốn mấy nhiều vài".split())
_TITLE_ONLY = re.compile(
    rf"(?<!ông )(?<!Ông ){_SEVERAL}\b([Ôô]ng(?! bà\b)|[Bb]à(?! con\b)|[Đđ]ồng chí)(?! (?:nội|ngoại|mẹ|nào)\b)"
    rf"(?=\s+[^\W\d{_CAPITALS}]|\s*[?,.]|$)"
)
"""A title that no name follows stands for somebody named before; `ông bà`, `bà con` are whole classes."""


class _LoneTitle:
    """`ông`, `bà`, `đồng chí` where no name follows, though it be typed in small letters."""

    def _found(self, text: str) -> list[re.Match[str]]:
        small = text[1:] == text[1:].lower()
        return [m for m in _TITLE_ONLY.finditer(text) if not (small and begins_with_name(text[m.end() :]))]

    def search(self, text: str) -> re.Match[str] | None:
        return next(iter(self._found(text)), None)

    def sub(self, new: Callable[[re.Match[str]], str], text: str) -> str:
        for match in reversed(self._found(text)):
            text = f"{text[: match.start()]}{new(match)}{text[match.end() :]}"
        return text


_LONE_TITLE = _LoneTitle()
_HE_EN = re.compile(r"\b(he|she|him|his|her|hers)\b", re.I)
_THERE_IS = _Words(
    r"\b(?:WORDS|(?<!is )(?<!are )(?<!was )(?<!were )there(?! (?:is|are|was|were)\b))\b", _THERE
)
_NOUN_THIS = _Words(
    r"\b(?P<noun>quân khu|quan khu|thành phố|thanh pho|địa phương|dia phuong|hội nghị|hoi nghi|\w+)\s+"
    r"(?:WORDS)\b(?!\s*(?:là|la)\b)",
    _THIS,
)
_THAT_NOUN = re.compile(
    r"\b(?:that|this|the same)\s+(?P<noun>military region|[a-z]+)|"
    r"\bthe (?P<known>meeting|conference|event|province)\b(?! (?:in|of|at|on|between|with|held)\b)",
    re.I,
)
_WEAK = re.compile(r"\b(it|its|their|them|they|that|these|those|họ|nó)\b", re.I)
_ASKS = _Words(
    r"\b(?:WORDS|who|whom|whose|what|which|when|where|why|how)\b",
    "ai|gì|nào|đâu|bao nhiêu|mấy|bao giờ|sao|thế nào|ra sao",
)
_FILLERS = (
    "ở|tại|của|tỉnh|thành phố|thì|sao|thế|còn|nữa|là|vậy|ông|bà|đồng chí|về|cho|trong|năm|hồi|vào|ra|có"
)
_FILLER = _Words(r"\b(?:WORDS|in|of|at|for|about|the|and|one|ones|was|is|did|from|with)\b", _FILLERS)
_ASKING = (
    "là những ai|là ai|do ai|những ai|ai|vào ngày nào|ngày nào|khi nào|lúc nào|ở đâu|tại đâu|ở tỉnh nào|"
    "là gì|gì|như thế nào|thế nào|ra sao|bao nhiêu|những|nào|mấy"
)
_QUESTION_PHRASE = _Words(r"\b(?:WORDS)\b\s*", _ASKING)
_ENGLISH_PHRASE = re.compile(
    r"^\s*(?:on |in |at |to )?(?:how many|how much|which|what|who|when|where|why|how)\b\s*"
    r"(?:(?:did|does|do|was|were|is|are)\b\s*)?",
    re.I,
)
_PHRASE_ENDS = "do|họp|diễn ra|được|có|bàn|thống nhất|là|tại|thuộc|thực hiện|nào|ai|gì|ở đâu|khi nào|mà"
_EXACT_DAY = re.compile(r"\d\s*[-/.]\s*\d+|\btháng\b|\bngày\b|[A-Z][a-z]+ \d")
_PERIOD = re.compile(r"\d{4}\s*[-–]\s*\d{4}$")
_TITLE = re.compile(rf"\b(?:{_both('ông|bà|anh|chị')})\s+$", re.I)
_PREPOSITIONS = re.compile(rf"(?:\b(?:{_both('ở|tại|của|ngày|hồi|tháng|tỉnh')}|in|of|at|on|from)\s+)+$", re.I)


_DEFINES = re.compile(r"^\W*what (?:is|are) (?:an? )?[a-z]+(?<!ed)\W*$", re.I)
"""`What is photosynthesis?`: nobody asks so for something already spoken of, for that is `the`."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A question that stands alone, as far as the rules can tell."""

    text: str
    sure: bool
    """Whether everything the question pointed at was found."""


def needs_history(question: str) -> bool:
    """Whether a question may point back at the conversation. One that names what it asks about does not."""
    question = nfc(question).strip()
    if _OPENING.search(question) or points_back(question):
        return True
    mentions = find_mentions(question)
    if mentions:
        return len(_own_words(question)) <= FEW_WORDS
    if re.search(rf"\b(?:{_OPENS_PLACE})\b", question, re.I):
        return False
    return len(re.findall(r"\w+", question)) <= SHORT_QUESTION or bool(_WEAK.search(question))


def leaves_out(question: str) -> bool:
    """Whether a question that needs history points at nothing and says something of its own.

    `Ai trao cờ?` leaves out what it is about, `Giá vàng hôm nay là bao nhiêu?` begins something new: only
    the articles can tell the two apart.
    """
    pointing = _OPENING.search(question) or points_back(question) or _WEAK.search(question)
    return not pointing and (len(_own_words(question)) > 1 or bool(_DEFINES.match(question)))


def _own_words(question: str) -> list[str]:
    """What is left of a question without names, times, question words and fillers."""
    rest = question
    for mention in reversed(find_mentions(question)):
        rest = f"{rest[: mention.start]} {rest[mention.end :]}"
    said = _FILLER.of(question).sub(" ", rest)
    return re.findall(r"\w+", _ASKS.of(question).sub(" ", said))


def points_back(question: str) -> bool:
    """Whether a pronoun or a demonstrative stands for something said before."""
    forms = (_HE_VI, _LONE_TITLE, _THERE_IS, _NOUN_THIS, _THAT_NOUN)
    if any(form.search(question) for form in forms):
        return True
    he = _HE_EN.search(question)
    return he is not None and not any(
        mention.kind in ("person", "name") and mention.start < he.start()
        for mention in find_mentions(question)
    )


def by_rules(question: str, history: Sequence[Turn]) -> Rewritten:
    """Resolve the turns one after the other, each against the one before."""
    before = ""
    told: list[Turn] = []
    done = Rewritten(question, True)
    for turn in [*history, Turn(question, "")]:
        asked = nfc(turn.standalone or turn.question).strip()
        follows = before and not turn.standalone and needs_history(asked)
        done = _resolve(asked, before, told[-WITHIN:]) if follows else Rewritten(asked, True)
        if not before or not turn.standalone or _ASKS.search(asked):
            before = done.text  # a word of thanks is nothing that the next question could stand on
        told.append(replace(turn, answer=nfc(turn.answer), short=nfc(turn.short)))
    return done


def _resolve(question: str, before: str, told: Sequence[Turn]) -> Rewritten:
    core = _OPENING.sub("", question).rstrip(" ?.!")
    swapped = _swap(_TAIL.sub("", core), before)
    if swapped:
        return Rewritten(swapped, True)
    known = [m for text in (before, *(turn.answer for turn in reversed(told))) for m in find_mentions(text)]
    text, sure = _replace_pointers(core, before, known, told)
    if not _ASKS.search(as_question(core)):
        return Rewritten(f"{_without_remarks(before)}? {question}", False)
    kinds = {m.kind for m in find_mentions(text)}
    if kinds & {"place", "person", "region", "name"}:
        return Rewritten(_sentence(text), sure)
    where = next((m for m in known if m.kind in ("place", "region")), None)
    if "time" in kinds and where is not None:
        return Rewritten(_sentence(f"{_in(where, question)}, {text[:1].lower()}{text[1:]}"), sure)
    topic = _topic(before)
    if where is not None and where.name not in topic:
        topic = f"{topic} ({where.name})"
    return Rewritten(f"{topic}: {text[:1].lower()}{text[1:]}?", sure)


def _without_remarks(before: str) -> str:
    """The question and the last of the remarks that were put behind it: they must not pile up."""
    first, *remarks = before.rstrip(" ?").split("? ")
    return "? ".join([first, *remarks[-1:]])


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip(' ?')}?"


def _in(where: Mention, question: str) -> str:
    if where.kind == "region":
        return where.name
    return f"{'In' if guess_language(question) == 'en' else 'Ở'} {where.name}"


def _topic(before: str) -> str:
    """The question before without its question words: what it was about."""
    text = before.rstrip(" ?").rpartition(": ")[0] or before.rstrip(" ?")
    text = _ENGLISH_PHRASE.sub("", text) if guess_language(text) == "en" else _QUESTION_PHRASE.sub("", text)
    text = re.sub(r"\s+([,:.])", r"\1", re.sub(r"\s+", " ", text)).strip(" ,:.") or before.rstrip(" ?")
    return text[:1].upper() + text[1:]


def _swap(core: str, before: str) -> str:
    """`Còn ở Đắk Nông?`: the question before with its place, person, year or office changed; else nothing."""
    new = find_mentions(core)
    posts = [p for p in find_posts(core) if p.kind != "organisation"]
    spoken = set(re.findall(r"\w+", fold(before)))
    left = [word for word in _own_words(core) if fold(word) not in spoken]
    if kind_of(core) not in ("other", kind_of(before)):
        return ""
    if new and not left:
        return _put(core, before)
    words = " ".join(core[p.start : p.end] for p in posts)
    if len(posts) == 1 and not new and not _ASKS.search(core) and set(left) <= set(words.split()):
        old = [p for p in find_posts(before) if p.kind == posts[0].kind]
        if old:
            return f"{before[: old[0].start]}{words}{before[old[0].end :]}"
    return ""


_SLOTS = {
    "place": ("place", "region", "name"),
    "region": ("region", "place", "name"),
    "person": ("person", "name"),
    "time": ("time",),
    "name": ("name", "person", "place"),
}


def _put(core: str, before: str) -> str:
    """The question before with the mentions of another in the place of its own; empty if it has no such."""
    new, old = find_mentions(core), find_mentions(before)
    edits: list[tuple[int, int, str]] = []
    for mention in new:
        kinds = [k for k in _SLOTS[mention.kind] if any(m.kind == k for m in old)]
        if not kinds and mention.kind != "time":
            return ""
        if not kinds:
            continue
        slots = [m for m in old if m.kind == kinds[0]]
        if any(start <= slots[-1].start < end for start, end, _ in edits):
            return ""  # two for the place of one
        edits.append(_exchange(before, slots[-1], core, mention))
    kinds_new = {m.kind for m in new}
    same_time = "time" not in kinds_new
    same_place = "person" not in kinds_new or bool(kinds_new & {"place", "region"})
    for mention in old:
        # A day belongs to the event that was asked about, and the place to the person.
        exact = _EXACT_DAY.search(mention.name) and not _PERIOD.search(mention.name)
        gone = (mention.kind == "time" and same_time and exact) or (
            mention.kind in ("place", "region") and not same_place
        )
        if gone:
            edits.append((_with_preposition(before, mention), mention.end, ""))
    for start, end, name in sorted(set(edits), reverse=True):
        before = f"{before[:start]}{name}{before[end:]}"
    for mention in new:
        if mention.name not in before:
            before = f"{before.rstrip(' ?')} {mention.name}?"
    return _sentence(re.sub(r"\s+([?,])", r"\1", re.sub(r"\s+", " ", before)))


def _exchange(before: str, old: Mention, core: str, new: Mention) -> tuple[int, int, str]:
    """(start, end, words) of the change; `tỉnh` goes before a region, and `ông` where `bà` comes in."""
    start, name = old.start, new.name
    if new.kind == "region" and (unit := re.search(r"(?:tỉnh|tinh)\s+$", before[:start], re.I)):
        start = unit.start()
    titles = [_TITLE.search(text[: each.start]) for text, each in ((before, old), (core, new))]
    if titles[0] and titles[1]:
        start, name = titles[0].start(), f"{titles[1].group()}{name}"
    return start, old.end, name


def _with_preposition(before: str, mention: Mention) -> int:
    found = _PREPOSITIONS.search(before[: mention.start])
    return found.start() if found else mention.start


def _replace_pointers(
    text: str, before: str, known: Sequence[Mention], told: Sequence[Turn]
) -> tuple[str, bool]:
    """Pronouns and demonstratives replaced by what they stand for, and whether all of them were."""
    latest = [text for turn in reversed(told) for text in (turn.short, turn.answer)]
    said = [m for text in latest for m in find_mentions(text)]
    person = next((m.name for m in [*said, *known] if m.kind == "person"), None)
    place = next((m for m in [*known, *said] if m.kind == "place"), None)
    region = next((m for m in [*known, *said] if m.kind == "region"), None)
    sure = True

    def he(match: re.Match[str]) -> str:
        nonlocal sure
        sure &= person is not None
        if person is None:
            return match.group()
        if (word := match.group().lower()) in ("his", "her", "hers"):
            return f"{person}'s"
        title = re.match(r"đồng chí|dong chi|\w+", match.group(), re.I)
        return person if word in ("he", "she", "him") or not title else f"{title.group()} {person}"

    def there(match: re.Match[str]) -> str:
        nonlocal sure
        where = place or region
        sure &= where is not None
        if where is None:
            return match.group()
        return f"in {where.name}" if match.group().lower() == "there" else f"ở {where.name}"

    def noun(match: re.Match[str]) -> str:
        nonlocal sure
        word = (match.groupdict().get("noun") or match.groupdict().get("known") or "").lower()
        if re.fullmatch(_both(_PLACES), word) and place:
            unit = f"{match.group('noun')} " if fold(word) in ("tinh", "huyen", "thanh pho") else ""
            return f"{unit}{place.name}"
        if re.fullmatch(_both(_REGIONS), word) and region:
            return region.name
        phrases = (_noun_phrase(word, text) for text in (before, *(turn.answer for turn in reversed(told))))
        phrase = next(filter(None, phrases), "")
        if not phrase:
            sure = sure and bool(known)
            return match.group()
        return phrase

    text = _LONE_TITLE.sub(he, _HE_VI.sub(he, text))
    text = _THERE_IS.sub(there, _HE_EN.sub(he, text))
    return _THAT_NOUN.sub(noun, _NOUN_THIS.sub(noun, text)), sure


def _noun_phrase(noun: str, text: str) -> str:
    """`hội nghị liên tịch của Quân khu 4` from a text that speaks of one; empty if it does not."""
    ends = _both(_PHRASE_ENDS) if _is_typed_plain(text) else _PHRASE_ENDS
    found = re.search(
        rf"\b{re.escape(noun)}\b.*?(?=\s(?:{ends}|was|were|is|did|take|took)\b|[;:?.(]|$)", text, re.I
    )
    return found.group() if found and len(found.group()) > len(noun) + 2 else ""
