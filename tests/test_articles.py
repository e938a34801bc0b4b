import codecs
import hashlib
import io
import os
import unicodedata
import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.articles import LARGEST_FILE, read_article, scan, source_of
from rag.decode import clean_characters, decode, paragraphs
from rag.errors import ArticleError, CorpusError
from rag.types import Article

reproducible = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

SHARED = Path(__file__).parents[2] / "shared" / "corpus"

TITLE = "Xã An Bình mở chợ phiên nông sản"
LEAD = "Sáng 5/5, xã An Bình khai mạc chợ phiên nông sản với 120 gian hàng của 14 thôn."
BODY = "Bà Lê Thị Hoa, Chủ tịch xã, cho biết doanh thu năm ngoái đạt 2,5 tỷ đồng, tăng 12%."
LAST = "Chợ mở cửa đến hết ngày 12/5 tại sân đình và không thu phí vào cửa."
TEXT = f"{LEAD}\n\n{BODY}\n\n{LAST}"
PAGE = f"{TITLE}\n\nCập nhật ngày: 05/05/2024 | 16:53 GMT+7\n\n{TEXT}\n\nTin, ảnh: Khánh Vy\n"


def article_of(folder: Path, name: str, content: str | bytes) -> Article:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_article(path, folder)


def assert_is_the_market_article(article: Article) -> None:
    assert (article.title, article.text) == (TITLE, TEXT)
    assert (article.published, article.time, article.author) == ("2024-05-05", "16:53", "Khánh Vy")


# --- plain text and encodings ------------------------------------------------------------------


