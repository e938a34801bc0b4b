"""Ranks and offices stand by the very name they are given to, in Vietnamese and in English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.offices import OFFICES, RANKS, find_posts, holders, judge
from rag.verify import check

SOURCE = (
    "Trung tướng Hà Thọ Bình, Tư lệnh Quân khu 4, chủ trì hội nghị. Tham dự có Trung tướng Trần Võ Dũng, "
    "Chính ủy, Bí thư Đảng ủy Quân khu 4. Đại diện tỉnh Thanh Hóa, ông Mai Xuân Liêm, Phó Chủ tịch UBND "
    "tỉnh, phát biểu."
)
LIST = (
    "Chủ trì là Chủ tịch UBND tỉnh Võ Trọng Hải cùng ba đại tá: Nguyễn Xuân Thắng, Chỉ huy trưởng Bộ CHQS "
    "tỉnh; Bùi Hồng Thanh, Chỉ huy trưởng Bộ đội Biên phòng; Phạm Thanh Phương, Phó Giám đốc Công an tỉnh."
)


@pytest.mark.parametrize(
    ("claim", "source", "verdict"),
    [
        ("Hà Thọ Bình, Commander", SOURCE, "supported"),
        ("Hà Thọ Bình, Political Commissar", SOURCE, "unsupported"),
        ("Chính ủy Hà Thọ Bình chủ trì", SOURCE, "unsupported"),
        ("Tư lệnh Hà Thọ Bình chủ trì", SOURCE, "supported"),
        ("Lieutenant General Trần Võ Dũng", SOURCE, "supported"),
        ("Colonel Trần Võ Dũng", SOURCE, "unsupported"),
        ("Mai Xuân Liêm, Vice Chairman of the Provincial People's Committee", SOURCE, "supported"),
        ("Mai Xuân Liêm, Chairman of the Provincial People's Committee", SOURCE, "unsupported"),
        ("Commander Hà Thọ Bình of Military Region 5", SOURCE, "unsupported"),
        ("Commander Hà Thọ Bình of Military Region 4", SOURCE, "supported"),
        ("Tư lệnh Quân đoàn 4 Hà Thọ Bình chủ trì", SOURCE, "unsupported"),
        ("Tư lệnh quan khu 4 Hà Thọ Bình chủ trì", SOURCE, "supported"),
        ("Colonel Bùi Hồng Thanh, commander of the Border Guard", LIST, "supported"),
        ("Colonel Bùi Hồng Thanh, commander of the provincial military command", LIST, "unsupported"),
        ("Đại tá Võ Trọng Hải", LIST, "unsupported"),
        ("Đại tá Phạm Thanh Phương, Phó Giám đốc Công an tỉnh", LIST, "supported"),
        ("Võ Trọng Hải and three colonels", LIST, "supported"),
        # Everyday words are no offices; and an office that is not known may have another name.
        ("Flooding was the major cause of the general decline.", "Flooding was the main cause.", "supported"),
        ("He turned his head to the captain.", "He turned round to the man.", "supported"),
        ("Major Trần Văn An spoke.", "Đại tá Trần Văn An phát biểu.", "unsupported"),
        ("Trần Văn An, head of the office", "Ông Trần Văn An, trưởng phòng", "supported"),
        ("President Joe Biden", "Tổng thống Joe Biden gặp Thủ tướng.", "supported"),
        ("Prime Minister Joe Biden", "Tổng thống Joe Biden phát biểu.", "unsupported"),
        ("General Secretary Nguyễn Phú Trọng", "Tổng Bí thư Nguyễn Phú Trọng", "supported"),
        ("Chief Executive Lê Văn An", "Tổng giám đốc Lê Văn An", "supported"),
        ("Director Lê Văn An spoke.", "Quản đốc Lê Văn An phát biểu.", "partial"),
        # The source tells nothing of the kind of this person.
        ("Colonel Lê Văn Diện", "Ông Lê Văn Diện phát biểu trước các đại tá.", "partial"),
        ("They met in Vinh.", SOURCE, "supported"),
    ],
)
def test_a_post_must_stand_by_its_name(claim: str, source: str, verdict: str) -> None:
    assert judge(claim, source) == verdict


@pytest.mark.parametrize(
    ("question", "answer", "verdict"),
    [
        ("Who was the Political Commissar of Military Region 4?", "Trần Võ Dũng", "supported"),
        ("Who was the Political Commissar of Military Region 4?", "Hà Thọ Bình", "unsupported"),
        ("Tư lệnh Quân khu 4 là ai?", "Trần Võ Dũng", "unsupported"),
        ("Ai là Tư lệnh Quân khu 4?", "Hà Thọ Bình", "supported"),
        # An office of which the source does not tell who holds it: not those who hold another one.
        ("Ai là Phó Tư lệnh Quân khu 4?", "Hà Thọ Bình", "unsupported"),
        ("Chủ tịch UBND tỉnh Thanh Hóa là ai?", "Mai Xuân Liêm", "unsupported"),
        ("Who was the head of the delegation?", "Mai Xuân Liêm", "supported"),
        ("Who was the president's wife?", "Hà Thọ Bình", "supported"),
        # Not about who holds an office.
        ("Ai chủ trì hội nghị với Chính ủy?", "Hà Thọ Bình", "supported"),
    ],
)
def test_whoever_is_named_must_hold_the_office_asked_for(question: str, answer: str, verdict: str) -> None:
    assert judge(answer, SOURCE, question) == verdict
    assert check(answer, SOURCE, language="vi", question=question) == verdict


def test_who_holds_what_in_a_list() -> None:
    held = {(each.name, *each.post.means) for each in holders(LIST)}
    assert held == {
        ("vo trong hai", "chủ tịch"),
        ("nguyen xuan thang", "chỉ huy trưởng"),
        ("bui hong thanh", "chỉ huy trưởng"),
        ("pham thanh phuong", "phó giám đốc"),
        ("nguyen xuan thang", "đại tá"),
        ("bui hong thanh", "đại tá"),
        ("pham thanh phuong", "đại tá"),
    }


ENTRIES = [
    (vietnamese.split(",")[-1].strip(), word.strip())
    for line in (RANKS + OFFICES).strip().splitlines()
    if line
    for vietnamese, _, english in [line.partition(":")]
    for word in english.split(",")
]


@given(st.sampled_from(ENTRIES), st.sampled_from(["Hà Thọ Bình", "Võ Trọng Hải", "Mai Thị An"]))
def test_every_translation_is_accepted_and_every_other_rank_refused(
    entry: tuple[str, str], name: str
) -> None:
    vietnamese, english = entry
    source = f"Sáng nay, {vietnamese} {name} phát biểu."
    assert judge(f"{english} {name}", source) == "supported"
    others = [e for v, e in ENTRIES if not find_posts(e)[0].means & find_posts(vietnamese)[0].means]
    same_kind = [e for e in others if find_posts(e)[0].kind == find_posts(vietnamese)[0].kind]
    assert all(judge(f"{other} {name}", source) == "unsupported" for other in same_kind)


@given(st.text(), st.text(), st.text())
def test_no_text_breaks_the_judgement(sentence: str, source: str, question: str) -> None:
    assert judge(sentence, source, question) in {"supported", "partial", "unsupported"}
