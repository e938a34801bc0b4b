"""Whether what was found is of the kind that was asked for. Pure text, no model.

Near misses read like answers: the deputy where the question asks for the director, the name of a party where
it asks for a number. The plainest of them are told apart here; the rest is for the reader to judge, so
everything that is not plain fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.asking import kind_of
from rag.dates import MONTHS
from rag.evidence import surroundings
from rag.figures import NUMBER_WORDS
from rag.mentions import find_mentions, find_people
from rag.offices import (
    Holding,
    asked_office,
    behind_office,
    find_posts,
    holders,
    is_someone_else,
    names_region,
    same_regions,
)
from rag.types import Passage
from rag.verify import compared_words, read_source
from rag.vietnamese import WORD, fold, guess_language, has_diacritics, nfc, normal_form

_AMOUNTS = frozenset(
    """không cả toàn tất hầu phần đa nửa nhiều vài mấy đôi cặp chục tá hàng duy số ít đủ đông mọi mỗi miễn
    chưa chẳng vô no none all most many several few half majority minority couple dozen dozens both single
    sole once twice tens hundreds thousands millions each every only nobody nothing zero pair quarter third
    thirds lot lots great little much vast handful scores numerous countless free a an""".split()
)
"""Beside numbers, the first words of what else tells how many: `phần lớn`, `không người nào`, `miễn phí`."""
_KNOWN = NUMBER_WORDS | _AMOUNTS
_PLAIN = frozenset(map(fold, _KNOWN))
_COUNTED_IN = ("vi", "en", "und")
"""Languages whose number words are known."""
_ASKS_MONEY = re.compile(
    r"\b(?:kinh phí|chi phí|số tiền|trị giá|học phí|giá vé)\b.*\bbao nhiêu\W*$|"
    r"\bbao nhiêu (?:tiền|đồng|tỷ|tỉ|triệu|đô)\b|\bhow much\b.*\b(?:money|cost|pay|paid|spen[dt]|earn)\b"
)
_MONEY = re.compile(
    r"[$€£¥₫%]|\d ?(?:đ|k|tr)\b|\b(?:đồng|tỷ|tỉ|triệu|nghìn|ngàn|đô|euro?|bảng|yên|tệ|rúp|won|franc|baht|"
    r"xu|lượng|vàng|phần trăm|free|miễn|vnd|usd|sgd|"
    r"(?:dollar|pound|rupee|million|billion|thousand|cent|dong|yen)s?)\b"
)
_PEOPLE = re.compile(
    r"\b(?:bao nhiêu|mấy) (?:vị |ông |nữ |nam )?(?:người|đại biểu|cá nhân|học sinh|sinh viên|giáo viên|"
    r"bộ đội|chiến sĩ|quân nhân|cán bộ|đảng viên|hội viên|công nhân|lao động|binh sĩ|lính|trẻ em|phụ nữ|"
    r"bệnh nhân|du khách)\b|"
    r"\bhow many (?:people|persons|delegates|soldiers|troops|students|pupils|teachers|workers|officers|"
    r"members|men|women|children|individuals)\b"
)
_NO_PEOPLE = re.compile(
    r"(?<![\w/.,-])\d[\d.,]* (?:tỉnh|huyện|xã|phường|quận|thành phố|thôn|tập thể|đơn vị|cơ quan|tổ chức|"
    r"doanh nghiệp|giải pháp|nhiệm vụ|nghị quyết|chỉ tiêu|provinces|districts|communes|units|collectives|"
    r"organi[sz]ations)\b"
)
_WHEN = (
    (
        r"ngày nào|ngày mấy|ngày bao nhiêu|hôm nào|(?:what|which) (?:date|day)",
        r"\d ?[/.-] ?\d|\b(?:ngày|mồng|mùng|rằm|hôm|tết|thứ|chủ nhật|lễ|eve|christmas|easter)\b|day\b|"
        rf"\b(?:{'|'.join(MONTHS)})\b",
    ),
    (r"năm nào|(?:what|which) year", r"\d{2}|\b(?:năm|thế kỷ|thập niên|thập kỷ|years?|century|decade)\b"),
    (
        r"mấy giờ|what time(?! (?:fram|period|span|of year))",
        r"\d ?[h:]|\b(?:giờ|trưa|sáng|chiều|tối|đêm|noon|midnight|morning|evening|o'clock|[ap]\.?m)\b",
    ),
)
"""What time a question asks for, and what tells such a time."""
_LIFE = (
    (
        r"sinh (?:ngày|năm|tháng|vào|ra khi|khi)|(?:ngày|năm) sinh|when (?:was|were)\b.*\bborn|birthday|"
        r"date of birth",
        r"\bsinh\b|\bborn\b|\bbirth|\(\D{0,12}\d{3}",
    ),
    (
        r"(?:bao nhiêu|mấy) tuổi|how old|what age",
        r"\b(?:tuổi|age|aged|years?|old|sinh|born)\b|\(\D{0,12}\d{3}",
    ),
)
"""A birth or an age, and what speaks of one: neither is told by a date or a number beside a name."""
_NO_BODY = frozenset("mới bây giờ hiện nay chính phủ tên gì".split())
"""Words behind an office that tell no other body."""
_LEVELS = frozenset("tỉnh thành phố huyện quận thị xã phường".split())
"""They may be left out, the place being compared by its name, where no other one is told."""
_AROUND = 24
"""Characters around a span in which the unit of its number may stand."""


def fits(question: str, answer: str, source: str) -> bool:
    """Whether an answer can be one to the question.

    Args:
        question: as searched.
        answer: the words that answer, a span or sentences; of a span with the words around it.
        source: the text they come from, with what is around them.
    """
    if kind_of(question) == "how many":
        return guess_language(source) not in _COUNTED_IN or (
            _tells_how_many(answer) and _counts(question, answer)
        )
    return asked_office(question) is None or not is_someone_else(answer, holders(source), question)


def fits_span(question: str, passage: Passage, start: int, end: int) -> bool:
    """Whether a span of an article's text can answer the question; see `fits`."""
    begin, stop = start - passage.start, end - passage.start
    span = passage.text[begin:stop]
    if kind_of(question) == "how many" and _tells_how_many(span):
        before, behind = passage.text[max(0, begin - _AROUND) : begin], passage.text[stop : stop + _AROUND]
        if _ASKS_MONEY.search(normal_form(nfc(question))):
            span = re.split(r"[.;,()\d\n]", before)[-1] + span + re.split(r"[;()\n]|\. ", behind)[0]
        else:
            span += re.split(r"[.;:()\d\n]", behind)[0]
    if asked_office(question) and _is_no_person(span):
        return False
    told, before = _sentences_at(passage, start, end)
    if not _speaks(_WHEN, question, told) or not _speaks(_LIFE, question, before + told):
        return False
    return fits(question, span, surroundings(passage))