def cp1258(text: str) -> bytes:
    """Encode as CP1258, which writes tones as marks of their own behind the vowel."""
    data = bytearray()
    for character in text:
        try:
            data += character.encode("cp1258")
        except UnicodeEncodeError:
            base = unicodedata.normalize("NFD", character)
            # Circumflex, breve and horn stay with the vowel; only the tone stands apart.
            tone = next(mark for mark in base if mark in "\u0300\u0301\u0303\u0309\u0323")
            vowel = unicodedata.normalize("NFC", base.replace(tone, ""))
            data += vowel.encode("cp1258") + tone.encode("cp1258")
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        PAGE.encode(),
        codecs.BOM_UTF8 + PAGE.encode(),
        PAGE.encode("utf-16"),
        codecs.BOM_UTF16_BE + PAGE.encode("utf-16-be"),
        PAGE.encode("utf-16-le"),
        PAGE.encode("utf-16-be"),
        cp1258(PAGE),
        unicodedata.normalize("NFD", PAGE).encode(),
        PAGE.replace("\n", "\r\n").encode(),
        PAGE.replace(" ", "\u00a0").replace("chợ", "ch\u200bợ").encode(),
    ],
    ids=["utf-8", "utf-8-bom", "utf-16", "utf-16-be", "le", "be", "cp1258", "nfd", "crlf", "invisible"],
)
def test_every_encoding_gives_the_same_article(tmp_path: Path, data: bytes):
    article = article_of(tmp_path, "a.txt", data)
    assert_is_the_market_article(article)
    assert article.sha256 == hashlib.sha256(data).hexdigest()
    assert article.source == "a.txt"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "binary"),
        (b"abc\0def", "binary"),
        (b"\x01\x02\x03\x04abc", "binary"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8\x00", "marked as UTF-16-LE"),
        ("Chợ phiên".encode() + b"\xff", "neither UTF-8 .*byte 12.*CP1258"),
        ("São Paulo não é uma estação".encode("latin-1"), "neither UTF-8"),
        (bytes(range(128, 256)) * 4, "neither UTF-8"),
        ("— …\n\n***".encode(), "no article text"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(tmp_path: Path, data: bytes, reason: str):
    with pytest.raises(ArticleError, match=reason):
        article_of(tmp_path, "a.txt", data)


@reproducible
@given(st.binary(max_size=200))
def test_bytes_decode_or_are_refused(data: bytes):
    try:
        text = clean_characters(decode(data))
    except ArticleError:
        return
    assert unicodedata.is_normalized("NFC", text)
    assert "\r" not in text
    assert "\0" not in text


@reproducible
@given(st.text())
def test_any_text_file_is_read_or_refused_and_stored_as_promised(tmp_path_factory, text: str):
    folder = tmp_path_factory.mktemp("corpus")
    for name in ("a.txt", "a.md"):
        try:
            article = article_of(folder, name, text.encode("utf-8", "surrogatepass"))
        except ArticleError:
            continue
        assert article.text == article.text.strip()
        assert unicodedata.is_normalized("NFC", article.text)
        assert "\n" not in article.text.replace("\n\n", "")
        assert "\n\n\n" not in article.text


def test_wrapped_lines_are_joined_and_single_lines_are_paragraphs():
    wrapped = (
        "Sáng 5/5, xã An Bình khai mạc chợ phiên nông\nsản với 120 gian hàng của 14 thôn, có Trung\n"
        "tướng Hà Văn Lộc tới dự.\n\nBà Hoa nói ngắn.\n- một\n- hai"
    )
    assert paragraphs(wrapped) == [wrapped[:113].replace("\n", " "), "Bà Hoa nói ngắn.", "- một", "- hai"]
    assert paragraphs(f"{LEAD}\n{BODY}\n{LEAD * 2}") == [LEAD, BODY, LEAD * 2]
    assert paragraphs("漢字\n仮名", wrapped=True) == ["漢字 仮名".replace(" ", "")]


# --- Markdown ----------------------------------------------------------------------------------


def test_markdown_with_front_matter(tmp_path: Path):
    article = article_of(
        tmp_path,
        "a.md",
        f"---\ntitle: {TITLE}\noutlet: Báo Làng\nurl: https://baolang.vn/1\npublished: 2024-05\n"
        f"author: Khánh Vy\nprovince: An Giang\n---\n\n# {TITLE}\n\n## Khai mạc\n\n{LEAD}\n\n"
        "Bà **Hoa** và [ông Lộc](https://x.vn) *đều* nói: `được`.\n![Ảnh](a.jpg)\nCâu này\nngắt dòng.\n\n"
        "* một\n* hai\n\n<!-- ẩn -->\n> Trích dẫn 2*3*4 và a_b_c.\n",
    )
    assert article.text.split("\n\n") == [
        "Khai mạc",
        LEAD,
        "Bà Hoa và ông Lộc đều nói: được. Ảnh Câu này ngắt dòng.",
        "* một",
        "* hai",
        "Trích dẫn 2*3*4 và a_b_c.",
    ]
    assert article.title == TITLE
    assert (article.published, article.time) == ("2024-05", None)
    assert (article.outlet, article.url) == ("Báo Làng", "https://baolang.vn/1")
    assert (article.author, article.place) == ("Khánh Vy", "An Giang")


def test_markdown_without_front_matter_has_its_heading_as_title(tmp_path: Path):
    assert_is_the_market_article(article_of(tmp_path, "a.md", "# " + PAGE))
    assert_is_the_market_article(article_of(tmp_path, "b.MD", PAGE.replace("\n\n", "\n=====\n\n", 1)))


def test_malformed_front_matter_skips_the_article(tmp_path: Path):
    with pytest.raises(ArticleError, match="not valid YAML") as caught:
        article_of(tmp_path, "a.md", f"---\ntitle: a: b\n---\n{LEAD}")
    assert caught.value.hint


# --- HTML, PDF, Word ---------------------------------------------------------------------------

HTML = f"""<!DOCTYPE html><html lang="vi"><head><title>{TITLE} | Báo Làng</title>
<meta property="og:title" content="{TITLE}"><meta property="og:site_name" content="Báo Làng">
<meta property="article:published_time" content="2024-05-05T16:53:00+07:00">
<link rel="canonical" href="https://baolang.vn/cho-phien.html"></head><body>
<nav><a href="/">Trang chủ</a><a href="/en">En</a></nav><article><h1>{TITLE}</h1>
<p>{LEAD}</p><figure><img src="a.jpg"><figcaption>Toàn cảnh chợ phiên.</figcaption></figure>
<p>{BODY}</p><p>{LAST}</p><p>Tin, ảnh: Khánh Vy</p></article>
<footer><p>Bản quyền 2019 Báo Làng</p></footer></body></html>"""


@pytest.mark.parametrize("data", [HTML.encode(), HTML.encode("utf-16"), cp1258(HTML)])
def test_html(tmp_path: Path, data: bytes):
    article = article_of(tmp_path, "a.html", data)
    assert_is_the_market_article(article)
    assert (article.outlet, article.url) == ("Báo Làng", "https://baolang.vn/cho-phien.html")


def test_html_in_the_encoding_it_names_and_with_no_date_made_up(tmp_path: Path):
    page = "<?xml version='1.0' encoding='gb2312'?><html><head><meta charset=gb2312></head><body><p>"
    page += "我们去市场买菜，然后回家做饭。" * 20 + "</p><footer>Copyright 2019</footer></body></html>"
    article = article_of(tmp_path, "a.htm", page.encode("gb2312"))
    assert "我们去市场买菜" in article.text
    assert article.published is None


def test_an_html_page_without_an_article_is_refused(tmp_path: Path):
    with pytest.raises(ArticleError, match="no article text"):
        article_of(tmp_path, "a.html", "<html><body></body></html>")


def pdf(*pages: list[str]) -> bytes:
    """A minimal PDF, one line of ASCII text under the other."""
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(len(pages)))
    font = 3 + 2 * len(pages)
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"]
    for number, lines in enumerate(pages):
        shown = "".join(f"({line}) Tj 0 -14 Td " for line in lines)
        stream = f"BT /F1 11 Tf 60 780 Td {shown}ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {4 + 2 * number} 0 R "
            f"/Resources << /Font << /F1 {font} 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    data, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    data += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return (data + f"startxref\n{data.index('xref')}\n%%EOF\n").encode()


def test_pdf_lines_are_joined_and_running_lines_dropped(tmp_path: Path):
    pages = [
        [
            "Village News 5",
            "A market opens in An Binh",
            "On Sunday the village opened a market that has stalls from",
            "fourteen hamlets, and many guests came to see it in the",
            "morning.",
            "1",
        ],
        [
            "Village News 5",
            "The chair, Mrs. Hoa, said that takings had grown by 12% in",
            "the past year.",
            "2",
        ],
        ["Village News 5", "The market stays open until 12 May and asks no entrance", "fee.", "3"],
    ]
    article = article_of(tmp_path, "a.pdf", pdf(*pages))
    assert article.title == "A market opens in An Binh"
    assert article.text.split("\n\n") == [
        "On Sunday the village opened a market that has stalls from fourteen hamlets, and many guests came "
        "to see it in the morning.",
        "The chair, Mrs. Hoa, said that takings had grown by 12% in the past year.",
        "The market stays open until 12 May and asks no entrance fee.",
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [(pdf([]), "no text layer"), (b"%PDF-1.4 broken", "cannot be read"), (b"", "cannot be read")],
)
def test_a_pdf_without_text_is_refused(tmp_path: Path, data: bytes, reason: str):
    with pytest.raises(ArticleError, match=reason):
        article_of(tmp_path, "a.pdf", data)


def test_docx(tmp_path: Path):
    document = docx.Document()
    document.add_paragraph(TITLE, style="Title")
    document.add_paragraph("Cập nhật ngày: 05/05/2024 | 16:53 GMT+7")
    for text in (LEAD, BODY):
        document.add_paragraph(unicodedata.normalize("NFD", text))
    document.add_paragraph("gạo", style="List Bullet")
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Gian hàng", "120"
    document.add_paragraph(LAST)
    document.add_paragraph("Tin, ảnh: Khánh Vy")
    document.save(str(tmp_path / "a.docx"))
    article = read_article(tmp_path / "a.docx", tmp_path)
    assert article.text.split("\n\n") == [LEAD, BODY, "- gạo", "Gian hàng | 120", LAST]
    assert (article.title, article.published, article.author) == (TITLE, "2024-05-05", "Khánh Vy")


def test_a_broken_or_bloated_docx_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ArticleError, match="cannot be read"):
        article_of(tmp_path, "a.docx", b"PK\x03\x04 broken")
    monkeypatch.setattr("rag.articles._LARGEST_UNPACKED", 1000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b"\0" * 1001)
    with pytest.raises(ArticleError, match="unpacks to more"):
        article_of(tmp_path, "b.docx", bomb.getvalue())


