"""Ranks, offices and organisations in Vietnamese and English, and whom a text gives them to.

`Political Commissar` and `Chính ủy` are one office; an English word that Vietnamese tells apart
(`commander`: Tư lệnh, Chỉ huy trưởng) stands for each of them. Pure text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rag.mentions import Mention, find_mentions, find_people
from rag.types import Verdict
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
phó tổng thống: vice president
tổng thống: president
tổng bí thư: general secretary, party general secretary, party chief
tổng thư ký: secretary general, general secretary
phó tổng giám đốc: deputy general director, deputy director general, deputy chief executive
giám đốc điều hành: chief executive officer, chief executive, ceo, executive director
viện trưởng: director, head
tổng giám đốc: general director, director general, chief executive officer, chief executive, ceo
thống đốc: governor
thị trưởng: mayor
đại sứ: ambassador
phó bí thư thường trực: standing deputy secretary, permanent deputy secretary, deputy secretary
phó bí thư: deputy secretary, vice secretary
bí thư: secretary, party secretary, party chief
phó giám đốc: deputy director, vice director
giám đốc: director
thứ trưởng: deputy minister, vice minister
bộ trưởng: minister, secretary
thư ký: secretary
phó thủ tướng: deputy prime minister
thủ tướng: prime minister, premier
phó trưởng ban: deputy head
trưởng ban: head
trưởng phòng: head
ủy viên ban thường vụ: member of the standing committee, standing committee member
hiệu trưởng: principal, headmaster, headteacher, rector, president
"""
ORGANISATIONS = """
ubnd, ủy ban nhân dân: people's committee, provincial government
hđnd, hội đồng nhân dân: people's council
mttq, mặt trận tổ quốc: fatherland front
chqs, chỉ huy quân sự: military command
bộ tư lệnh: high command
bộ đội biên phòng, bđbp: border guard, border guards, border guard command
công an: police, public security
đảng ủy quân sự: military party committee
tỉnh ủy: provincial party committee, party committee
đảng ủy: party committee
huyện ủy: party committee, district party committee
thành ủy: party committee, city party committee
quân ủy trung ương: central military commission
bộ quốc phòng: ministry of national defence, ministry of national defense, ministry of defence
bộ công an: ministry of public security
bộ chính trị: politburo
quốc hội: national assembly
"""
_CLASSES = {"rank": RANKS, "office": OFFICES, "organisation": ORGANISATIONS}

_EVERYDAY = frozenset("major general head chair principal captain premier".split())
"""English words that are a rank or an office only beside a name, or before `of`."""
_JOINTS = re.compile(r"\b(?:và|cùng|với|còn|and|with|while|alongside)\b")
_GENERAL = re.compile(r"\b(?:head|commanding officer)$", re.I)
"""Words for the holder of almost any office."""
_DEPUTY = "phó "
_OF_OTHERS = re.compile(
    r"\b(?:của|được|bởi|bị|người|vợ|chồng|con|cha|mẹ|by|of|to|from|with|for|wife|husband|son|daughter|brother|sister|"
    r"father|mother|received|met)\b"
)
"""Between `ai là` and an office: somebody else is asked for, beside whom the office is named."""
_ENDS_NAME = re.compile(
    r"[?,.;]|\b(?:vào|năm|tháng|ngày|tại|trong|khi|lúc|là|nào|hiện|đầu|cuối|thời|và|được|đã|đang)\b", re.I
)
BODY_BEHIND = 45
"""So far behind an office its organisation may be named: `Chairman of the Hà Tĩnh Provincial …`."""
_WHO_IS = re.compile(r"\b(?:ai (?:là|giữ chức|làm)|who (?:is|was|are|were))\s", re.I)
_IS_WHO = re.compile(r"\blà (?:ai|những ai)\b", re.I)
_MANY = re.compile(r"\b(?:các|những|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|two|three|four|five|six|\d+)\s+$")
"""`ba đại tá` are others than the person beside whom they stand."""
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
            for word in (normal_form(each.replace("-", " ")) for each in (*vietnamese, *english)):
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
        singular = word if word in known else word[:-1]
        if singular in _EVERYDAY and not _is_title(text, *match.span()):
            continue
        kind, means = known[singular]
        posts.append(Post(kind, means, *match.span()))
    return tuple(posts)


