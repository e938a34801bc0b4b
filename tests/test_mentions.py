"""Places, people and times are told apart, with and without diacritics."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.mentions import find_mentions, find_people
from rag.vietnamese import nfc


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Còn ở Đắk Nông thì sao?", [("place", "Đắk Nông")]),
        ("con o dak nong thi sao", [("place", "dak nong")]),
        ("Chủ tịch Võ Trọng Hải ở Hà Tĩnh", [("person", "Võ Trọng Hải"), ("place", "Hà Tĩnh")]),
        ("Con ong Vo Trong Hai thi sao?", [("person", "Vo Trong Hai")]),
        ("ngày 8/9/2022 tại Phan Thiết", [("time", "8/9/2022"), ("place", "Phan Thiết")]),
        ("giai đoạn 2016-2021", [("time", "giai đoạn 2016-2021")]),
        ("the Military Region 4 conference in January 2023",
         [("region", "Military Region 4"), ("time", "January 2023")]),
        ("Did Thomas Edison live in Ohio?", [("name", "Thomas Edison"), ("place", "Ohio")]),
        # Capitals that stand among the small letters of the code chart.
        ("Ai gặp ông Đặng Văn An ở Ấn Độ?", [("person", "Đặng Văn An"), ("place", "Ấn Độ")]),
        ("Ai gặp đồng chí Ưng Hoàng Ân?", [("person", "Ưng Hoàng Ân")]),
        ("Bộ Chỉ huy Quân sự", []),
        ("gặp Ủy ban nhân dân và Đảng ủy", []),
        ("Hội nghị diễn ra ở đâu?", []),
    ],
)  # fmt: skip
def test_what_a_text_names(text: str, found: list[tuple[str, str]]) -> None:
    assert [(m.kind, m.name) for m in find_mentions(text) if m.kind != "name" or found] == found


def test_a_province_is_no_person() -> None:
    assert [m.name for m in find_people("Ông Hồ Văn Mười ở Hà Tĩnh, Hà Nội và Thành phố Hồ Chí Minh")] == [
        "Hồ Văn Mười",
        "Hồ Chí Minh",
    ]


@given(st.text())
def test_mentions_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    mentions = find_mentions(text)
    assert all(nfc(text)[m.start : m.end] == m.name for m in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Chủ tịch UBND tỉnh Đắk Nông Hồ Văn Mười trao quà.", "Hồ Văn Mười"),
        ("Bí thư Tỉnh ủy Hà Tĩnh Võ Trọng Hải phát biểu.", "Võ Trọng Hải"),
        ("Ông Hà Văn Nam phát biểu.", "Hà Văn Nam"),
    ],
)
def test_a_province_before_a_name_is_no_part_of_it(text: str, name: str) -> None:
    assert [person.name for person in find_people(text)] == [name]
