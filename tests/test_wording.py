"""Refusals, clauses and list items are told by their words."""

from __future__ import annotations

import pytest

from rag.wording import joined, refuses, without_last_clause, without_markers


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("NOT_FOUND", True),
        ("Not found.", True),
        ("No answer.", True),
        ("No answer in the passages", True),
        ("Không tìm thấy thông tin.", True),
        ("Not founded until 1950", False),
        ("No answer was given by the ministry", False),
        ("Không ai bị thương", False),
    ],
)
def test_a_refusal_is_told_from_an_answer(text: str, refused: bool) -> None:
    assert refuses(text) is refused


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("Hồ Thanh Sơn, Vice Chairman", "Hồ Thanh Sơn"),
        ("Trần Thị Mận (hiệu trưởng)", "Trần Thị Mận"),
        ("Lạm phát năm 2023 là 3,5%", "Lạm phát năm 2023 là 3,5%"),
        ("There were 1,200 people; all left", "There were 1,200 people"),
    ],
)
def test_the_last_clause_goes_and_numbers_stay_whole(text: str, shorter: str) -> None:
    assert without_last_clause(text) == shorter


def test_an_articles_own_references_go() -> None:
    assert without_markers("Sông dài 548 km.[2]  Nó [cũ]\nchảy [13].") == "Sông dài 548 km. Nó [cũ] chảy."


def test_items_of_a_list_stand_on_lines_of_their_own() -> None:
    assert joined(["Có hai:", "- A [1]", "- B [1]", "Hết."]) == "Có hai:\n- A [1]\n- B [1] Hết."


def test_a_list_may_lack_one_item_and_a_cited_article_may_tell_that_nobody_was_found() -> None:
    assert not refuses("- Hà Tĩnh: 412 đại biểu\n- Đắk Nông: NOT_FOUND")
    assert refuses("NOT_FOUND\n\n1. Ông Hải đánh trống")
    assert refuses("Không tìm thấy nạn nhân nào")
    assert not refuses("Không tìm thấy nạn nhân nào", cites=True)
    assert refuses("Không tìm thấy thông tin", cites=True)
    assert refuses("Không đề cập đến hiệu trưởng", cites=True)
