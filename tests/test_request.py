"""The question in a request."""

import pytest

from rag.request import as_question


@pytest.mark.parametrize(
    ("request_", "question"),
    [
        ("Cho tôi biết ai trao cờ ở Huế", "Ai trao cờ ở Huế?"),
        ("Bạn có thể cho tôi biết ai trao cờ ở Huế không?", "Ai trao cờ ở Huế?"),
        ("Anh có thể nói cho tôi biết Huế có bao nhiêu phường không?", "Huế có bao nhiêu phường?"),
        ("Xin hỏi ai trao cờ ở Huế ạ?", "Ai trao cờ ở Huế?"),
        ("chào bạn, cho mình hỏi lễ hội Huế mở ngày nào nhỉ?", "Lễ hội Huế mở ngày nào?"),
        ("Ai trao cờ ở Huế vậy ạ?", "Ai trao cờ ở Huế?"),
        ("Mình muốn biết người trao cờ ở Huế", "Người trao cờ ở Huế là ai?"),
        ("Cho tôi biết dân số Huế", "Dân số Huế là bao nhiêu?"),
        ("Cho biết ngày khai mạc lễ hội Huế", "Ngày khai mạc lễ hội Huế là khi nào?"),
        ("Kể tên các đồng chí trao cờ ở Huế.", "Các đồng chí trao cờ ở Huế là ai?"),
        ("Hãy liệt kê giúp tôi các món ăn của Huế với", "Các món ăn của Huế là gì?"),
        ("Nêu lý do Huế mở lễ hội", "Lý do Huế mở lễ hội?"),
        ("Tell me who carried the flag in Huế.", "Who carried the flag in Huế?"),
        ("Could you please tell me where the flag was, please?", "Where the flag was?"),
        ("I would like to know which schools took part.", "Which schools took part?"),
        ("Please list all the schools that won in Huế.", "What are the schools that won in Huế?"),
        ("Name the speakers of the Huế festival.", "Who are the speakers of the Huế festival?"),
        ("Give me the names of the people who spoke, please", "Who are the people who spoke?"),
        ("Tell me the date of the Huế festival", "What is the date of the Huế festival?"),
        ("Bạn có thể liệt kê các trường tham gia không?", "Các trường tham gia là gì?"),
        ("Có thể cho tôi biết Huế có ký kết với Vinh không?", "Huế có ký kết với Vinh không?"),
        ("Cho tôi biết “lễ hội đọc sách”", "“lễ hội đọc sách” là gì?"),
        ("Cho mình hỏi chút ai trao cờ ở Huế", "Ai trao cờ ở Huế?"),
        ("Nêu tên và chức vụ người trao cờ", "Tên và chức vụ người trao cờ là gì?"),
        ("Nêu ngắn gọn kết quả lễ hội Huế", "Kết quả lễ hội Huế là gì?"),
        ("Cho tôi biết tổng giám đốc công ty", "Tổng giám đốc công ty là ai?"),
        ("Cho tôi biết vị trí của trường", "Vị trí của trường là gì?"),
        ("Tell me the number of people who came", "What is the number of people who came?"),
        ("Tell me the official reason", "What is the official reason?"),
        ("Give me a list of the schools in Huế", "What are the schools in Huế?"),
    ],
)
def test_a_request_is_put_as_its_question(request_: str, question: str) -> None:
    assert as_question(request_) == question
    assert as_question(question) == question


@pytest.mark.parametrize(
    ("request_", "question"),
    [
        ("cho minh hoi ai trao cờ ở Huế", "Ai trao cờ ở Huế?"),
        ("kế ten cac đồng chí trao cờ ở Huế", "Cac đồng chí trao cờ ở Huế là ai?"),
        ("ban có thể cho minh biết lễ hội ở đâu khong", "Lễ hội ở đâu?"),
        ("liet kế giúp tôi các món ăn của Huế", "Các món ăn của Huế là gì?"),
    ],
)
def test_a_request_typed_without_diacritics_may_be_half_restored(request_: str, question: str) -> None:
    assert as_question(request_, typed_plain=True) == question


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ai trao cờ ở Huế?",
        "Chị cho biết điều gì về con trai?",
        "Ông Mười cho biết những gì?",
        "Nếu Huế thắng thì ai được khen?",
        "Cho tôi biết thêm về lễ hội Huế",
        "Kể về lễ hội ở Huế",
        "Kể từ năm 2005 ai trao cờ?",
        "Điểm số của trận chung kết là bao nhiêu?",
        "Ai đến từ Tây Ban Nha?",
        "Ai hợp tác với ai?",
        "lễ hội Huế",
        "Tell me about Huế",
        "Give me a summary of the Huế festival",
        "Do you know Huế?",
        "Name of the speaker in Huế?",
        "State budget of Huế?",
        "What is the list of schools?",
        "Tôi muốn hỏi ?",
        "Cho mình hỏi 🙂",
        "Kể cho tôi nghe về lễ hội Huế",
        "Ai gửi lời cảm ơn?",
        "Ai là bạn?",
        "Ai sinh ra ở làng Nhỉ?",
        "List of units?",
        "Tell me your name",
        "Comment faire un gâteau, s'il vous plaît ?",
        "Ai" + " " * 4000 + "trao cờ",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert as_question(text) == text
