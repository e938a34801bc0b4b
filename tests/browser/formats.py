"""One small article in every format the assistant reads, each about something of its own."""

from __future__ import annotations

from pathlib import Path

import docx
from test_articles import pdf

FORMATS = {
    "lang-chua.txt": "Ai nặn chiếc bình gốm ở làng Chùa?",
    "ba-den.html": "Ai leo núi Bà Đen bằng xe lăn?",
    "song-ma.pdf": "Who built the Song Ma ferry?",
    "cau-treo.docx": "Ai thiết kế cầu treo Mường Lát?",
    "con-se.md": "Ai mở lớp dạy đan lưới ở Cồn Sẻ?",
}
"""File → a question that only it answers."""

_FILLING = " ".join(
    f"Đoạn này kể thêm về ngày thứ {n} của câu chuyện, khi trời có mưa to." for n in range(1, 60)
)


def write_formats(folder: Path) -> None:
    """Write all of them; the sentence that answers stands far down, so that the page has to scroll."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lang-chua.txt").write_text(
        f"Bình gốm làng Chùa\n\n{_FILLING}\n\nBà Đinh Thị Hạt nặn chiếc bình gốm ở làng Chùa.\n", "utf-8"
    )
    (folder / "con-se.md").write_text(
        "---\ntitle: Lớp đan lưới ở Cồn Sẻ\npublished: 2021-05-04\n---\n\n"
        f"{_FILLING}\n\nBà Phan Thị Lụa mở lớp dạy đan lưới ở Cồn Sẻ.\n",
        "utf-8",
    )
    (folder / "ba-den.html").write_text(
        "<!doctype html><html lang=vi><meta charset=utf-8><title>Lên núi Bà Đen</title><article>"
        f"<h1>Lên núi Bà Đen</h1><p>{_FILLING}</p>"
        "<p>Anh Lâm Văn Sẹo leo núi Bà Đen bằng xe lăn.</p></article></html>",
        "utf-8",
    )
    document = docx.Document()
    document.core_properties.title = "Cầu treo Mường Lát"
    document.add_paragraph(_FILLING)
    document.add_paragraph("Kỹ sư Vi Văn Thoa thiết kế cầu treo Mường Lát.")
    document.save(str(folder / "cau-treo.docx"))
    lines = [f"Line {n} of it tells of another rainy day." for n in range(1, 30)]
    (folder / "song-ma.pdf").write_bytes(
        pdf(["The ferry of Song Ma", *lines, "The boatman Hoang Dinh Ca built the Song Ma ferry in 1998."])
    )
