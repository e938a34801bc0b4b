"""Vietnamese typed without diacritics: put them back as the corpus itself writes them.

A first-order hidden Markov model: states are the corpus's syllables, what is observed is their folded form,
and the best path is found by the Viterbi algorithm. A short list of everyday phrases stands in for what a
small corpus does not show, above all the words of questions.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from rag.vietnamese import WORD, fold, is_syllable, nfc, place_tones

COMPLETE = 0.4
"""Above this share of syllables with diacritics a question counts as fully written: about 7 in 10 of the
syllables of Vietnamese prose carry one, and hardly any proper question falls below half of that."""

_PAIR_WEIGHT = 0.8
"""How much the syllable before counts, against how frequent a spelling is by itself."""
_BACKGROUND_PAIRS = 2

Pairs = Sequence[tuple[str, str]]
"""Syllables, each with one that may follow it."""

PHRASES = """
là gì; cái gì; điều gì; việc gì; những gì; tên gì; tên là gì; nghĩa là gì; gọi là gì; làm gì; để làm gì
vì lý do gì; là ai; ai là; ai đã; do ai; bởi ai; của ai; với ai; cho ai; những ai; ông nào; người nào
cơ quan nào; đơn vị nào; ở đâu; từ đâu; đến đâu; tại đâu; nơi nào; địa điểm nào; tỉnh nào; thành phố nào
huyện nào; xã nào; nước nào; khi nào; lúc nào; bao giờ; ngày nào; tháng nào; năm nào; thời gian nào
thời điểm nào; vào ngày nào; vào năm nào; bao nhiêu; bao nhiêu người; bao lâu; bao xa; mấy người; mấy lần
có mấy; số lượng; tổng số; tỷ lệ; phần trăm; tại sao; vì sao; như thế nào; thế nào; ra sao; làm sao
bằng cách nào; cách nào; loại nào; nhóm nào; những nào; các; những; và; của; trong; được; có; không; cho
với; này; đó; khi; đã; đang; sẽ; từ; đến; về; theo; trên; dưới; một; hai; ba; bốn; năm; sáu; bảy; tám; chín
mười; trăm; nghìn; triệu; tỷ; đồng; thứ nhất; đầu tiên; cuối cùng; người; người dân; nhân dân; chính quyền
lãnh đạo; chủ tịch; bí thư; giám đốc; bộ trưởng; thủ tướng; đại biểu; diễn ra; tổ chức; hội nghị; tham gia
chủ trì; phát biểu; thực hiện; triển khai; nhiệm vụ; kết quả; kế hoạch; trước khi; sau khi; trong khi; nếu
nhưng; hoặc; hay; vì; nên; để; bởi; nhờ; giữa; cùng; cũng; rất; nhất; nhiều; ông; bà; anh; chị; em; họ
chúng ta; chúng tôi; tôi; bạn; mình; đồng chí; trường; lớp; công ty; dự án; sự kiện; ngày; tháng; năm; tuần
giờ; phút; sáng; trưa; chiều; tối; hôm nay; hôm qua; ngày mai; hiện nay; hiện tại; gần đây; xảy ra; bắt đầu
kết thúc; trở thành; được gọi là; được thành lập; được tổ chức; cho biết; nói gì; nhận được; thuộc về
việt nam; hà nội; thành phố hồ chí minh; đà nẵng; tỉnh; thành phố; quận; huyện; phường; xã; thôn
quốc phòng; quân sự
"""
"""Words of questions and everyday connections, written for this purpose."""


def surface(text: str) -> str:
    """The spelling restoration works with: composed, lower case, one tone placement."""
    return place_tones(nfc(text).lower())


class DiacriticRestorer:
    """Restores diacritics from counts of syllables and of neighbouring pairs.

    Args:
        forms: how often each syllable (in `surface` spelling) occurs.
        pair_counts: for pairs of syllables, how often each first is directly followed by its second.
    """

    def __init__(self, forms: Mapping[str, float], pair_counts: Callable[[Pairs], Sequence[float]]) -> None:
        self._pair_counts = pair_counts
        self._background: Counter[tuple[str, str]] = Counter()
        self._counts: defaultdict[str, float] = defaultdict(float, forms)
        for phrase in PHRASES.replace("\n", ";").split(";"):
            words = surface(phrase).split()
            for word in words:
                self._counts[word] += 1
            for pair in itertools.pairwise(words):
                self._background[pair] += _BACKGROUND_PAIRS
        self._spellings: defaultdict[str, list[str]] = defaultdict(list)
        self._total = sum(self._counts.values())
        for form in self._counts:
            if _marked(form):
                self._spellings[fold(form)].append(form)

    @classmethod
    def from_texts(cls, texts: Iterable[str]) -> DiacriticRestorer:
        """Count syllables and pairs in texts that carry their diacritics."""
        forms: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for text in texts:
            words = WORD.findall(surface(text))
            forms.update(words)
            pairs.update(itertools.pairwise(words))
        return cls(forms, lambda asked: [pairs[pair] for pair in asked])

    def restore(self, text: str) -> str:
        """Put diacritics on the syllables that lack them; everything else stays as it is.

        Syllables that already have a diacritic never change, and a text that carries its diacritics
        (more than `COMPLETE` of its syllables) is returned untouched. Case is kept.
        """
        composed = nfc(text)
        spans = [match.span() for match in WORD.finditer(composed)]
        words = [composed[start:end] for start, end in spans]
        marked = sum(map(_marked, words))
        if marked > COMPLETE * sum(_marked(word) or is_syllable(word) for word in words):
            return text
        path = self._best_path([self._candidates(word) for word in words])
        pieces: list[str] = []
        done = 0
        for (start, end), word, form in zip(spans, words, path, strict=True):
            pieces.append(composed[done:start])
            pieces.append(_with_case_of(word, form) if fold(word) == fold(form) else word)
            done = end
        restored = "".join(pieces) + composed[done:]
        return text if restored == composed else restored

    def _candidates(self, word: str) -> list[str]:
        plain = word.lower()
        if _marked(word):
            return [surface(word)]
        spellings = self._spellings.get(plain, []) if len(plain) == len(word) else []
        return [*spellings, plain] if spellings else [plain]

    def _best_path(self, columns: list[list[str]]) -> list[str]:
        """Viterbi: the likeliest sequence that takes one spelling from each column."""
        if not columns:
            return []
        follows = self._follows(columns)
        scores = [math.log(self._share(form)) for form in columns[0]]
        steps: list[list[int]] = []
        for before, column in itertools.pairwise(columns):
            after, back = [], []
            for form in column:
                alone = (1 - _PAIR_WEIGHT) * self._share(form)
                options = [
                    score + math.log(_PAIR_WEIGHT * follows[left, form] + alone)
                    for score, left in zip(scores, before, strict=True)
                ]
                step = max(range(len(options)), key=options.__getitem__)
                back.append(step)
                after.append(options[step])
            scores = after
            steps.append(back)
        index = max(range(len(scores)), key=scores.__getitem__)
        path = [columns[-1][index]]
        for column, back in zip(reversed(columns[:-1]), reversed(steps), strict=True):
            index = back[index]
            path.append(column[index])
        return path[::-1]

    def _share(self, form: str) -> float:
        """Share of a spelling among all syllables."""
        return (self._counts.get(form, 0.0) + 0.1) / self._total

    def _follows(self, columns: list[list[str]]) -> dict[tuple[str, str], float]:
        """For all spellings of neighbouring columns, the share of the second among what follows the first."""
        pairs = [
            pair
            for before, column in itertools.pairwise(columns)
            for pair in itertools.product(before, column)
        ]
        return {
            pair: (count + self._background.get(pair, 0)) / (self._counts.get(pair[0], 0.0) + 0.5)
            for pair, count in zip(pairs, self._pair_counts(pairs), strict=True)
        }


@lru_cache(maxsize=1 << 14)
def _marked(word: str) -> bool:
    """Whether a word carries any diacritic, of Vietnamese or not."""
    return fold(word) != word.lower()


def _with_case_of(word: str, form: str) -> str:
    """`DAK` and `đắk` make `ĐẮK`; a word and its form have the same length."""
    return "".join(new.upper() if old.isupper() else new for old, new in zip(word, form, strict=True))
