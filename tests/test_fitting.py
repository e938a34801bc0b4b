"""An answer must be of the kind that was asked for, where that can be told."""

from __future__ import annotations

import pytest

from rag.fitting import fits, fits_span, holder
from rag.types import Passage

LED = "Chủ trì là ông Hồ Văn Mười, Chủ tịch UBND tỉnh, Phó Bí thư Tỉnh ủy; 16 tập thể được khen."


@pytest.mark.parametrize(
    ("question", "answer", "fitting"),
    [
        ("Có bao nhiêu tập thể được khen?", "16 tập thể", True),
        ("Có bao nhiêu tập thể được khen?", "mười sáu", True),
        ("Có bao nhiêu xã tham gia?", "phần lớn các xã", True),
        ("Có bao nhiêu người trên tàu?", "không người lái", True),
        ("Có bao nhiêu phiếu tán thành?", "Đảng ủy Quân sự tỉnh", False),
        ("Có bao nhiêu huyện ký kết?", "các", False),
        ("How many districts signed?", "the party committees", False),
        ("How many districts signed?", "half of them", True),
        ("Ai là Bí thư Tỉnh ủy?", "Hồ Văn Mười", False),
        ("Ai là Phó Bí thư Tỉnh ủy?", "Hồ Văn Mười", True),
        ("Ai là Chủ tịch UBND tỉnh?", "ông Hồ Văn Mười", True),
        ("Who is the chairman of the People's Committee?", "Hồ Văn Mười", True),
        ("Who is the director of the police?", "Hồ Văn Mười", False),
        # Nobody of whom the source tells an office, and questions about something else.
        ("Ai là Bí thư Tỉnh ủy?", "Lê Văn Diện", True),
        ("Ai chủ trì hội nghị?", "Hồ Văn Mười", True),
        ("Máy tính nào được mua?", "máy bàn", True),
    ],
)
def test_near_misses_do_not_fit(question: str, answer: str, fitting: bool) -> None:
    assert fits(question, answer, LED) is fitting


def test_number_words_of_other_languages_are_not_known() -> None:
    source = "La conférence réunit deux cents délégués dans la grande salle de la ville."
    assert fits("Có bao nhiêu đại biểu?", "deux cents", source)


COUNTED = (
    "Cuộc họp có 6 tỉnh tham gia. Dự án cần 20 tỷ đồng; 16 tập thể được khen, 40 đến 50 nghìn người xem."
)


@pytest.mark.parametrize(
    ("question", "span", "fitting"),
    [
        ("Có bao nhiêu đại biểu tham gia?", "6", False),
        ("Có bao nhiêu tỉnh tham gia?", "6", True),
        ("Có bao nhiêu địa phương tham gia?", "6", False),
        ("Có bao nhiêu người tham gia?", "6", True),  # the source knows people: the reader decides
        ("How many soldiers took part?", "16", False),
        ("How many people watched?", "40 đến 50 nghìn", True),
        ("How many widgets took part?", "16", True),  # no translation is known
        ("Kinh phí của dự án là bao nhiêu?", "20 tỷ đồng", True),
        ("Kinh phí của dự án là bao nhiêu?", "20", True),
        ("Kinh phí của dự án là bao nhiêu?", "16", False),
        ("How much did the project cost?", "16 tập thể", False),
    ],
)
def test_a_number_counts_what_is_asked_for(question: str, span: str, fitting: bool) -> None:
    at = COUNTED.index(span)
    assert fits_span(question, _passage(COUNTED), at, at + len(span)) is fitting


def test_the_holder_of_an_office_is_found_beside_others() -> None:
    text = "Trung tướng Hà Thọ Bình, Tư lệnh Quân khu 4, chủ trì. Dự có Trần Võ Dũng, Chính ủy Quân khu 4."
    passage = _passage(text, (0, 53), (54, len(text)))
    found = holder("Ai là Chính ủy Quân khu 4?", [passage])
    assert found is not None
    assert text[found[1] : found[2]] == "Trần Võ Dũng"
    assert holder("Ai là Chính ủy Quân khu 5?", [passage]) is None
    assert holder("Ai là Tham mưu trưởng Quân khu 4?", [passage]) is None
    assert holder("Ai chủ trì?", [passage]) is None


def _passage(text: str, *sentences: tuple[int, int]) -> Passage:
    return Passage("1", "a.md", 0, len(text), text, 0.9, 0.9, 0.9, sentences=sentences)


@pytest.mark.parametrize(
    ("question", "fitting"),
    [
        ("Hội nghị về nhiệm vụ năm 2025 diễn ra ngày nào?", False),
        ("Hội nghị về nhiệm vụ năm 2023 diễn ra ngày nào?", True),
        ("Hội nghị năm 2022 diễn ra ngày nào?", True),  # the year stands in the text: the reader decides
        ("Đề án giai đoạn 2021-2025 được bàn ngày nào?", True),
        ("Hội nghị diễn ra ngày nào?", True),
    ],
)
def test_what_happened_in_another_year_does_not_fit(question: str, fitting: bool) -> None:
    first = "Sáng 11/1/2023, tỉnh mở hội nghị về nhiệm vụ năm 2023."
    text = f"{first} Năm 2022, đề án giai đoạn 2021-2025 được duyệt."
    passage = _passage(text, (0, len(first)), (len(first) + 1, len(text)))
    assert fits_span(question, passage, 5, 14) is fitting