def _is_title(text: str, start: int, end: int) -> bool:
    """Whether an everyday word stands where an office does: alone, beside a name, or before `of`."""
    before, behind = text[:start].strip(), text[end:].lstrip(" ")
    beside = behind[:1].isupper() or behind.startswith("of ")
    return beside or bool(_NAMED_BEFORE.search(text[:start])) or not (before or behind.strip())


_NAMED_BEFORE = re.compile(r"\b[^\W\d_a-z]\w* [^\W\d_a-z]\w*(?:,| is| was| as)(?: the| a)? $")


@dataclass(frozen=True, slots=True)
class Holding:
    """A rank or an office that a text gives to a person."""

    name: str
    """Folded."""
    post: Post
    of: frozenset[str]
    """What the organisation named with the office can stand for; empty if none is."""

    def agrees(self, other: Holding) -> bool:
        """The same office of the same organisation, as far as both tell."""
        same_body = not self.of or not other.of or bool(self.of & other.of)
        return bool(self.post.means & other.post.means) and same_body

    def may_be(self, other: Holding) -> bool:
        """Whether a text that tells the one may mean the other: `Chủ tịch`, `Chủ tịch nước`; no deputy."""
        apart = self.of and other.of and not self.of & other.of
        return not apart and any(
            (mine in theirs or theirs in mine) and mine.startswith(_DEPUTY) == theirs.startswith(_DEPUTY)
            for mine in self.post.means
            for theirs in other.post.means
        )

    def contradicts(self, other: Holding) -> bool:
        """Both tell the rank, or both the office, and not the same."""
        return self.post.kind == other.post.kind and not self.agrees(other)


@lru_cache(maxsize=2048)
def holders(text: str) -> tuple[Holding, ...]:
    """Every rank and office that a text puts beside a person's name.

    A post belongs to the person in whose part of the sentence it stands. Between two people the part of the
    first ends at the last `và`, `cùng`, `and` …; where there is none, it may belong to either. What stands
    before a colon belongs to everyone named behind it: `ba đại tá: A, …; B, …`.
    """
    text = nfc(text)
    posts = find_posts(text)
    held = [(post, _body(text, post, posts)) for post in posts if post.kind != "organisation"]
    single = [(post, of) for post, of in held if not _MANY.search(text[: post.start].lower())]
    people = find_people(text)
    cuts = [0, *(match.end() for match in _ENDS.finditer(text)), len(text)]
    found: list[Holding] = []
    for start, end in itertools.pairwise(cuts):
        inside = [person for person in people if start <= person.start < end]
        for i, person in enumerate(inside):
            left = _border(text, inside[i - 1].end, person.start, first=False) if i else start
            right = _border(text, person.end, inside[i + 1].start, first=True) if i + 1 < len(inside) else end
            found += [
                Holding(fold(person.name), post, of)
                for post, of in single
                if left <= post.start and post.end <= right
            ]
    return (*found, *_before_colons(text, held, people))


def _body(text: str, post: Post, posts: Iterable[Post]) -> frozenset[str]:
    """The organisation named right behind an office (`Chủ tịch UBND tỉnh`), or right before it."""
    for other in posts:
        if other.kind != "organisation" or post.kind != "office":
            continue
        between = text[post.end : other.start] if other.start >= post.end else text[other.end : post.start]
        reach = BODY_BEHIND if other.start >= post.end else 2
        if len(between) > reach or re.search(r"[,;.:]", between):
            continue
        if not any(min(post.end, other.end) <= each.start < max(post.start, other.start) for each in posts):
            return other.means
    return frozenset()


