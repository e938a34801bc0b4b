"""What kind of answer a question wants: a person, a time, a place, a number, or something else."""

from __future__ import annotations

import re
from typing import Literal

from rag.vietnamese import fold, guess_language, nfc

Kind = Literal["who", "when", "where", "how many", "other"]

# Folded, so that questions without diacritics are recognised too. The first kind that fits is taken.
_CUES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "how many",
        re.compile(
            r"\b((?<!so )bao nhieu|how (many|much|old)|"
            r"(?<!thu )(?<!khoa )(?<!lop )(?<!ngay )(?<!thang )(?<!mung )mấy (?!khi|gio)\w+)\b"
        ),
    ),
    (
        "when",
        re.compile(
            r"\b(khi nao|luc nao|bao gio|m[aấ]y gio|(ngay|thang|nam|mung) m[aấ]y|"
            r"(ngay|thang|nam|gio|buoi|thoi gian|giai doan|thoi ky|nhiem ky) nao|"
            r"(?<=tell me )when|when(?=['’]s\b| (?:\w+ly )?(?:did|do|does|is|are|was|were|will|would|has|"
            r"have|had|can|could|should|might|may|must|shall)\b|\W*$)|"
            r"(what|which) (date|day|time|year|month|period))\b"
        ),
    ),
    (
        "where",
        re.compile(
            r"\b(o dau|tai dau|dau la noi|noi nao|"
            r"(o|tai|cua) (tinh|huyen|thanh pho|xa|dia phuong) nao|where)\b"
        ),
    ),
    ("who", re.compile(r"\b((?<!nhung )ai|nguoi nao|dong chi nao|vi nao|who|whom|whose)\b")),
)
_MAY = re.compile(
    r"(?<!nha )(?<!xe )(?<!cong ty )\bmay(?! (?:tinh|bay|moc|man|phat|xay|quay|dien|do|mac)\b)(?= \w)"
)
"""Where no diacritics are written `máy` and `may` look like `mấy`."""
_HINTS: dict[str, dict[Kind, str]] = {
    "vi": {
        "who": "tên người, chức vụ",
        "when": "thời gian",
        "where": "địa điểm",
        "how many": "con số, đơn vị",
    },
    "en": {
        "who": "name and office of the person",
        "when": "the date or time",
        "where": "the place",
        "how many": "the number and its unit",
    },
}


def kind_of(question: str) -> Kind:
    """The kind of answer a question in Vietnamese or English wants; `other` for all the rest."""
    question = nfc(question).lower()
    folded = fold(question)
    if len(folded) == len(question):
        for each in re.finditer("mấy", question):
            folded = f"{folded[: each.start()]}mấy{folded[each.end() :]}"
    # "Why" and "how" ask for more than the person or the day they may also name.
    if re.search(r"\b(vi sao|tai sao|nhu the nao|why|how(?! many| much))\b", folded):
        return "other"
    kind: Kind = next((kind for kind, cue in _CUES if cue.search(folded)), "other")
    if kind == "other" and folded == question and _MAY.search(question) and guess_language(question) == "vi":
        return "how many"
    return kind


def hint(question: str, language: str) -> str:
    """A few words that tell the model what is wanted, in the language of the question; may be empty."""
    return _HINTS.get(language, {}).get(kind_of(question), "")


