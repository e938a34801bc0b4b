"""Two articles that disagree are both shown, with their dates; repeated facts and other years are not."""

from __future__ import annotations

import pytest

from rag.citations import Numbering, Quote
from rag.disagreement import disagreement
from rag.sentences import sentence_spans
from rag.types import Passage


def article(source: str, published: str, text: str) -> Passage:
    spans = tuple(sentence_spans(text))
    return Passage(
        source, source, 0, len(text), text, 0.5, 0.5, 0.5, "", published, place="Phú Yên", sentences=spans
    )


def said(question: str, *articles: Passage, language: str = "vi") -> str:
    """What is added to an answer that cites the first sentence of the first article."""
    numbering = Numbering()
    numbering.number(Quote(articles[0], *articles[0].sentences[0]))
    found = disagreement(question, articles, numbering, language)
    for citation in numbering.citations:
        text = next(a.text for a in articles if a.source == citation.source)
        assert text[citation.start : citation.end] == citation.quote
    assert all(len(sentence.citations) == 2 for sentence in found)
    return found[0].text if found else ""


OLD = article("a.md", "2023-05-02", "Lễ hội cá ngừ Phú Yên năm 2023 trao giải cho 16 tàu cá. Trời mưa.")
HOW_MANY = "Lễ hội cá ngừ Phú Yên năm 2023 trao giải cho bao nhiêu tàu cá?"
WHO = "Ai chủ trì lễ hội cá ngừ Phú Yên?"
BOSS = "Chủ tịch UBND tỉnh Phú Yên là ai?"
CHAIR = "Ông Lê Văn Bình chủ trì lễ hội cá ngừ."
OTHER_CHAIR = "Bà Trần Thị Mận chủ trì lễ hội cá ngừ."
OTHER_NUMBER = "Lễ hội cá ngừ Phú Yên năm 2023 trao giải cho 18 tàu cá."