def _speaks(kinds: Iterable[tuple[str, str]], question: str, text: str) -> bool:
    """Whether a text speaks of what a question asks for, if that is one of a list; in known languages."""
    if guess_language(text) not in _COUNTED_IN:
        return True
    asked, told = normal_form(nfc(question)), normal_form(nfc(text))
    return all(re.search(tells, told) for wants, tells in kinds if re.search(rf"\b(?:{wants})\b", asked))


def _sentences_at(passage: Passage, start: int, end: int) -> tuple[str, str]:
    """The sentences a span stands in, and the one before, which may name what the next one tells."""
    places = [i for i, (a, b) in enumerate(passage.sentences) if a < end and b > start]
    if not places:
        return passage.text, ""
    spans = [*passage.sentences[places[0] : places[-1] + 1]]
    before = passage.sentences[places[0] - 1] if places[0] else (passage.start, passage.start)
    cut = [
        passage.text[a - passage.start : b - passage.start] for a, b in (before, (spans[0][0], spans[-1][1]))
    ]
    return cut[1], f"{cut[0]} "


def _is_no_person(span: str) -> bool:
    """Whether a span is plainly a number, a place or a body, where the holder of an office is asked for."""
    bodies = any(post.kind == "organisation" for post in find_posts(span))
    places = any(mention.kind in ("place", "region") for mention in find_mentions(span))
    return not find_people(span) and bool(bodies or places or re.search(r"\d", span))


def holder(question: str, passages: Iterable[Passage]) -> tuple[Passage, int, int] | None:
    """The person who holds the office that a question asks for, as a span of the article's text.

    None if it asks for none, or if no sentence tells who holds just that: `Giám đốc Sở Y tế` is not told by
    the director of another department, nor `Chính ủy Quân khu 4` by that of another region.
    """
    sought = asked_office(question)
    if sought is None or kind_of(question) != "who" or find_people(question):
        return None
    for passage in passages:
        for start, end in passage.sentences:
            sentence = passage.text[start - passage.start : end - passage.start]
            names = {
                each.name
                for each in holders(sentence)
                if each.agrees(sought) and is_of_that_body(question, sought, each, sentence, passage)
            }
            for person in find_people(sentence):
                if fold(person.name) in names:
                    return passage, start + person.start, start + person.end
    return None


def is_of_that_body(question: str, sought: Holding, held: Holding, sentence: str, passage: Passage) -> bool:
    """Whether what stands behind an office, or above the passage, names the body that a question names."""
    body = behind_office(question, sought)
    told = sentence[held.post.end : held.post.end + len(body) + _AROUND]
    if not same_regions(question, told if names_region(told) else surroundings(passage)):
        return False
    if guess_language(question) != "vi":
        # Words of two languages cannot be compared: the body or the region must be told by name.
        return bool(sought.of) or names_region(question)
    known = read_source(nfc(f"{passage.title}\n{passage.place}\n{told}")).words
    other_level = not _LEVELS.isdisjoint(compared_words(told))
    untold = _NO_BODY if other_level else _NO_BODY | _LEVELS
    return all(word in known or word in untold for word in compared_words(body))


def _tells_how_many(text: str) -> bool:
    words = WORD.findall(normal_form(nfc(text)))
    known = _KNOWN if has_diacritics(text) else _KNOWN | _PLAIN
    return bool(re.search(r"\d|\b[IVXLC]+\b", text)) or any(word in known for word in words)


def _counts(question: str, answer: str) -> bool:
    """Whether a number may be money where money is asked for, and count people where people are."""
    question, answer = normal_form(nfc(question)), normal_form(nfc(answer))
    if _ASKS_MONEY.search(question):
        return bool(_MONEY.search(answer))
    return not (_PEOPLE.search(question) and _NO_PEOPLE.search(answer))