# --- scanning ----------------------------------------------------------------------------------


def test_every_file_is_listed_or_skipped_with_its_reason(tmp_path: Path):
    corpus = tmp_path / "corpus"
    (corpus / "b" / ".hidden").mkdir(parents=True)
    for name in (
        "z.txt",
        "a.MD",
        "b/c.html",
        "b/.x.txt",
        "b/.hidden/y.txt",
        "README.md",
        "b/readme.vi.txt",
        "README",
    ):
        (corpus / name).write_text("x", encoding="utf-8")
    (corpus / "photo.jpg").write_text("x")
    (corpus / "Makefile").write_text("x")
    with (corpus / "large.txt").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    found = scan(corpus)
    assert [source_of(path, corpus) for path in found.files] == ["a.MD", "b/c.html", "z.txt"]
    assert [(entry.source, entry.reason) for entry in found.skipped] == [
        ("Makefile", "a file without a type"),
        ("large.txt", "larger than 20 MB"),
        ("photo.jpg", "files of type '.jpg' are not read"),
    ]
    with pytest.raises(ArticleError, match="larger than 20 MB"):
        read_article(corpus / "large.txt", corpus)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes need a POSIX system")
def test_links_are_followed_only_inside_the_corpus(tmp_path: Path):
    corpus, outside = tmp_path / "corpus", tmp_path / "outside"
    (corpus / "sub").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.txt").write_text(PAGE, encoding="utf-8")
    (corpus / "sub" / "a.txt").write_text(PAGE, encoding="utf-8")
    (corpus / "inside.txt").symlink_to(corpus / "sub" / "a.txt")
    (corpus / "leak.txt").symlink_to(outside / "secret.txt")
    (corpus / "leak").symlink_to(outside)
    (corpus / "loop").symlink_to(corpus)
    (corpus / "dead.txt").symlink_to(corpus / "nowhere.txt")
    os.mkfifo(corpus / "pipe.txt")
    found = scan(corpus)
    assert [source_of(path, corpus) for path in found.files] == ["inside.txt", "sub/a.txt"]
    assert {entry.source: entry.reason for entry in found.skipped} == {
        "dead.txt": "the link leads nowhere",
        "leak": "the link leaves the corpus folder",
        "leak.txt": "the link leaves the corpus folder",
        "loop": "a link to a folder; its files are read where they are",
        "pipe.txt": "not a regular file",
    }
    for path in (
        corpus / "leak.txt",
        corpus / "leak" / "secret.txt",
        corpus / ".." / "outside" / "secret.txt",
    ):
        with pytest.raises(ArticleError, match="leaves the corpus"):
            read_article(path, corpus)
    assert len(scan(corpus / "loop").files) == 2


