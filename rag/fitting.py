"""Whether what was found is of the kind that was asked for. Pure text, no model.

Near misses read like answers: the deputy where the question asks for the director, the name of a party where
it asks for a number. What can be told for sure is told here; the rest is for the reader to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.asking import kind_of
from rag.evidence import surroundings
from rag.figures import NUMBER_WORDS
from rag.glossary import translations
from rag.lexical import COMMON_SYLLABLES, QUESTION_SYLLABLES
from rag.mentions import find_people
from rag.offices import asked_office, holders, is_someone_else, same_regions
from rag.types import Passage
from rag.vietnamese import WORD, fold, guess_language, nfc, normal_form

_AMOUNTS = frozenset(
    """không cả toàn tất hầu phần đa nửa nhiều vài mấy đôi cặp chục tá hàng duy số ít đủ đông mọi mỗi
    no none all most many several few half majority minority couple dozen dozens both single sole once twice
    hundreds thousands millions each every only nobody nothing zero pair quarter third thirds
    lot lots great little much vast""".split()
)
"""Beside numbers, the first words of what else tells how many: `phần lớn`, `không người nào`."""
_COUNTED_IN = ("vi", "en", "und")
"""Languages whose number words are known."""
_ASKS_MONEY = re.compile(
    r"\b(?:kinh phí|chi phí|số tiền|bao nhiêu tiền|trị giá|học phí|doanh thu|vốn đầu tư)\b|"
    r"\bhow much\b.*\b(?:money|cost|pay|paid|spen[dt]|earn|budget)\b"
)
_MONEY = re.compile(
    r"[$€£¥₫]|\b(?:đồng|tỷ|tỉ|triệu|nghìn|ngàn|đô la|euro|bảng|yên|rúp|won|franc|xu|lượng|vàng|"
    r"(?:dollar|pound|million|billion|thousand|cent|dong|yen)s?|vnd|usd)\b"
)
_COUNT_OF = re.compile(r"\b(?:bao nhiêu|mấy) (\w+)(?: (\w+))?|\bhow many (\w+)")
_UNIT = re.compile(r"(?<![\w/.,-])\d[\d.,]* ([^\W\d_]+)")
_MEASURES = NUMBER_WORDS | frozenset(
    """giây phút giờ ngày tuần tháng năm quý thế tuổi km m cm mm mét ha héc dặm feet foot inch yard kg tấn tạ
    gam g lít độ phần percent per years months weeks days hours minutes seconds miles meters metres
    tons""".split()
)
"""What stands behind a number without telling what is counted."""
_YEAR = re.compile(r"(?<![\d.,])(?:1[5-9]|20)\d\d(?!\d|[.,]\d)")
_PERIOD = re.compile(r"\d{4}\s?[-–]\s?\d{4}")
_BEHIND = 24
"""Characters behind a span in which the unit of its number may stand."""


def fits(question: str, answer: str, source: str) -> bool:
    """Whether an answer can be one to the question; True wherever that cannot be told.

    Args:
        question: as searched.
        answer: the words that answer, a span or sentences; of a span with the words behind it.
        source: the text they come from, with what is around them.
    """
    if kind_of(question) == "how many" and guess_language(source) in _COUNTED_IN:
        return _tells_how_many(answer) and _tells_of_what(question, answer, source)
    return not is_someone_else(answer, holders(source), question)


def fits_span(question: str, passage: Passage, start: int, end: int) -> bool:
    """Whether a span of an article's text can answer the question; see `fits`."""
    span = passage.text[start - passage.start : end - passage.start]
    if kind_of(question) == "how many" and _tells_how_many(span):
        behind = passage.text[end - passage.start : end - passage.start + _BEHIND]
        span += re.split(r"[.;:()\d\n]", behind)[0]
    around = surroundings(passage)
    told = "".join(
        passage.text[a - passage.start : b - passage.start]
        for a, b in passage.sentences
        if a < end and b > start
    )
    return fits(question, span, around) and not _is_of_another_year(question, told, around)


def holder(question: str, passages: Iterable[Passage]) -> tuple[Passage, int, int] | None:
    """The person who holds the office that a question asks for, as a span of the article's text.

    None if it asks for none, or if no sentence tells who holds it.
    """
    sought = asked_office(question)
    if sought is None or find_people(question):
        return None
    for passage in passages:
        if not same_regions(question, surroundings(passage)):
            continue
        for start, end in passage.sentences:
            sentence = passage.text[start - passage.start : end - passage.start]
            names = {each.name for each in holders(sentence) if each.agrees(sought)}
            for person in find_people(sentence):
                if fold(person.name) in names:
                    return passage, start + person.start, start + person.end
    return None


def _is_of_another_year(question: str, told: str, source: str) -> bool:
    """Whether a sentence tells of a year, and neither it nor what is around it of one that is asked about.

    The ends of a period count for nothing: what is planned for 2021-2025 did not happen in 2025.
    """
    asked, own, known = (set(_YEAR.findall(_PERIOD.sub("", text))) for text in (question, told, source))
    return bool(asked and own) and not asked & known


def _tells_how_many(text: str) -> bool:
    words = WORD.findall(normal_form(nfc(text)))
    return bool(re.search(r"\d", text)) or any(word in NUMBER_WORDS or word in _AMOUNTS for word in words)


def _tells_of_what(question: str, answer: str, source: str) -> bool:
    """Whether a number is money where money is asked for, and counts what is asked for.

    Only a number that counts something else, in a source that never names what is asked for, is told apart.
    """
    question, answer, source = (normal_form(nfc(text)) for text in (question, answer, source))
    if _ASKS_MONEY.search(question):
        return bool(_MONEY.search(answer))
    asked = _COUNT_OF.search(question)
    units = [unit for unit in _UNIT.findall(answer) if unit not in _MEASURES | COMMON_SYLLABLES]
    if asked is None or not units:
        return True
    if asked[3]:
        nouns = [*translations(asked[3]), asked[3]] if translations(asked[3]) else []
    else:
        pair = asked[2] and asked[2] not in COMMON_SYLLABLES and asked[2] not in QUESTION_SYLLABLES
        nouns = [] if asked[1] in COMMON_SYLLABLES else [f"{asked[1]} {asked[2]}" if pair else asked[1]]
    named = any(re.search(rf"\b{re.escape(noun)}\b", source) for noun in nouns)
    counted = any(noun.split()[0] == unit for noun in nouns for unit in units)
    return not nouns or named or counted
