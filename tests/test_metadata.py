import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.errors import ArticleError
from rag.front_matter import split_front_matter
from rag.metadata import Metadata, Moment, outlet_of, read_byline, read_moment, read_source, told_place

reproducible = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("line", "published", "time"),
    [
        ("Cập nhật ngày: 08/12/2022 | 16:53 GMT+7", "2022-12-08", "16:53"),
        ("12:09, 08/09/2022", "2022-09-08", "12:09"),
        ("Thứ Ba, ngày 26 tháng 12 năm 2023 - 7h05", "2023-12-26", "07:05"),
        ("Thứ hai, 26/12/2023 17:05 (GMT+7)", "2023-12-26", "17:05"),
        ("2023-01", "2023-01", ""),
        ("01/2023", "2023-01", ""),
        ("Tháng 1 năm 2023", "2023-01", ""),
        ("2024-05-06T07:30:00+07:00", "2024-05-06", "07:30"),
        ("2024-05-06T07:30:00.000Z", "2024-05-06", "07:30"),
        ("Published: December 8, 2022 at 4:53 PM", "2022-12-08", "16:53"),
        ("8 Dec 2022", "2022-12-08", ""),
        ("12/26/2023", "2023-12-26", ""),
        ("8.12.2022", "2022-12-08", ""),
    ],
)
def test_a_date_line_gives_its_date_and_time(line: str, published: str, time: str):
    assert read_moment(line) == Moment(published, time)


@pytest.mark.parametrize(
    "line",
    [
        "Chiều 26/12",
        "Sáng 3-1-2023, tại Vinh",
        "30/02/2023",
        "13/2023",
        "12:09",
        "25:61, 08/09/2022",
        "2021-2025",
        "Giai đoạn 2021-2025",
        "Năm 2023",
        "08/09/2022 Báo Làng",
        "",
    ],
)
def test_no_date_is_made_up(line: str):
    assert read_moment(line) is None


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("Trần Lam", "Trần Lam"),
        ("Lan Chi - Hùng Sơn", "Lan Chi - Hùng Sơn"),
        ("Văn Lộc – Anh Thư", "Văn Lộc – Anh Thư"),
        ("Tin, ảnh: Khánh Vy", "Khánh Vy"),
        ("Bài và ảnh: KHÁNH VY", "KHÁNH VY"),
        ("Tác giả: T. Hằng, Lê Q. Huy", "T. Hằng, Lê Q. Huy"),
        ("By Jane O'Neil and Ann Lee", "Jane O'Neil and Ann Lee"),
    ],
)
def test_a_byline_names_its_author(line: str, author: str):
    assert read_byline(line) == author


@pytest.mark.parametrize(
    "line",
    [
        "Hà Nội",
        "Việt Nam",
        "Tin xem nhiều",
        "Ảnh: Khánh Vy",
        "Ông Trần Lam phát biểu.",
        "KẾT LUẬN",
        "Lam",
        "Nghị quyết 26",
        "Tin: họp ở xã Bình",
        "x" * 300,
        "",
    ],
)
def test_no_author_is_made_up(line: str):
    assert read_byline(line) == ""


@pytest.mark.parametrize(
    ("line", "outlet", "url"),
    [
        ("Nguồn An Bình: http://baoanbinh.vn/a/1.htm", "Báo An Bình", "http://baoanbinh.vn/a/1.htm"),
        ("Nguồn: Tạp chí Sông Quê", "Tạp chí Sông Quê", ""),
        ("(Theo TTXVN)", "TTXVN", ""),
        ("https://www.example.org/x", "example.org", "https://www.example.org/x"),
    ],
)
def test_a_source_line_gives_outlet_and_address(line: str, outlet: str, url: str):
    assert read_source(line) == Metadata(outlet=outlet, url=url)


@pytest.mark.parametrize(
    "line", ["Theo đó, ba xã được khen.", "Nguồn nước sạch dồi dào", "Theo ông Lam: không.", "Nguồn:"]
)
def test_no_source_is_made_up(line: str):
    assert read_source(line) is None


def test_an_outlet_without_a_name_goes_by_its_host_and_a_broken_address_by_none():
    assert outlet_of("https://www.baolang.vn/x") == "baolang.vn"
    assert outlet_of("https://[broken") == ""


