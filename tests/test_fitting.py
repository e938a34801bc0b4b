"""An answer must be of the kind that was asked for, where that can be told."""

from __future__ import annotations

import pytest

from rag.fitting import fits, fits_span, holder
from rag.sentences import sentence_spans
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
        ("Ai là vợ của Bí thư Tỉnh ủy?", "Hồ Văn Mười", True),
        ("Bí thư Tỉnh ủy thăm gia đình nào?", "Hồ Văn Mười", True),
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
    "Cuộc họp có 6 tỉnh tham gia. Dự án cần 20 tỷ đồng, từ 30 đến 40 tỷ nếu chậm; vé vào cổng miễn phí. "
    "Sau đó 16 tập thể và 48 cá nhân được khen, 40 đến 50 nghìn người xem, 45 chiến sĩ canh gác, 12 hộ nghèo."
)


@pytest.mark.parametrize(
    ("question", "span", "fitting"),
    [
        ("Có bao nhiêu đại biểu tham gia?", "6", False),
        ("Có bao nhiêu người tham gia?", "6 tỉnh", False),
        ("How many soldiers took part?", "16", False),
        ("Có bao nhiêu tỉnh tham gia?", "6", True),
        # The same in other words: the reader decides.
        ("Có bao nhiêu địa phương tham gia?", "6", True),
        ("Có bao nhiêu bộ đội canh gác?", "45", True),
        ("Có bao nhiêu người được khen?", "48", True),
        ("How many people watched?", "40 đến 50 nghìn", True),
        ("How many new widgets took part?", "16", True),
        ("Kinh phí của dự án là bao nhiêu?", "20 tỷ đồng", True),
        ("Kinh phí của dự án là bao nhiêu?", "20", True),
        ("Kinh phí của dự án là bao nhiêu?", "30", True),
        ("Kinh phí của dự án là bao nhiêu?", "45", False),
        ("How much did the project cost?", "45", False),
        ("Vé vào cổng giá bao nhiêu?", "miễn phí", True),
        ("Bao nhiêu hộ được hỗ trợ kinh phí?", "12", True),
    ],
)
def test_a_number_counts_what_is_asked_for(question: str, span: str, fitting: bool) -> None:
    at = COUNTED.index(span)
    assert fits_span(question, _passage(COUNTED), at, at + len(span)) is fitting


TOLD = (
    "Trung tướng Hà Thọ Bình, Tư lệnh Quân khu 4, chủ trì.",
    "Dự có Trần Võ Dũng, Chính ủy Quân khu 4, và Lê Văn Bình, Chính ủy Quân khu 5.",
    "Bà Trần Thị Cường, Giám đốc Sở Giáo dục, và ông Lê Văn Nam, Giám đốc Sở Y tế, phát biểu.",
    "Chủ tịch UBND tỉnh Đắk Nông Hồ Văn Mười trao quà.",
)


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Ai là Tư lệnh Quân khu 4?", "Hà Thọ Bình"),
        ("Ai là Chính ủy Quân khu 4?", "Trần Võ Dũng"),
        ("Who is the commander of Military Region 4?", "Hà Thọ Bình"),
        ("Ai là Giám đốc Sở Y tế?", "Lê Văn Nam"),
        ("Ai là Chủ tịch UBND tỉnh Đắk Nông?", "Hồ Văn Mười"),
        ("Ai là Chủ tịch UBND huyện Đắk Mil?", ""),
        ("Ai là Chính ủy Quân khu 7?", ""),
        ("Ai là Tham mưu trưởng Quân khu 4?", ""),
        ("Who is the director of the department of transport?", ""),
        ("Ai chủ trì?", ""),
        ("Ai là vợ của Tư lệnh Quân khu 4?", ""),
        ("Tư lệnh Quân khu 4 nhậm chức ngày nào?", ""),
    ],
)
def test_only_the_holder_of_just_that_office_is_taken(question: str, name: str) -> None:
    text, spans = "", []
    for sentence in TOLD:
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + " "
    found = holder(question, [_passage(text, *spans)])
    assert (text[found[1] : found[2]] if found else "") == name


def _passage(text: str, *sentences: tuple[int, int]) -> Passage:
    return Passage("1", "a.md", 0, len(text), text, 0.9, 0.9, 0.9, sentences=sentences)


def test_a_number_a_place_or_a_body_holds_no_office() -> None:
    text = "Bộ Tư lệnh Quân khu 1 họp với 6 tỉnh Đông Bắc; Chính ủy Lê Văn An ký."
    asked = "Ai giữ chức Chính ủy Quân khu 1?"
    for span, fitting in (("6 tỉnh Đông Bắc", False), ("Bộ Tư lệnh", False), ("Lê Văn An", True)):
        at = text.index(span)
        assert fits_span(asked, _passage(text), at, at + len(span)) is fitting
    at = text.index("6 tỉnh Đông Bắc")
    assert fits_span("Ai họp với Bộ Tư lệnh Quân khu 1?", _passage(text), at, at + 15)


TIMES = (
    "Ông Lê Văn An (1961) quê ở Vinh. Cuộc họp mở lúc 8 giờ ngày 3/1/2023 tại Vinh. Bà Mận nói lúc 9 giờ. "
    "Bà sinh ngày 2/2/1970. Trần Bình, 45 tuổi, trao 12 cờ. Hội mở vào rằm tháng giêng."
)


@pytest.mark.parametrize(
    ("question", "span", "fitting"),
    [
        ("Bà Mận nói ngày nào?", "9 giờ", False),
        ("Cuộc họp mở ngày nào?", "3/1/2023", True),
        ("Cuộc họp mở ngày nào?", "8 giờ", True),  # its sentence has a date
        ("Hội mở ngày nào?", "rằm tháng giêng", True),
        ("Cuộc họp mở lúc mấy giờ?", "Vinh. Bà", True),
        ("Trần Bình trao cờ năm nào?", "tuổi", True),
        ("Lê Văn An sinh năm nào?", "1961", True),
        ("Lê Văn An sinh ngày nào?", "3/1/2023", True),  # the sentence before has a year in brackets
        ("Trần Bình sinh năm nào?", "12", True),
        ("Bà Mận bao nhiêu tuổi?", "9 giờ", False),
        ("How old is Trần Bình?", "45", True),
        ("When was Mận born?", "9 giờ", False),
        ("When was Mận born?", "2/2/1970", True),
    ],
)
def test_a_time_of_another_sort_and_a_date_beside_a_name_do_not_fit(
    question: str, span: str, fitting: bool
) -> None:
    at = TIMES.index(span)
    spans = tuple(sentence_spans(TIMES))
    told = Passage("p", "a.md", 0, len(TIMES), TIMES, 0.5, 0.5, 0.5, sentences=spans)
    assert fits_span(question, told, at, at + len(span)) is fitting
