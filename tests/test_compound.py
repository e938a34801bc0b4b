"""A question that asks several things is taken apart, and no other is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.combine import combined
from rag.compound import parts, standing_alone, turns_of
from rag.types import Answer, Citation, Passage, SearchResult, Sentence, Turn


def passage(name: str) -> Passage:
    return Passage(name, f"{name}.md", 0, 9, f"{name} … …", 0.9, 0.9, 0.9)


def answer(question: str, quotes: dict[str, str], *, found: bool = True) -> Answer:
    """One sentence for each quote; each is cited by its own number."""
    return Answer(
        question=question,
        standalone_question=question,
        language="vi",
        status="answered" if found else "not_found",
        answer="",
        sentences=tuple(Sentence(t, (n,), "supported") for n, t in enumerate(quotes.values(), 1)),
        citations=tuple(
            Citation(n, f"{name}.md", text, 0, len(text), "")
            for n, (name, text) in enumerate(quotes.items(), 1)
        ),
        retrieved=(passage(question[-2]),),
        engine="extractive",
        timings_ms={"retrieve": 5, "first_token": 9, "total": 10 + len(question)},
        confidence=0.5 + len(quotes) / 10,
        answerable=0.9,
        short_answer=" ".join(quotes),
        tokens={"prompt": 3},
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "Ai ký biên bản ở Nghệ An, và ai trao cờ ở Cao Bằng?",
            ["Ai ký biên bản ở Nghệ An?", "Ai trao cờ ở Cao Bằng?"],
        ),
        (
            "Nghệ An có bao nhiêu xã, còn Cao Bằng có bao nhiêu huyện?",
            ["Nghệ An có bao nhiêu xã?", "Cao Bằng có bao nhiêu huyện?"],
        ),
        (
            "Hội làng ở Nghệ An và Cao Bằng mở vào những ngày nào?",
            ["Hội làng ở Nghệ An mở vào ngày nào?", "Hội làng ở Cao Bằng mở vào ngày nào?"],
        ),
        (
            "Những ai chủ trì hội nghị ở Nghệ An, Cao Bằng và Lai Châu?",
            [
                "Ai chủ trì hội nghị ở Nghệ An?",
                "Ai chủ trì hội nghị ở Cao Bằng?",
                "Ai chủ trì hội nghị ở Lai Châu?",
            ],
        ),
        (
            "Những ai là Chủ tịch, Bí thư và Giám đốc ở Nghệ An?",
            ["Ai là Chủ tịch ở Nghệ An?", "Ai là Bí thư ở Nghệ An?", "Ai là Giám đốc ở Nghệ An?"],
        ),
        (
            "Giải chạy của Nghệ An và lễ hội trâu của Cao Bằng lần lượt diễn ra khi nào?",
            ["Giải chạy của Nghệ An diễn ra khi nào?", "Lễ hội trâu của Cao Bằng diễn ra khi nào?"],
        ),
        (
            "When and where was the Nghệ An fair held?",
            ["When was the Nghệ An fair held?", "Where was the Nghệ An fair held?"],
        ),
        (
            "Who opened the fair in Nghệ An, and how many people came to Cao Bằng?",
            ["Who opened the fair in Nghệ An?", "How many people came to Cao Bằng?"],
        ),
        (
            "When was the Nghệ An fair held and who opened it?",
            ["When was the Nghệ An fair held?", "Who opened it?"],
        ),
        (
            "Cho tôi ngày họp của ba tỉnh: Nghệ An, Cao Bằng, Lai Châu",
            [
                "Cho tôi ngày họp của ba tỉnh: Nghệ An?",
                "Cho tôi ngày họp của ba tỉnh: Cao Bằng?",
                "Cho tôi ngày họp của ba tỉnh: Lai Châu?",
            ],
        ),
        (
            "Who won in Nghệ An in 2021 and in Cao Bằng in 2022?",
            ["Who won in Nghệ An in 2021?", "Who won in Cao Bằng in 2022?"],
        ),
        (
            "What did Lê Văn An of Nghệ An and Trần Thị Mận of Cao Bằng say?",
            ["What did Lê Văn An of Nghệ An say?", "What did Trần Thị Mận of Cao Bằng say?"],
        ),
        (
            "Ai mở hội ở Nghệ An, Quân khu 1 và Cao Bằng?",
            ["Ai mở hội ở Nghệ An?", "Ai mở hội ở Quân khu 1?", "Ai mở hội ở Cao Bằng?"],
        ),
        (
            "bà mận mở hội làng ngày mồng mấy còn ông an mở chợ ở đâu",
            ["Bà mận mở hội làng ngày mồng mấy?", "Ông an mở chợ ở đâu?"],
        ),
        (
            "Ông Lê Văn An mang quân hàm gì và giữ chức gì ở Quân khu 1?",
            ["Ông Lê Văn An mang quân hàm gì?", "Ông Lê Văn An giữ chức gì ở Quân khu 1?"],
        ),
        (
            "Ở hội chợ Nghệ An, ai khai mạc rồi ai hát?",
            ["Ở hội chợ Nghệ An, ai khai mạc?", "Ở hội chợ Nghệ An, ai hát?"],
        ),
        ("Lê Văn An làm gì? Còn Trần Thị Mận?", ["Lê Văn An làm gì?", "Còn Trần Thị Mận?"]),
        (
            "Chủ tịch Nghệ An là ai, còn Chủ tịch Cao Bằng?",
            ["Chủ tịch Nghệ An là ai?", "Còn Chủ tịch Cao Bằng?"],
        ),
        (
            "Nghệ An họp ngày nào? Cao Bằng thì sao? Lai Châu?",
            ["Nghệ An họp ngày nào?", "Còn Cao Bằng thì sao?", "Còn Lai Châu?"],
        ),
        (
            "Nghệ An họp ngày nào, Cao Bằng họp ngày nào?",
            ["Nghệ An họp ngày nào?", "Cao Bằng họp ngày nào?"],
        ),
        (
            "Nghệ An và Cao Bằng họp ngày nào và ai chủ trì?",
            [
                "Nghệ An họp ngày nào?",
                "Cao Bằng họp ngày nào?",
                "Ở Nghệ An, ai chủ trì?",
                "Ở Cao Bằng, ai chủ trì?",
            ],
        ),
        (
            "Ai trao cờ cho thành phố Nghệ An và huyện Cao Bằng?",
            ["Ai trao cờ cho thành phố Nghệ An?", "Ai trao cờ cho huyện Cao Bằng?"],
        ),
        (
            "Đề án của Nghệ An tên là gì và kéo dài đến năm nào?",
            ["Đề án của Nghệ An tên là gì?", "Đề án của Nghệ An kéo dài đến năm nào?"],
        ),
        (
            "Hội chợ ở Nghệ An diễn ra khi nào, ở đâu và ai khai mạc?",
            [
                "Hội chợ ở Nghệ An diễn ra khi nào?",
                "Ai khai mạc?",
                "Hội chợ ở Nghệ An diễn ra ở đâu?",
            ],
        ),
        (
            "Nguyễn Văn Được sinh năm nào và quê ở đâu?",
            ["Nguyễn Văn Được sinh năm nào?", "Nguyễn Văn Được quê ở đâu?"],
        ),
        ("tô lâm sinh năm nào và quê ở đâu", ["Tô lâm sinh năm nào?", "Quê ở đâu?"]),
        (
            "Who invented the telephone and when was it patented?",
            ["Who invented the telephone?", "When was it patented?"],
        ),
        (
            "Who directed Titanic, when was it released and how much did it earn?",
            ["Who directed Titanic?", "When was it released?", "How much did it earn?"],
        ),
        ("Lê Văn An là ai và ông yêu cầu gì?", ["Lê Văn An là ai?", "Ông yêu cầu gì?"]),
        (
            "Quân khu 1 họp ở đâu, do ai chủ trì và ông ấy giữ chức gì?",
            ["Quân khu 1 họp ở đâu?", "Do ai chủ trì?", "Ông ấy giữ chức gì?"],
        ),
        (
            "Ai khai mạc hội chợ Nghệ An? Có bao nhiêu gian hàng?",
            ["Ai khai mạc hội chợ Nghệ An?", "Có bao nhiêu gian hàng?"],
        ),
    ],
)
def test_a_question_with_several_parts_is_taken_apart(question: str, expected: list[str]) -> None:
    assert parts(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Ai chủ trì hội nghị về quốc phòng và an ninh ở Nghệ An?",
        "Hội nghị giữa Nghệ An và Cao Bằng diễn ra khi nào?",
        "Hội nghị của Quân khu 1 và tỉnh Cao Bằng diễn ra khi nào?",
        "Đường từ Nghệ An và Cao Bằng gặp nhau ở đâu?",
        "Ai đến và ai phát biểu tại Nghệ An?",
        "Không ai vắng mặt, và hội nghị kết thúc lúc nào?",
        "Which player got a penalty, which gave Denver a new set of downs?",
        "What happened between 2004 and 2014 in Brazil?",
        "Who wrote The War and the Peace?",
        "Nghệ An, Cao Bằng, Lai Châu, Điện Biên, Sơn La, Hà Giang và Yên Bái họp ở đâu?",
        "Nghệ An và Cao Bằng cách nhau bao xa?",
        "Lê Văn An và Trần Thị Mận cưới nhau năm nào?",
        "Tổng dân số của Nghệ An và Cao Bằng là bao nhiêu?",
        "Đường nào nối Nghệ An và Cao Bằng?",
        "Ngoài Nghệ An, Cao Bằng và Lai Châu còn tỉnh nào tham gia?",
        "Nghệ An và Cao Bằng, nơi nào trao nhiều bằng khen hơn?",
        "Quân khu 1, Cao Bằng và Nghệ An ký biên bản gì?",
        "Hội nghị về nhiệm vụ năm 2023 và 2024 do ai chủ trì?",
        "Ai là Chỉ huy trưởng và Ủy viên Ban Thường vụ Tỉnh ủy Nghệ An?",
        "Ông Lê Văn An, Chủ tịch và Phó Bí thư, yêu cầu gì?",
        "Who was both Chairman and Deputy Secretary of Nghệ An?",
        "Who chaired the meetings in Nghệ An, Cao Bằng, and Vinh?",
        "In Nghệ An, what did Lê Văn An, who chaired the meeting, thank the ministries for?",
        "When Nghệ An held its meeting, who chaired it?",
        "Who is the man who chaired the Nghệ An meeting and who thanked the guests?",
        "What did Lê Văn An say about what was done in Nghệ An and what remains to be done?",
        "Ai đại diện Nghệ An phát biểu, còn lại ai dự?",
        "Tuyến cao tốc đi qua Nghệ An, Cao Bằng và Lai Châu dài bao nhiêu km?",
        "Công ty do Lê Văn An và Trần Thị Mận sáng lập tên là gì?",
        "What is known about how the virus spread in Brazil and where it came from?",
        "Who governed India while Lord Mountbatten was away, and not Gandhi?",
        "Dù ai nói gì, Nghệ An sẽ làm gì?",
        "Nguyễn Văn Được sinh năm nào?",
        "Có gì mới?",
        "",
    ],
)
def test_a_question_that_asks_one_thing_stays_whole(question: str) -> None:
    assert parts(question) == [question]


def part(question: str, short: str = "", *, found: bool = True) -> Answer:
    return replace(
        answer(question, {"x": f"Bà Ngô Thị Lan dẫn lời {short}."}, found=found), short_answer=short
    )


@pytest.mark.parametrize(
    ("asked", "before", "expected"),
    [
        ("Ông ấy nói gì?", part("Ai là Chủ tịch tỉnh Nghệ An?", "Lê Văn An"), "Ông Lê Văn An nói gì?"),
        ("Ông ấy nói gì?", part("Lê Văn An là ai?", "Chủ tịch"), "Ông Lê Văn An nói gì?"),
        ("Ông ấy nói gì?", part("Ai chủ trì ở Cao Bằng?", found=False), None),
        ("Ai trao cờ?", part("Ai trình bày báo cáo ở Nghệ An?", "Lê Văn An"), "Ở Nghệ An, ai trao cờ?"),
        (
            "Bao nhiêu người chết?",
            part("Vụ cháy ở Nghệ An xảy ra khi nào?", "2/3/2022"),
            "Vụ cháy ở Nghệ An: bao nhiêu người chết?",
        ),
        ("Vì sao?", part("Vụ cháy ở Nghệ An xảy ra khi nào?"), "Vụ cháy ở Nghệ An xảy ra: vì sao?"),
        ("Who signed it?", part("When did Nghệ An meet?", "2/3/2022"), "In Nghệ An, who signed it?"),
        (
            "Who is its Commissar?",
            part("Who is the Commander of Military Region 1?", "Lê Văn An"),
            "In Military Region 1, who is its Commissar?",
        ),
        ("Còn Cao Bằng?", part("Nghệ An họp ngày nào?", "2/3/2022"), "Cao Bằng họp ngày nào?"),
        ("Ai trao cờ ở Cao Bằng?", part("Nghệ An họp ngày nào?"), "Ai trao cờ ở Cao Bằng?"),
        ("Ông ấy nói gì?", None, "Ông ấy nói gì?"),
    ],
)
def test_a_later_part_takes_what_it_points_at_from_the_one_before(
    asked: str, before: Answer | None, expected: str | None
) -> None:
    assert standing_alone(asked, before) == expected


def test_a_conversation_goes_on_with_the_last_part() -> None:
    turns = turns_of([Turn("Ai ký ở Nghệ An, và ai ký ở Cao Bằng?", "Ông An. Bà Mận.")])
    assert [turn.question for turn in turns] == ["Ai ký ở Nghệ An?", "Ai ký ở Cao Bằng?"]


def test_the_same_words_of_two_sources_keep_both_citations() -> None:
    first, second = answer("Ở a?", {"x": "Có 5 xã."}), answer("Ở b?", {"y": "Có 5 xã."})
    assert combined("Hỏi?", "Hỏi?", WHOLE, [first, second]).answer == "Có 5 xã. [1][2]"


WHOLE = SearchResult("Hỏi?", "Hỏi?", "vi", (passage("w"), passage("a")), 0.5)


def test_the_answers_become_one_with_citations_numbered_through() -> None:
    first = answer("Ở a?", {"x": "Câu một.", "y": "Câu hai."})
    second = answer("Ở b?", {"z": "Câu ba.", "y": "Câu hai."})
    got = combined("Hỏi?", "Hỏi?", WHOLE, [first, second])
    assert got.answer == "Câu một. [1] Câu hai. [2] Câu ba. [3]"
    assert [(c.n, c.source) for c in got.citations] == [(1, "x.md"), (2, "y.md"), (3, "z.md")]
    assert got.searched_for == "Ở a? Ở b?"
    assert {p.id for p in got.retrieved} == {"w", "a", "b"}
    assert got.tokens == {"prompt": 6}
    assert (got.status, got.notice, got.short_answer) == ("answered", "", "x y; z y")


def test_a_part_without_an_answer_is_named() -> None:
    first = answer("Ở a?", {}, found=False)
    second = replace(answer("Ở b?", {"z": "Câu ba."}), notice="Mô hình chậm.")
    got = combined("Hỏi?", "Hỏi?", WHOLE, [first, second])
    assert got.answer == "Câu ba. [1]"
    assert "Mô hình chậm." in got.notice
    assert "“Ở a?”" in got.notice
    assert "“Ở b?”: Mô hình" in got.notice
    assert got.confidence == second.confidence