@pytest.mark.parametrize(
    ("title", "text", "place"),
    [
        ("Mùa lúa ở Sơn La", "Nhiều hộ về từ Lai Châu.", "Sơn La"),
        ("Mùa lúa", "Tỉnh Sơn La được mùa. Sơn La sẽ xuất khẩu.", "Sơn La"),
        ("Mùa lúa", "Tỉnh Thanh Hoá được mùa. Tỉnh Thanh Hóa vui.", "Thanh Hóa"),
        ("Mùa lúa", "Tỉnh Sơn La được mùa. Tỉnh Sơn La mừng. Lai Châu thì không.", ""),
        ("Mùa lúa", "Ông quê Sơn La.", ""),
        ("Mùa lúa", "Ông Nguyễn Hà Nam về tỉnh. Ông Nguyễn Hà Nam nói.", ""),
        ("Sơn La và Lai Châu", "Tỉnh Sơn La. Tỉnh Sơn La.", ""),
        ("Lễ hội ở TP.HCM", "", "TP. Hồ Chí Minh"),
        ("Tư tưởng Hồ Chí Minh", "", ""),
    ],
)
def test_the_place_is_the_one_province_the_article_names(title: str, text: str, place: str):
    assert told_place(title, text) == place


def test_front_matter_tells_and_the_rest_is_text():
    told, text = split_front_matter(
        '---\ntitle: "Chợ: phiên đầu"\noutlet: Báo Làng\nurl: https://baolang.vn/1\n'
        "published: 2022-12-08 16:53\nauthors: [Lan Chi, Hùng Sơn]\nprovince: An Giang\nkhác: 1\n"
        "---\nThân bài."
    )
    assert told == Metadata(
        "Chợ: phiên đầu",
        "2022-12-08",
        "16:53",
        "Báo Làng",
        "Lan Chi, Hùng Sơn",
        "https://baolang.vn/1",
        "An Giang",
    )
    assert text == "Thân bài."


def test_a_time_of_its_own_is_not_read_as_a_number_of_minutes():
    assert split_front_matter("---\ntime: 16:53\ntitle: 2023\n---\n")[0] == Metadata("2023", time="16:53")


@pytest.mark.parametrize("block", ["", "title:\n", "title: ~\nauthor: ''\n", "# chú thích\n"])
def test_front_matter_may_tell_nothing(block: str):
    assert split_front_matter(f"---\n{block}---\nThân bài.") == (Metadata(), "Thân bài.")


def test_front_matter_never_runs_code():
    assert split_front_matter("---\ntitle: !!python/object/apply:os.getcwd []\n---\n")[0] == Metadata()


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("title: a: b\n---\n", "not valid YAML"),
        ("title: [a\n---\n", "not valid YAML"),
        ("- một\n- hai\n---\n", "not a list of"),
        ("title: a\n", "never closed"),
        ("published: hôm qua\n---\n", "date cannot be read"),
        ("published: 2023-02-30\n---\n", "date cannot be read"),
        ("time: 25:00\n---\n", "time cannot be read"),
        ("url: javascript:alert(1)\n---\n", "no web address"),
        ("title: {a: b}\n---\n", "not a plain value"),
        ("a: &a [x, x]\nb: &b [*a, *a]\ntitle: [*b, *b]\n---\n", "not a plain value"),
        (f"title: {'[' * 10}\n---\n", "not valid YAML"),
        (f"title: {'[' * 9000}\n---\n", "lists within lists"),
        (f"title: {'x' * 70_000}\n---\n", "too long"),
    ],
)
def test_malformed_front_matter_is_refused_with_its_reason(block: str, reason: str):
    with pytest.raises(ArticleError, match=reason):
        split_front_matter("---\n" + block)


@pytest.mark.parametrize("title", ["[" * 2000, "{[" * 1000, "[a] " * 900])
def test_brackets_in_a_quoted_title_are_text(title: str):
    told, _ = split_front_matter(f'---\ntitle: "{title}"\n---\n')
    assert told.title == title.strip()


@reproducible
@given(st.text(max_size=120))
def test_no_line_is_too_odd_to_read(line: str):
    read_moment(line)
    read_byline(line)
    read_source(line)
    told_place(line, line)
