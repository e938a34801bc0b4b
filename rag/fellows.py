"""Who is named in one list with somebody: `A, Chairman, with two colonels: B, Commander; C, Deputy …`.

A short answer to "who?" often stops at the first name of such a list. Pure text, no model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from rag.asking import wants_people
from rag.mentions import find_people
from rag.offices import find_posts
from rag.phrases import phrase
from rag.types import Citation, Sentence
from rag.vietnamese import nfc

_ONE = re.compile(
    r"\b(?:đại diện|đứng đầu|nhất|đầu tiên|cuối cùng|thắng|vô địch|first|last|won|winner|best|"
    r"represent\w*|heads?|led)\b",
    re.I,
)
"""Whoever asks so wants one, not those who are named beside."""
_NAMED_AFTER = re.compile(
    r"\b(?:trường|đường|phố|giải|bệnh viện|công ty|sân|cầu|chợ|phường|xã|quận|huyện|nhà máy|quảng trường|"
    r"tượng đài)(?: \w+){0,2} $",
    re.I,
)
_JOINS = re.compile(r"[,;:]|\b(?:và|cùng|với|and|with)\b", re.I)
_ENDS = re.compile(r"[.!?…](?:\s|$)")
_BESIDE = frozenset(
    """và cùng với and with as well the of các hai ba bốn năm sáu bảy two three four five six ông bà anh
    chị đồng chí mr mrs ms tướng tá tỉnh huyện xã quận phường thành phố quân khu ban bộ trung ương đảng
    nhà nước nhân dân ủy viên thường vụ trực trưởng phó hội đội nguyên kiêm province provincial district
    city""".split()
)
"""What may stand between two names of a list, beside ranks, offices and names: nothing that somebody does."""


def left_out(
    question: str, sentences: Sequence[Sentence], citations: Sequence[Citation], language: str
) -> list[Sentence]:
    """One sentence with the people whom an answer leaves out of the lists it cites; none if there are none.

    Whoever asks for the holder of an office, or for somebody by name, wants that one.

    Args:
        question: as searched.
        citations: of the answer.
        language: of the answer.
    """
    offices = any(post.kind == "office" for post in find_posts(question))
    if not wants_people(question) or offices or find_people(question) or _ONE.search(nfc(question)):
        return []
    said = [sentence.text for sentence in sentences]
    found: dict[str, int] = {}
    for citation in citations:
        for name in fellows(citation.quote, said):
            found.setdefault(name, citation.n)
    if not found:
        return []
    text = phrase("named_together", language).format(names=", ".join(found))
    return [Sentence(text, tuple(sorted(set(found.values()))), "supported")]


def fellows(text: str, named: Iterable[str]) -> list[str]:
    """The others in the lists of people in which somebody of `named` stands, in order.

    Args:
        text: a sentence of an article.
        named: what an answer says; names are looked for in it.
    """
    text = nfc(text)
    said = "\n".join(map(nfc, named))
    people = [each for each in find_people(text) if not _NAMED_AFTER.search(text[: each.start])]
    free = list(text)
    for post in find_posts(text):
        free[post.start : post.end] = " " * (post.end - post.start)
    groups = [[person] for person in people[:1]]
    for before, person in pairwise(people):
        if _joined("".join(free[before.end : person.start])):
            groups[-1].append(person)
        else:
            groups.append([person])
    return [
        person.name
        for group in groups
        if any(person.name in said for person in group)
        for person in group
        if person.name not in said
    ]


def _joined(gap: str) -> bool:
    """Whether what stands between two people, ranks and offices taken out, puts them into one list."""
    words = re.findall(r"\w+", gap)
    return (
        bool(_JOINS.search(gap))
        and not _ENDS.search(gap)
        and all(word[0].isupper() or word.isdigit() or word in _BESIDE for word in words)
    )
