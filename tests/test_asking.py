"""What kind of answer a question wants."""

from __future__ import annotations

import pytest

from rag.asking import (
    asks_each,
    asks_what_happened,
    hint,
    kind_of,
    wants_more,
    wants_people,
    wants_writing,
)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Ai chủ trì hội nghị?", "who"),
        ("ai chu tri hoi nghi", "who"),
        ("Who chaired the Hà Tĩnh 2023 review?", "who"),
        ("Hội nghị diễn ra vào ngày nào?", "when"),
        ("Quy chế thuộc giai đoạn nào?", "when"),
        ("On what date was it held?", "when"),
        ("Có bao nhiêu tập thể được khen?", "how many"),
        ("How many collectives were honoured?", "how many"),
        ("Hội nghị tổ chức ở đâu?", "where"),
        ("Theo nghị định số bao nhiêu?", "other"),
        ("Vì sao ai cũng khen?", "other"),
        ("How did it end?", "other"),
        ("Những ai dự hội nghị?", "other"),
        ("Mấy đơn vị được khen?", "how many"),
        ("May don vi duoc khen?", "how many"),
        ("Hội nghị bắt đầu lúc mấy giờ?", "when"),
        ("Hoi nghi bat dau luc may gio?", "when"),
        # `máy` and `may` are no `mấy`, and a clause with `when` asks for no time.
        ("Máy tính nào được mua?", "other"),
        ("Rủi may của họ là gì?", "other"),
        ("What may be bought?", "other"),
        ("Who was the leader when the city fell?", "who"),
        ("When people meet, what do they say?", "other"),
        ("When exactly was it signed?", "when"),
        ("And when?", "when"),
        ("When's the match?", "when"),
        ("Tell me when the bridge opened", "when"),
        ("Cuộc thi diễn ra vào tháng mấy?", "when"),
        ("Cuộc thi diễn ra vào tháng mấy năm 2023?", "when"),
        ("Họp ngày mấy tháng mấy?", "when"),
        ("Đại hội lần thứ mấy diễn ra ở Hà Nội?", "other"),
        ("Quốc hội khóa mấy bầu ông?", "other"),
        ("Nha may thuy dien nam o dau?", "where"),
        ("Xe may nay ten gi?", "other"),
        ("", "other"),
    ],
)
def test_the_kind_is_told_by_its_words(question: str, kind: str) -> None:
    assert kind_of(question) == kind


def test_the_hint_is_in_the_language_of_the_question() -> None:
    assert hint("Ai chủ trì?", "vi") == "tên người, chức vụ"
    assert hint("Who chaired it?", "en") == "name and office of the person"
    assert hint("Qui a présidé ?", "fr") == ""


@pytest.mark.parametrize(
    ("question", "more"),
    [
        ("Vì sao hội nghị bị hoãn?", True),
        ("Những xã nào được khen?", True),
        ("Which districts were praised?", True),
        ("How was it done?", True),
        ("How many communes took part?", False),
        ("Ai chủ trì hội nghị?", False),
        ("Giải nhất là gì?", False),
        ("Ông An giu chuc vu gi?", False),
        ("Các giải pháp là gì?", True),
        ("Cho biết những điểm chính.", True),
        ("Sao giá vàng tăng?", True),
        ("Hai người bị thương là ai?", True),
        ("Bài viết nói về gì?", True),
        ("Name three provinces.", True),
        ("What led to the fire?", True),
        ("Ai gia nhập câu lạc bộ?", False),
        ("Ai dự đoán giá vàng tăng?", False),
        ("Hãy cho biết ai trao hơn 500 suất quà?", False),
        ("Nêu tên chủ tịch tỉnh.", False),
        ("Bà Trần Thị Mận là ai?", False),
        ("Năm 2023 tỉnh nào tổ chức hội nghị?", False),
        ("How many reasons are listed?", False),
        ("Nội dung chính của hội nghị là gì?", True),
        ("Tell me about the conference.", True),
        ("So sánh số đại biểu ở Hà Tĩnh và Đắk Nông.", True),
        ("Tóm tắt bài viết", True),
        ("Nêu ba nhiệm vụ của tỉnh.", True),
        ("Nếu trời mưa thì ai chủ trì?", False),
        ("Lý do hoãn hội nghị là gì?", True),
        ("Ai dự hội nghị Hà Tĩnh?", True),
        ("Những ai dự hội nghị?", True),
        ("Ở Hà Tĩnh hay Đắk Nông có nhiều đại biểu hơn?", True),
        ("Các đại biểu ở Thanh Hóa tán thành bao nhiêu nhiệm vụ?", False),
        ("Nhưng lúc đó ai chủ trì?", False),
        ("What were the main results?", True),
        ("Which three colonels chaired it?", True),
        ("Describe the festival.", True),
        ("How tall is the tower?", False),
        ("What was the name of the ship?", False),
    ],
)
def test_why_how_and_lists_want_more_than_a_span(question: str, more: bool) -> None:
    assert wants_more(question) is more


@pytest.mark.parametrize(
    ("question", "writing"),
    [
        ("So sánh hội nghị của Huế và Vinh.", True),
        ("Bạn hãy tóm tắt hội nghị ở Huế", True),
        ("tom tat hoi nghi o Hue", True),
        ("Hai hội nghị khác nhau như thế nào?", True),
        ("Cho tôi biết tổng quan về hội nghị", True),
        ("Bài này nói gì?", True),
        ("Compare the two festivals.", True),
        ("Could you summarise the festival?", True),
        ("What is the difference between Huế and Vinh?", True),
        ("Tell me about the festival.", True),
        ("Vì sao trống vang?", False),
        ("Kể tên các trường dự hội.", False),
        ("Bản tóm tắt nói gì về trường?", False),
        ("Đội nào gồm nhiều người khác nhau?", False),
        ("What is also used to describe Huế?", False),
        ("Chuyện gì diễn ra ở Huế ngày 5/9?", False),
        ("Tell me who spoke.", False),
        ("List the schools.", False),
    ],
)
def test_a_comparison_or_a_summary_has_to_be_written(question: str, writing: bool) -> None:
    assert wants_writing(question) is writing


@pytest.mark.parametrize(
    ("question", "happened"),
    [
        ("Chuyện gì diễn ra ở Huế ngày 5/9?", True),
        ("What happened in Huế in 2021?", True),
        ("Điều gì xảy ra với phi hành đoàn?", False),
        ("Ai họp ở Huế?", False),
    ],
)
def test_a_question_may_ask_what_happened_somewhere(question: str, happened: bool) -> None:
    assert asks_what_happened(question) is happened


@pytest.mark.parametrize(
    ("question", "people"),
    [
        ("Ai họp?", True),
        ("Những đồng chí nào họp?", True),
        ("Who met?", True),
        ("Tỉnh nào họp?", False),
        ("Họp ngày nào?", False),
    ],
)
def test_a_question_may_ask_for_people(question: str, people: bool) -> None:
    assert wants_people(question) is people


@pytest.mark.parametrize(
    ("question", "each"),
    [
        ("Những tỉnh nào họp năm 2022?", True),
        ("nhung hoi nghi nao co Quan khu 4 du", True),
        ("Which provinces held an exercise?", True),
        ("Những bài viết nào nói về dân quân?", True),
        ("Tỉnh nào họp đầu tiên?", False),
        ("Những ai họp?", False),
        ("Which province was first?", False),
        ("Những tỉnh thành tham dự có gì mới?", False),
    ],
)
def test_a_question_may_ask_which_of_the_articles_something_holds_of(question: str, each: bool) -> None:
    assert asks_each(question) is each
    assert wants_more(question) or not each