def judge(sentence: str, source: str, question: str = "") -> Verdict:
    """Whether the posts of a sentence stand in the source, and with the very person they are given to.

    Args:
        sentence: of an answer.
        source: what it quotes, and the text around that.
        question: what was asked. Where it asks who holds an office, the one named must hold it.

    Returns:
        `unsupported` when the source tells it otherwise, `partial` when it does not tell.
    """
    claimed, told = holders(sentence), holders(source)
    known = find_posts(source)
    weakest: Verdict = "supported"
    for holding in claimed:
        theirs = [each for each in told if each.name == holding.name]
        if any(each.agrees(holding) for each in theirs):
            continue
        others = any(each.agrees(holding) for each in told if each.name != holding.name)
        if others or any(each.contradicts(holding) for each in theirs):
            return "unsupported"
        weakest = "partial"
    for post in find_posts(sentence):
        if not any(post.means & each.means for each in known):
            # A source that tells no post of this kind may use a word that is not among ours.
            if post.kind != "organisation" and any(each.kind == post.kind for each in known):
                return "unsupported"
            weakest = "partial"
    if not same_regions(sentence, source):
        return "unsupported"
    return "unsupported" if question and is_someone_else(sentence, told, question) else weakest


def is_someone_else(answer: str, told: Iterable[Holding], question: str) -> bool:
    """Whether a question asks who holds an office, and a source gives those named another one.

    Args:
        answer: that names people.
        told: `holders` of the source.
        question: as searched.
    """
    named = {fold(person.name) for person in find_people(answer)}
    sought = asked_office(question)
    if sought is None or not named or find_people(question):
        return False
    offices = [each for each in told if each.post.kind == "office"]
    if right := {each.name for each in offices if each.agrees(sought)}:
        return not right & named
    if _GENERAL.search(nfc(question)[sought.post.start : sought.post.end]):
        return False
    other = {each.name for each in offices} - {each.name for each in offices if each.may_be(sought)}
    return named <= other


def asked_office(question: str) -> Holding | None:
    """The office whose holder a question asks for, held by nobody yet; None if it asks for something else."""
    question = nfc(question)
    wanted = _asked_for(question)
    return Holding("", wanted, _body(question, wanted, find_posts(question))) if wanted else None


def behind_office(question: str, sought: Holding) -> str:
    """The name of the body that a question puts behind the office it asks for: `Sở Y tế tỉnh Hà Tĩnh`."""
    return _ENDS_NAME.split(nfc(question)[sought.post.end :])[0]


def _asked_for(question: str) -> Post | None:
    """The office in `Ai là Tư lệnh …?`, `Who was the commander …?`, `Phó Tư lệnh … là ai?`."""
    offices = [
        post
        for post in find_posts(question)
        if post.kind == "office" and not question.startswith(("'s ", "’s "), post.end)
    ]
    for asks in _WHO_IS.finditer(question):
        behind = [post for post in offices if 0 <= post.start - asks.end() <= BODY_BEHIND]
        if behind:
            others = _OF_OTHERS.search(question[asks.end() : behind[0].start].lower())
            return None if others else behind[0]
    return offices[0] if offices and offices[0].start <= 4 and _IS_WHO.search(question) else None


def same_regions(text: str, source: str) -> bool:
    """Whether a source names every military region that a text names."""
    regions = _regions(source)
    return all(any(_same_region(mine, theirs) for theirs in regions) for mine in _regions(text))


def names_region(text: str) -> bool:
    """Whether a text names a military region."""
    return bool(_regions(text))


def _regions(text: str) -> set[str]:
    """Folded: `quan khu 4`, `military region 4`."""
    return {
        " ".join(fold(mention.name).split()) for mention in find_mentions(text) if mention.kind == "region"
    }


def _same_region(one: str, other: str) -> bool:
    """A military region is a `quân khu`; a `quân đoàn` with that number is a corps."""
    return one.replace("military region", "quan khu") == other.replace("military region", "quan khu")


def _border(text: str, start: int, end: int, *, first: bool) -> int:
    """Where, between two people, the part of the first ends or that of the second begins."""
    joints = list(_JOINTS.finditer(text.lower(), start, end))
    if joints:
        return joints[-1].start()
    return end if first else start


def _before_colons(
    text: str, held: Sequence[tuple[Post, frozenset[str]]], people: Sequence[Mention]
) -> list[Holding]:
    found: list[Holding] = []
    for colon in re.finditer(":", text):
        stop = re.compile(r"[.!?…](?=\s|$)|\n").search(text, colon.end())
        end = stop.start() if stop else len(text)
        near = [(post, of) for post, of in held if colon.start() - 3 <= post.end <= colon.start()]
        found += [
            Holding(fold(person.name), post, of)
            for post, of in near
            for person in people
            if colon.end() <= person.start < end
        ]
    return found