_MORE = re.compile(
    r"\b(?:vi sao|tai sao|nhu the nao|ra sao|the nao|ly do|nguyen nhan|nhung (?:ai|gi)|"
    r"(?:nhung|cac) (?:\w+ ){1,4}nao|gom|noi dung (?:chinh|chu yeu)|dien bien|tong quan|"
    r"ai (?:da |se |cung )?(?:tham (?:du|gia)|du (?:hoi|le|buoi|cuoc|dai hoi|tiec))|"
    r"khac nhau|khac biet|danh sach|lam sao|tom luoc|(?:y|diem) chinh|(?:chuyen|dieu) gi (?:da )?xay ra|"
    r"bai (?:viet |bao |nay )*noi (?:ve )?gi|"
    r"why|how(?! (?:many|much|old|long|tall|far|often|big|large|high|deep|wide|heavy|fast|late|early)\b)|"
    r"list|compare|difference|summari[sz]e|describe|explain|reasons?|what (?:caused|happened|are|were)|"
    r"tell me (?:about|more|something)|overview|main points|summary|what (?:is|was) .*\babout|what led|"
    r"name (?:all|the|every|some|two|three|four|five|\d+)|names of|"
    r"who (?:attended|participated|took part|are|were)|"
    r"which (?:two|three|four|five|six|\d+)|which (?:\w+ )?\w+ (?:were|are|have|had))\b|"
    r"(?:^\W*|\b(?:hay|xin|(?:giup|cho) (?:toi|minh)|co the|vui long|lam on|ban) )"
    r"(?:so sanh|tom tat|giai thich|mo ta|trinh bay|ke (?:ten|ra|ve)|liet ke|neu (?:ra|cac|nhung))\b"
)
_SEVERAL = re.compile(
    r"^\W*(?:hãy |xin )?nêu\b(?! (?:tên|ngày|số|năm)\b)|\b(?:các|những)\b(?!.*\bcó gì mới).*\bgì\b|"
    r"\bcho .*\bbiết (?:các|những)\b|\bcho biết (?:các|những)\b|"
    r"(?<!bà )\b(?:hai|ba|bốn) (?:\w+ ){1,4}(?:nào|là ai|là gì)\b|^\W*sao\b|\w hay \w.*\bhơn\b(?!\s*\d)",
    re.I,
)
"""What only diacritics tell from other words: `nêu` from `nếu`, `hay` (or) from `hãy`."""
_REASONS = re.compile(r"\b(?:reasons?|overview|explain|nguyen nhan|tong quan|dien bien|ly do)\b")
"""In a question for a person, a time, a place or a number they only say what it is about."""


_PEOPLE = re.compile(
    r"\b(?:nhung ai|(?:nhung|cac) (?:nguoi|vi|ong|ba|dong chi|can bo|dai bieu|lanh dao)|ai)\b"
)


def wants_people(question: str) -> bool:
    """Whether a question asks for people, one or several."""
    return kind_of(question) == "who" or bool(_PEOPLE.search(fold(nfc(question)).lower()))


def wants_more(question: str) -> bool:
    """Whether a question asks why or how, or for several things: no single short span answers it."""
    question = nfc(question)
    plain = fold(question).lower()
    if kind_of(question) != "other":
        plain = _REASONS.sub(" ", plain)
    return asks_each(question) or bool(_MORE.search(plain) or _SEVERAL.search(question))


_WRITING = re.compile(
    r"\b(?:tong quan|dien bien|(?:y|diem) chinh|noi dung (?:chinh|chu yeu)|"
    r"(?:su|diem) khac (?:nhau|biet) giua|khac nhau (?:(?:nhu )?the nao|ra sao|o dau|o diem nao|cho nao|gi)|"
    r"bai (?:viet |bao |nay )*noi (?:ve )?gi|differences? between|how (?:do|does|did) .* differ|overview|"
    r"main points|(?:give|write|make|want|need|provide) .*\bsummary|tell me (?:about|more|something)|"
    r"what (?:is|was) (?:the|this|that) (?:article|report|news|text|story|meeting|conference|event)s? "
    r".*\babout)\b|"
    r"(?:^\W*|\b(?:hay|xin|(?:giup|cho) (?:toi|minh)|co the|vui long|lam on) )"
    r"(?:so sanh|tom (?:tat|luoc)|mo ta|trinh bay|ke ve)\b|"
    r"(?:^\W*|\b(?:please|you|me) )(?:compare|summari[sz]e|describe|(?:a )?(?:(?:short|brief) )?summary)\b"
)


def wants_writing(question: str) -> bool:
    """Whether no sentence of an article could answer: a comparison, a summary, an account of something."""
    return bool(_WRITING.search(fold(nfc(question)).lower()))


_HAPPENED = re.compile(
    r"\b(?:(?:chuyen|dieu|viec|su kien) gi (?:da )?(?:xay|dien) ra (?:o|tai|vao|ngay|hom|trong)|"
    r"what happened (?:in|at|on|during))\b"
)


def asks_what_happened(question: str) -> bool:
    """Whether a question wants to know what happened at a place or time; an article may be about that."""
    return bool(_HAPPENED.search(fold(nfc(question)).lower()))


_EACH = re.compile(
    r"\b(?:nhung|cac) (?:tinh|thanh pho|huyen|xa|dia phuong|noi|nuoc|hoi nghi|cuoc hop|su kien|bai|bai bao|"
    r"bai viet|tin|van ban) nao\b|"
    r"\b(?:which|what) (?:other )?(?:provinces|cities|towns|districts|places|countries|conferences|meetings|"
    r"events|articles|reports|documents)\b"
)


def asks_each(question: str) -> bool:
    """Whether a question asks of which places, events or articles something is told: each has its own."""
    return bool(_EACH.search(fold(nfc(question)).lower()))
