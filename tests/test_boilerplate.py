from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.boilerplate import strip_page
from rag.metadata import Metadata

reproducible = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

BODY = [
    "Sáng 5/5, xã An Bình khai mạc chợ phiên với 120 gian hàng.",
    "Bà Lê Thị Hoa, Chủ tịch xã, cho biết doanh thu năm ngoái đạt 2,5 tỷ đồng. Xã sẽ mở thêm 3 chợ.",
    "Phát biểu tại lễ khai mạc, ông Trần Văn Lộc – Phó Chủ tịch huyện khen ngợi bà con.",
]


def body_of(*paragraphs: str) -> list[str]:
    return strip_page(["Chợ phiên An Bình", *paragraphs], Metadata())[1]


def test_head_and_foot_of_a_page_are_read_and_taken_off():
    found, body = strip_page(
        [
            "En",
            "Trang chủ > Thời sự",
            "Chợ phiên An Bình",
            "12:09, 08/09/2022",
            *BODY,
            "Lan Chi - Hùng Sơn",
            "(Đài xã)",
            "Nguồn An Bình: http://baoanbinh.vn/1.htm",
            "2,029",
            "Viết bình luận mới",
        ],
        Metadata(),
    )
    assert body == BODY
    assert found == Metadata(
        title="Chợ phiên An Bình",
        published="2022-09-08",
        time="12:09",
        outlet="Báo An Bình",
        author="Lan Chi - Hùng Sơn",
        url="http://baoanbinh.vn/1.htm",
    )


def test_a_date_before_the_title_on_one_line():
    found, body = strip_page(["date 2023-01 Chợ phiên An Bình", *BODY], Metadata())
    assert (found.title, found.published, body) == ("Chợ phiên An Bình", "2023-01", BODY)


def test_short_lines_below_the_byline_are_the_page_whatever_they_say():
    found, body = strip_page(["Chợ phiên", *BODY, "Tin, ảnh: Khánh Vy", "Góc bạn đọc", "Hộp thư"], Metadata())
    assert (found.author, body) == ("Khánh Vy", BODY)


def test_headlines_of_other_stories_are_cut():
    others = ["Tin liên quan", "Giá lúa tăng 5% ở các xã vùng cao", "Bão số 3 đổi hướng, gió giật cấp 9"]
    found, body = strip_page(["Chợ phiên", *BODY, "Lan Chi", *others], Metadata())
    assert (found.author, body) == ("Lan Chi", BODY)


def test_sentences_below_such_a_heading_stay():
    told = "Tin liên quan đã được xác minh: chợ mở 3 ngày."
    assert body_of(*BODY, "Tin liên quan", told) == [*BODY, told]


def test_a_doubled_lead_is_kept_once():
    assert body_of(BODY[0], *BODY) == BODY


def test_a_caption_that_repeats_itself_or_a_sentence_goes():
    caption = "Bà Lê Thị Hoa, Chủ tịch xã, cho biết doanh thu năm ngoái đạt 2,5 tỷ đồng"
    own = "Ông Lộc trao quà cho 12 hộ nghèo"
    assert body_of(BODY[0], caption, BODY[1], own, own, BODY[2]) == [BODY[0], BODY[1], own, BODY[2]]


def test_a_caption_that_turns_a_sentence_around_goes():
    caption = "Ông Trần Văn Lộc – Phó Chủ tịch huyện phát biểu tại lễ khai mạc."
    assert body_of(*BODY[:2], caption, BODY[2]) == BODY


def test_a_caption_with_a_fact_of_its_own_stays():
    for caption in (
        "Ông Trần Văn Lộc – Phó Chủ tịch tỉnh phát biểu tại lễ khai mạc.",
        "Ông Trần Văn Lộc – Phó Chủ tịch huyện phát biểu tại lễ bế mạc.",
        "Bà Lê Thị Hoa, Chủ tịch xã, cho biết doanh thu năm ngoái đạt 2,6 tỷ đồng",
        "Toàn cảnh chợ phiên với 120 gian hàng của 14 xã.",
        "Toàn cảnh xã An Bình.",
    ):
        assert caption in body_of(BODY[0], caption, *BODY[1:])


def test_a_contradiction_is_no_repetition():
    plain, negated = (
        "Xã sẽ mở thêm ba chợ mới trong năm nay.",
        "Sau đó xã sẽ không mở thêm ba chợ mới trong năm nay.",
    )
    assert body_of(BODY[0], plain, BODY[1], negated) == [BODY[0], plain, BODY[1], negated]


def test_captions_that_say_nothing_go():
    assert body_of(BODY[0], "Toàn cảnh lễ khai mạc.", "Ảnh minh họa", "(Ảnh: Khánh Vy)", *BODY[1:]) == BODY


def test_names_at_the_end_of_a_list_of_names_are_no_byline():
    names = ["Danh sách được khen gồm:", "Trần Lam", "Lê Hoa", "Vũ Sơn"]
    found, body = strip_page(["Chợ phiên", *BODY, *names], Metadata())
    assert (found.author, body) == ("", [*BODY, *names])


def test_what_was_told_outside_the_text_is_never_overruled():
    told = Metadata(title="Tên", author="Khánh Vy", published="2022-01-02")
    found, body = strip_page(["Tên", "08/09/2022", *BODY, "Lan Chi"], told)
    assert found == told
    assert body == [*BODY, "Lan Chi"]


def test_a_first_sentence_is_no_title():
    found, body = strip_page(BODY, Metadata())
    assert (found.title, body) == ("", BODY)


@reproducible
@given(
    st.lists(
        st.sampled_from([*BODY, "En", "2,029", "Lan Chi", "Tin liên quan", "", "—", "(a)", "x"]) | st.text()
    )
)
def test_nothing_is_added_and_the_order_stays(paragraphs: list[str]):
    _, body = strip_page(paragraphs, Metadata(title="Tên"))
    rest = iter(paragraphs)
    assert all(line in rest for line in body)
