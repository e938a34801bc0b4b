"""Ranks, offices and organisations in Vietnamese and English, and whom a text gives them to.

`Political Commissar` and `Chính ủy` are one office; an English word that Vietnamese tells apart
(`commander`: Tư lệnh, Chỉ huy trưởng) stands for each of them. Pure text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from rag.mentions import Mention, find_people
from rag.vietnamese import fold, nfc, normal_form

RANKS = """
đại tướng: army general, full general, four-star general, general
thượng tướng: senior lieutenant general, colonel general, three-star general, general
trung tướng: lieutenant general, two-star general, general
thiếu tướng: major general, one-star general, general
đại tá: senior colonel, colonel
thượng tá: senior lieutenant colonel, lieutenant colonel
trung tá: lieutenant colonel
thiếu tá: major
đại úy: captain
thượng úy: senior lieutenant, first lieutenant
"""
OFFICES = """
phó tư lệnh: deputy commander, vice commander
tư lệnh: commander, commander-in-chief
phó chính ủy: deputy political commissar
chính ủy: political commissar, commissar
chính trị viên: political commissar, political officer
phó chỉ huy trưởng: deputy commander, deputy head
chỉ huy trưởng: commander, commanding officer, commander-in-chief, head
phó tham mưu trưởng: deputy chief of staff
tham mưu trưởng: chief of staff
chỉ huy phó: deputy commander
phó chủ tịch nước: vice president
chủ tịch nước: president, state president
phó chủ tịch: vice chairman, vice chairwoman, vice chair, deputy chairman, deputy chair, vice president
chủ tịch: chairman, chairwoman, chair, chairperson, president, governor
phó bí thư thường trực: standing deputy secretary, permanent deputy secretary, deputy secretary
phó bí thư: deputy secretary, vice secretary
bí thư: secretary, party secretary, party chief
phó giám đốc: deputy director, vice director
giám đốc: director
thứ trưởng: deputy minister, vice minister
bộ trưởng: minister
phó thủ tướng: deputy prime minister
thủ tướng: prime minister, premier
phó trưởng ban: deputy head
trưởng ban: head
trưởng phòng: head
hiệu trưởng: principal, headmaster, headteacher, rector
"""
ORGANISATIONS = """
ubnd, ủy ban nhân dân: people's committee, provincial government
hđnd, hội đồng nhân dân: people's council
mttq, mặt trận tổ quốc: fatherland front
chqs, chỉ huy quân sự: military command
bộ tư lệnh: high command, command
bộ đội biên phòng, bđbp: border guard, border guards, border guard command
công an: police, public security
đảng ủy quân sự: military party committee
tỉnh ủy: provincial party committee, party committee
quân ủy trung ương: central military commission
bộ quốc phòng: ministry of national defence, ministry of national defense, ministry of defence
bộ công an: ministry of public security
bộ chính trị: politburo
quốc hội: national assembly
"""
_CLASSES = {"rank": RANKS, "office": OFFICES, "organisation": ORGANISATIONS}

_JOINTS = re.compile(r"\b(?:và|cùng|với|còn|and|with|while|alongside)\b")
_ENDS = re.compile(r"[.!?…](?=\s|$)|[;\n]")


@dataclass(frozen=True, slots=True)
class Post:
    """A rank, an office or an organisation that stands in a text."""

    kind: str
    """`rank`, `office` or `organisation`."""
    means: frozenset[str]
    """The Vietnamese names of what it can stand for; two posts agree when they have one in common."""
    start: int
    end: int


@cache
def _lexicon() -> tuple[dict[str, tuple[str, frozenset[str]]], re.Pattern[str]]:
    """Wording → (kind, meanings), and the pattern that finds any of them, the longest first."""
    found: dict[str, tuple[str, set[str]]] = {}
    for kind, entries in _CLASSES.items():
        for entry in entries.strip().splitlines():
            vietnamese, english = ([w.strip() for w in side.split(",")] for side in entry.split(":"))
            meaning = normal_form(vietnamese[-1])
            for word in map(normal_form, [*vietnamese, *english]):
                found.setdefault(word, (kind, set()))[1].add(meaning)
    # The standing deputy secretary is a deputy secretary.
    found[normal_form("phó bí thư thường trực")][1].add(normal_form("phó bí thư"))
    words = sorted(found, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?:s)?(?!\w)")
    return {word: (kind, frozenset(means)) for word, (kind, means) in found.items()}, pattern


@lru_cache(maxsize=2048)
def find_posts(text: str) -> tuple[Post, ...]:
    """Ranks, offices and organisations in a text, in order. Offsets are those of the text in NFC."""
    text = nfc(text)
    plain = normal_form(text.replace("’", "'").replace("-", " ").replace("\n", " "))
    if len(plain) != len(text):
        return ()
    known, pattern = _lexicon()
    posts = []
    for match in pattern.finditer(plain):
        word = match.group()
        kind, means = known[word if word in known else word[:-1]]
        posts.append(Post(kind, means, *match.span()))
    return tuple(posts)


@lru_cache(maxsize=2048)
def holders(text: str) -> tuple[tuple[str, Post], ...]:
    """(name, post) for every rank and office that a text puts beside a person's name; names folded.

    A post belongs to the person in whose part of the sentence it stands. Between two people the part of the
    first ends at the last `và`, `cùng`, `and` …; where there is none, it may belong to either. What stands
    before a colon belongs to everyone named behind it: `ba đại tá: A, …; B, …`.
    """
    text = nfc(text)
    posts = [post for post in find_posts(text) if post.kind != "organisation"]
    people = find_people(text)
    cuts = [0, *(match.end() for match in _ENDS.finditer(text)), len(text)]
    found: list[tuple[str, Post]] = []
    for start, end in itertools.pairwise(cuts):
        inside = [person for person in people if start <= person.start < end]
        for i, person in enumerate(inside):
            left = _border(text, inside[i - 1].end, person.start, first=False) if i else start
            right = _border(text, person.end, inside[i + 1].start, first=True) if i + 1 < len(inside) else end
            found += [(fold(person.name), post) for post in posts if left <= post.start and post.end <= right]
    return (*found, *_before_colons(text, posts, people))


def _border(text: str, start: int, end: int, *, first: bool) -> int:
    """Where, between two people, the part of the first ends or that of the second begins."""
    joints = list(_JOINTS.finditer(text.lower(), start, end))
    if joints:
        return joints[-1].start()
    return end if first else start


def _before_colons(text: str, posts: Iterable[Post], people: Iterable[Mention]) -> list[tuple[str, Post]]:
    found = []
    for colon in re.finditer(":", text):
        stop = re.compile(r"[.!?…](?=\s|$)|\n").search(text, colon.end())
        end = stop.start() if stop else len(text)
        near = [post for post in posts if colon.start() - 3 <= post.end <= colon.start()]
        found += [
            (fold(person.name), post)
            for post in near
            for person in people
            if colon.end() <= person.start < end
        ]
    return found
