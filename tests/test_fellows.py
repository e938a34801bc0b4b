"""People who are named in one list."""

import pytest

from rag.fellows import fellows, left_out
from rag.types import Citation, Sentence

CHAIRS = (
    "Chủ trì lễ hội là Chủ tịch UBND tỉnh Lê Văn An cùng hai đại tá: Trần Thị Mận, Chỉ huy trưởng Bộ Chỉ huy "
    "Quân sự (CHQS) tỉnh; Phạm Văn Bình, Phó Giám đốc Công an tỉnh."
)


@pytest.mark.parametrize(
    ("text", "named", "others"),
    [
        (CHAIRS, "Lê Văn An", ["Trần Thị Mận", "Phạm Văn Bình"]),
        (CHAIRS, "Trần Thị Mận, Phạm Văn Bình", ["Lê Văn An"]),
        (CHAIRS, "Hồ Văn Cường", []),
        (CHAIRS, CHAIRS, []),
        ("Ông Lê Văn An và Trường tiểu học Lê Hồng Phong được khen.", "Lê Văn An", []),
        ("Dự có ông Lê Văn An và bà Trần Thị Mận.", "bà Trần Thị Mận", ["Lê Văn An"]),
        ("Present were Lê Văn An, Chairman, and Colonel Trần Thị Mận.", "Lê Văn An", ["Trần Thị Mận"]),
        ("Ông Lê Văn An gặp ông Phạm Văn Bình và bà Trần Thị Mận.", "Lê Văn An", []),
        ("Ông Lê Văn An gặp ông Phạm Văn Bình và bà Trần Thị Mận.", "Trần Thị Mận", ["Phạm Văn Bình"]),
        ("Ông Lê Văn An đến, cùng đi có ông Phạm Văn Bình.", "Lê Văn An", []),
        ("Chủ trì là ông Lê Văn An. Ông Phạm Văn Bình dự.", "Lê Văn An", []),
        ("Ông Lê Văn An được ông Phạm Văn Bình trao cờ.", "Lê Văn An", []),
    ],
)
def test_who_stands_in_the_same_list(text: str, named: str, others: list[str]) -> None:
    assert fellows(text, [named]) == others


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("Ai chủ trì lễ hội?", "Cùng được nêu tên: Trần Thị Mận, Phạm Văn Bình."),
        ("Những ai chủ trì lễ hội?", "Cùng được nêu tên: Trần Thị Mận, Phạm Văn Bình."),
        ("Ai là Chủ tịch UBND tỉnh?", ""),
        ("Ai đại diện tỉnh chủ trì?", ""),
        ("Who came first?", ""),
        ("Lễ hội diễn ra khi nào?", ""),
        ("Ai chủ trì cùng bà Trần Thị Mận?", ""),
    ],
)
def test_an_answer_with_some_of_a_list_names_the_others(question: str, told: str) -> None:
    citation = Citation(1, "a.md", CHAIRS, 0, len(CHAIRS), "0" * 64)
    added = left_out(question, [Sentence("Ông Lê Văn An", (1,), "supported")], [citation], "vi")
    assert [(each.text, each.citations) for each in added] == ([(told, (1,))] if told else [])