@pytest.mark.parametrize(
    ("question", "first", "second", "expected"),
    [
        # A newer article corrects the number; two outlets on one day disagree on it.
        (HOW_MANY, OLD.text, ("2023-05-04", "Lễ hội cá ngừ Phú Yên năm 2023 đã trao giải cho 18 tàu cá."),
         "16 tàu cá (bài ngày 2/5/2023); 18 tàu cá (bài ngày 4/5/2023)"),
        (HOW_MANY, OLD.text, ("2023-05-02", "Lễ hội cá ngừ năm 2023 trao giải cho 17 tàu cá."),
         "16 tàu cá (bài ngày 2/5/2023); 17 tàu cá (bài ngày 2/5/2023)"),
        # The chair, the day.
        (WHO, CHAIR, ("2023-05-04", OTHER_CHAIR),
         "Lê Văn Bình (bài ngày 2/5/2023); Trần Thị Mận (bài ngày 4/5/2023)"),
        ("Lễ hội cá ngừ khai mạc ngày nào?", "Lễ hội cá ngừ khai mạc ngày 1/5/2023.",
         ("2023-05-04", "Lễ hội cá ngừ khai mạc ngày 30/4/2023."),
         "1/5/2023 (bài ngày 2/5/2023); 30/4/2023 (bài ngày 4/5/2023)"),
        # Who holds an office changes with the years.
        (BOSS, "Ông Lê Văn Bình, Chủ tịch UBND tỉnh, thăm ngư dân.",
         ("2025-01-09", "Bà Trần Thị Mận, Chủ tịch UBND tỉnh, khai trương cảng."),
         "Lê Văn Bình (bài ngày 2/5/2023); Trần Thị Mận (bài ngày 9/1/2025)"),
        # Another person of the same place, with the same kind of office, who did something else.
        (WHO, "Ông Lê Văn Bình, Ủy viên Ban Thường vụ Tỉnh ủy, Phó Chủ tịch UBND tỉnh, chủ trì lễ hội.",
         ("2023-05-04", "Bà Trần Thị Mận, Phó Chủ tịch UBND tỉnh, Ủy viên Ban Thường vụ Tỉnh ủy, dự."), ""),
        (WHO, CHAIR, ("2023-05-04", "Bà Trần Thị Mận phát biểu tại lễ hội cá ngừ."), ""),
        ("Who chaired the tuna festival?", CHAIR,
         ("2023-05-04", "Kết luận lễ hội cá ngừ, Chủ tịch Trần Thị Mận cảm ơn các ngư dân."), ""),
        # An office that several hold.
        ("Ai là Ủy viên Ban Thường vụ Tỉnh ủy Phú Yên?",
         "Ông Lê Văn Bình, Ủy viên Ban Thường vụ Tỉnh ủy, thăm ngư dân.",
         ("2023-05-04", "Bà Trần Thị Mận, Ủy viên Ban Thường vụ Tỉnh ủy, khai trương cảng."), ""),
        # The same fact again, in other words and without diacritics.
        (HOW_MANY, OLD.text, ("2023-05-04", "Có 16 tàu cá được lễ hội cá ngừ năm 2023 trao giải."), ""),
        (WHO, CHAIR, ("2023-05-04", "Le Van Binh chủ trì lễ hội cá ngừ."), ""),
        # Next year's festival, another place, another thing that is counted, another body's chairman.
        (HOW_MANY, OLD.text, ("2024-05-04", "Lễ hội cá ngừ Phú Yên năm 2024 trao giải cho 18 tàu cá."), ""),
        (WHO, CHAIR, ("2024-05-04", OTHER_CHAIR), ""),
        (HOW_MANY, OLD.text, ("2023-05-04", "Lễ hội cá ngừ Khánh Hòa năm 2023 trao giải cho 18 tàu cá."), ""),
        (HOW_MANY, OLD.text, ("2023-05-04", "Lễ hội cá ngừ Phú Yên năm 2023 trao giải cho 9 ngư dân."), ""),
        (BOSS, "Ông Lê Văn Bình, Chủ tịch UBND tỉnh, thăm ngư dân.",
         ("2025-01-09", "Bà Trần Thị Mận, Chủ tịch HĐND tỉnh, khai trương cảng."), ""),
        # The level is left out, or told in other words.
        ("Ai là Giám đốc Sở Y tế tỉnh Phú Yên?", "Ông Lê Văn Bình, Giám đốc Sở Y tế, thăm ngư dân.",
         ("2025-01-09", "Bà Trần Thị Mận, Giám đốc Sở Y tế, phát biểu."),
         "Lê Văn Bình (bài ngày 2/5/2023); Trần Thị Mận (bài ngày 9/1/2025)"),
        # Another level, another department, another school.
        (BOSS, "Ông Lê Văn Bình, Chủ tịch UBND tỉnh Phú Yên, thăm ngư dân.",
         ("2025-01-09", "Dự lễ có bà Trần Thị Mận, Chủ tịch UBND huyện."), ""),
        ("Ai là Giám đốc Sở Y tế tỉnh Phú Yên?", "Ông Lê Văn Bình, Giám đốc Sở Y tế, thăm ngư dân.",
         ("2025-01-09", "Bà Trần Thị Mận, Giám đốc Sở Nội vụ, phát biểu. Đại diện Sở Y tế cùng dự."), ""),
        ("Ai là Hiệu trưởng trường Hoa Sen?", "Ông Lê Văn Bình, Hiệu trưởng trường Hoa Sen, đánh trống.",
         ("2025-01-09", "Bà Trần Thị Mận, Hiệu trưởng trường Bình Minh, đánh trống."), ""),
        # Two meetings on two days; one meeting on one day; a day that only one of them names.
        (WHO, f"Ngày 1/5/2023, {CHAIR}", ("2023-09-07", f"Ngày 7/9/2023, {OTHER_CHAIR}"), ""),
        (WHO, f"Ngày 1/5/2023, {CHAIR}", ("2023-05-04", f"Ngày 1/5, {OTHER_CHAIR}"),
         "Lê Văn Bình (bài ngày 2/5/2023); Trần Thị Mận (bài ngày 4/5/2023)"),
        (WHO, f"Ngày 1/5/2023, {CHAIR}", ("2023-05-04", OTHER_CHAIR),
         "Lê Văn Bình (bài ngày 2/5/2023); Trần Thị Mận (bài ngày 4/5/2023)"),
        # Not about the same at all; a question that asks for no single value.
        (HOW_MANY, OLD.text, ("2023-05-04", "Năm 2023 tỉnh đóng mới 18 tàu cá vỏ thép ở xưởng."), ""),
        ("Vì sao có lễ hội?", OLD.text, ("2023-05-04", OTHER_NUMBER), ""),
    ],
)  # fmt: skip
def test_both_are_shown_only_when_they_disagree(
    question: str, first: str, second: tuple[str, str], expected: str
) -> None:
    added = said(question, article("a.md", "2023-05-02", first), article("b.md", *second))
    assert added == (f"Các bài viết không thống nhất: {expected}." if expected else "")


def test_the_reader_is_told_in_the_language_of_the_question() -> None:
    newer = article("b.md", "2023-05-04", "Lễ hội cá ngừ Phú Yên năm 2023 đã trao giải cho 18 tàu cá.")
    assert said("How many boats won prizes at the Phú Yên festival?", OLD, newer, language="en") == (
        "The articles disagree: 16 tàu cá (article of 2023-05-02); 18 tàu cá (article of 2023-05-04)."
    )


def test_an_article_alone_never_disagrees() -> None:
    text = "Lễ hội trao giải cho 16 tàu cá. Lễ hội trao giải cho 18 tàu cá."
    assert said(HOW_MANY, article("a.md", "2023-05-02", text)) == ""