def test_a_missing_corpus_is_an_error_with_a_hint(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    for name, what in (("none", "does not exist"), ("file", "is not a folder")):
        with pytest.raises(CorpusError, match=what) as caught:
            scan(tmp_path / name)
        assert "--corpus" in caught.value.hint


def test_an_empty_corpus_is_no_error(tmp_path: Path):
    assert scan(tmp_path).files == scan(tmp_path).skipped == []


# --- real pages --------------------------------------------------------------------------------

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the scraped pages are not on this machine")
NOT_TOLD = None
REAL = {
    "000_454c9be6ab848d19.txt": ("Ký kết biên bản phối hợp", "Bắc Trung bộ", "Đặng Vũ", "2023-01", NOT_TOLD),
    "001_2427c4638b847344.txt": ("Hội nghị phối hợp", "năm 2023", "Ngọc Lê - Xuân Hùng", NOT_TOLD, NOT_TOLD),
    "002_82eed33c2bf4265b.txt": ("Triển khai nhiệm vụ", "năm 2023", "Khánh An", "2022-12-08", "16:53"),
    "003_aa33d29e398f4814.txt": ("Tiếp tục phối hợp", "địa phương", "Nguyệt Hà", "2022-09-08", "12:09"),
    "004_ec12112fae2f2c34.txt": ("Tăng cường phối hợp", "Hà Tĩnh", "Văn Đức – Anh Tấn", NOT_TOLD, NOT_TOLD),
}


@needs_shared
@pytest.mark.parametrize("source", REAL)
def test_real_pages_give_title_author_date_and_time(source: str):
    first, last, author, published, time = REAL[source]
    article = read_article(SHARED / source, SHARED)
    assert article.title.startswith(first)
    assert article.title.endswith(last)
    assert (article.author, article.published, article.time) == (author, published, time)
    lines = article.text.split("\n\n")
    assert len(lines) == len(set(lines))
    for rest in (
        article.title,
        author,
        "Toàn cảnh hội nghị.",
        "Tin xem nhiều",
        "Viết bình luận mới",
        "2,029",
        "En",
    ):
        assert rest not in lines


@needs_shared
def test_a_real_source_line_gives_address_and_outlet():
    article = read_article(SHARED / "001_2427c4638b847344.txt", SHARED)
    assert article.url.startswith("http://baothanhhoa.vn/thoi-su/")
    assert article.url.endswith("/177083.htm")
    assert article.outlet == "Báo Thanh Hóa"
    assert "http" not in article.text
    assert "(Bộ CHQS tỉnh)" not in article.text


@needs_shared
@pytest.mark.parametrize("source", REAL)
def test_no_word_of_a_real_page_is_lost(source: str):
    article = read_article(SHARED / source, SHARED)
    whole = clean_characters(decode((SHARED / source).read_bytes()))
    kept = f"{article.title} {article.text} {article.author} {article.url} {article.published} {article.time}"
    of_the_page = (
        "Toàn cảnh Tin ảnh xem nhiều Viết bình luận mới 2,029 En Cập nhật ngày | GMT+7 08/12/2022 08/09/2022 "
        "date Nguồn (Bộ tỉnh)"
    )

    def words(text: str) -> set[str]:
        return {word.strip(".,;:") for word in text.split()}

    assert words(whole) - words(kept) - words(of_the_page) == set()
