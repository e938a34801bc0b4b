import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Sáng 3-1, tại TP. Vinh có hội nghị.", "Đại biểu đến từ 6 tỉnh."],
        ["GS.TS. Trần Minh và PGS. Lê Hoa chủ trì.", "ThS. Vũ Lan trình bày."],
        ["Bà học ở Tr. Đại học Vinh, Q. 1, P. Bến Nghé.", "Nhà bà ở Q.1 và TX. Sông Cầu."],
        ["Tăng 2,5% so với năm 2022.", "Đạt 1.250 tỷ đồng.", "Vốn là 3.5 tỷ."],
        ["Họp từ 3-1 đến 8/12.", "Ngày 3. 1. 2023 ký kết."],
        ["Anh Nguyễn Văn A. Trần khai báo.", "Chị N.T.H. Lan có mặt."],
        ["Nhà chức trách đã hỏi anh Nguyễn Văn A.", "Theo đó, anh nhận lỗi."],
        ["Việc bảo vệ rừng... được làm tốt.", "Còn nhiều việc…", "Hết rồi… nhé!"],
        ["Có lúa, ngô, khoai, v.v. và sắn.", "Có cá, tôm, v.v.", "Ngoài ra có muối."],
        ["Ông nói: “Phải làm ngay.”", "Mọi người vỗ tay."],
        ["“Sao thế?” bà hỏi.", '"Không." ông đáp.', "(Ảnh chụp sáng nay.)", "Hết."],
        ["Mục tiêu là 16 xã.", "16 tập thể được khen."],
        ["Thật vậy sao?!", "Vâng!"],
        ["Hội nghị kết thúc.", "- Tôi đồng ý."],
        ["Trong ao có hoa sen.", "Hội nghị bàn về sen."],
        ["Mr. Smith met Dr. J. Doe, e.g. in the U.S. Senate.", "He left the U.S.", "The end came."],
        ["No. 5 is here.", "Is it?", "No.", "They left at 5 p.m.", "Etc."],
        ["See Fig. 3 for details.", "Acme Inc. said so.", "It did."],
        ["Jacques Lefevre (c. 1455–1536) lived then.", "He wrote."],
        ["It works [1].", "Fine.[2]", "Done."],
    ],
)
def test_sentences_end_where_they_end(expected: list[str]):
    assert sentences(" ".join(expected)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天天气很好。我们去吧！“好的。”他说", ["今天天气很好。", "我们去吧！", "“好的。”", "他说"]),
        ("「行こう。」と言った。はい", ["「行こう。」と言った。", "はい"]),
        ("هل أنت بخير؟ نعم.", ["هل أنت بخير؟", "نعم."]),
        ("यह है। वह है॥", ["यह है।", "वह है॥"]),
        ("« Oui ! » dit-il. Non.", ["« Oui ! » dit-il.", "Non."]),
        ("…bế mạc hội nghị.Trung tướng đến.", ["…bế mạc hội nghị.", "Trung tướng đến."]),
        ("Xem baothanhhoa.vn và Next.js, TP.Vinh.", ["Xem baothanhhoa.vn và Next.js, TP.Vinh."]),
        ("Kết quả năm 2022\n\nLàm tốt", ["Kết quả năm 2022", "Làm tốt"]),
        ("Đề mục\n- một\n- hai\n1. ba\n2. Bốn", ["Đề mục", "- một", "- hai", "1. ba", "2. Bốn"]),
        ("một dòng bị\nngắt giữa chừng", ["một dòng bị\nngắt giữa chừng"]),
        ("trời mưa to ở trường. tôi về nhà.", ["trời mưa to ở trường.", "tôi về nhà."]),
        ("Xong.\r\n\r\nMới", ["Xong.", "Mới"]),
        ("", []),
        (" \n\t ", []),
        ("... ! ?", ["... ! ?"]),
    ],
)
def test_other_scripts_layouts_and_oddities(text: str, expected: list[str]):
    assert sentences(text) == expected


reproducible = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

_PIECES = """TP. GS.TS. A. 3-1 2,5% 1. … ... ? ! 。 “ ” " ( ) » [1] Hội nghị the The đ Đ : ,"""
pieces = st.sampled_from([*_PIECES.split(), " ", "\n", "\r\n", "\u2028", "\u00a0", "- ", "\ud800"])


@reproducible
@given(st.text() | st.lists(pieces).map("".join))
def test_spans_are_ordered_trimmed_and_cover_every_visible_character(text: str):
    previous = 0
    for start, end in sentence_spans(text):
        assert previous <= start < end <= len(text)
        assert text[previous:start].strip() == ""
        assert text[start:end] == text[start:end].strip()
        previous = end
    assert text[previous:].strip() == ""


@pytest.mark.parametrize(
    "piece",
    [". ", "a.", '..." ', "\n", "A. ", "“", "! »", ".'", "[1]", ".[1", "- ", "a. - ", "\n ", "TP. ", "。”"],
)
@pytest.mark.timeout(120)  # Quadratic work would take many minutes.
def test_no_text_takes_forever(piece: str):
    text = "x " + piece * 200_000
    spans = sentence_spans(text)
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text.rstrip())
