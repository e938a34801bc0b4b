"""A follow-up is made to stand alone; a question that needs no history is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage

from rag.assistant import Assistant
from rag.coreference import by_rules, needs_history
from rag.followup import begins_anew, make_standalone
from rag.prompts import load_prompt
from rag.settings import load_settings
from rag.types import Filters, SearchResult, Turn

FIRST = ("Ai chủ trì hội nghị năm 2023 ở Hà Tĩnh?", "Chủ tịch UBND tỉnh Võ Trọng Hải [1]")
HISTORY = [Turn(*FIRST)]
OBSCURE = "Còn cái kia?"
"""Nothing that the rules know."""


def model(*replies: str) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter([AIMessage(content=reply) for reply in replies]))


def standalone(question: str, *turns: tuple[str, str]) -> str:
    return make_standalone(question, [Turn(*turn) for turn in turns], load_prompt("standalone"), None)


@pytest.mark.parametrize(
    "question",
    [
        "Còn ở Đắk Nông thì sao?",
        "con o dak nong thi sao",
        "Ông ấy giữ chức vụ gì?",
        "Ông trao cờ cho hai đơn vị nào?",
        "Hội nghị đó diễn ra ngày nào?",
        "Ai phát biểu chỉ đạo?",
        "and who signed it?",
        "What did he ask for?",
        "Why?",
    ],
)
def test_what_points_back_needs_the_history(question: str) -> None:
    assert needs_history(question)


@pytest.mark.parametrize(
    "question",
    [
        "Ai chủ trì hội nghị năm 2022 ở Đắk Nông?",
        "Hồ Văn Mười trao bằng khen cho bao nhiêu tập thể?",
        "When did Thanh Hóa hold its conference on defence tasks?",
        "Is there a programme for the militia in Thanh Hóa?",
        "Ông Mai Xuân Liêm là Phó Chủ tịch tỉnh nào?",
        "Tỉnh nào diễn tập ứng phó sự cố bức xạ hạt nhân?",
        "The conference in Vinh was chaired by which general?",
    ],
)
def test_what_names_its_subject_is_left_alone(question: str) -> None:
    assert not needs_history(question)
    assert make_standalone(question, HISTORY, load_prompt("standalone"), model()) == question


def test_without_history_nothing_is_changed() -> None:
    assert standalone("Còn ở Đắk Nông thì sao?") == "Còn ở Đắk Nông thì sao?"


CHAIR = ("Ai chủ trì hội nghị quốc phòng ngày 11/1/2023 của Thanh Hóa?", "Đại tá Lê Văn Diện.")
COUNCIL = ("Who chairs the council of Sơn La?", "Vàng A Sử.")
PORT = ("When did Gia Lai open the port?", "In May.")
OFFICE = ("Ông Lê Bình giữ chức vụ gì ở Phú Yên?", "Chủ tịch Hội Nghề cá.")


@pytest.mark.parametrize(
    ("turn", "question", "expected"),
    [
        # A changed place; the day of the other event goes.
        (CHAIR, "Còn ở Hà Tĩnh thì sao?", "Ai chủ trì hội nghị quốc phòng của Hà Tĩnh?"),
        (CHAIR, "Thế còn Quân khu 4?", "Ai chủ trì hội nghị quốc phòng của Quân khu 4?"),
        (FIRST, "Còn Phú Yên?", "Ai chủ trì hội nghị năm 2023 ở Phú Yên?"),
        # A changed year, person, office.
        (FIRST, "Thế năm 2021?", "Ai chủ trì hội nghị năm 2021 ở Hà Tĩnh?"),
        (OFFICE, "Còn bà Trần Thị Mận?", "Bà Trần Thị Mận giữ chức vụ gì?"),
        (("Ai là Chính ủy Quân khu 9?", "Ông A."), "Còn Tư lệnh?", "Ai là Tư lệnh Quân khu 9?"),
        # Pronouns and demonstratives.
        (CHAIR, "Ông ấy nói gì?", "Ông Lê Văn Diện nói gì?"),
        (CHAIR, "Tỉnh đó có bao nhiêu huyện?", "Tỉnh Thanh Hóa có bao nhiêu huyện?"),
        (COUNCIL, "How old is he?", "How old is Vàng A Sử?"),
        (COUNCIL, "What was built there?", "What was built in Sơn La?"),
        # What is left out.
        (CHAIR, "Ở đâu?", "Chủ trì hội nghị quốc phòng ngày 11/1/2023 của Thanh Hóa: ở đâu?"),
        (PORT, "Who paid for it?", "Gia Lai open the port: who paid for it?"),
        # Its own subject: only the opening goes.
        (CHAIR, "Còn Chủ tịch Võ Trọng Hải thì cảm ơn ai?", "Chủ tịch Võ Trọng Hải thì cảm ơn ai?"),
    ],
)  # fmt: skip
def test_the_rules_put_in_what_is_missing(turn: tuple[str, str], question: str, expected: str) -> None:
    assert standalone(question, turn) == expected


CHAIRMAN = ("Ai là Chủ tịch UBND tỉnh Nghệ An năm 2023?", "Ông Nguyễn Văn Nam.")


@pytest.mark.parametrize(
    "question",
    [
        "Bà Ánh sinh năm nào?",
        "Ông Ế sinh năm nào?",
        "Bà con nông dân được hỗ trợ bao nhiêu tiền mỗi hộ?",
        "Ông bà cao tuổi được hưởng trợ cấp gì từ ngân sách?",
        "Vay vốn ngân hàng cần những giấy tờ gì?",
        "Con trâu có vai trò gì trong nông nghiệp?",
        "Sang năm học phí đại học tăng bao nhiêu?",
        "Thế giới có bao nhiêu quốc gia?",
        "Hôm nay trời có mưa không, và mưa lúc nào?",
    ],
)
def test_no_word_of_a_plain_question_is_taken_for_a_pointer_or_an_opening(question: str) -> None:
    done = standalone(question, CHAIRMAN)
    assert done.lower().endswith(question.lower())
    assert "Nguyễn Văn Nam" not in done


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Sang năm 2024 thì sao?", "Ai là Chủ tịch UBND tỉnh Nghệ An năm 2024?"),
        ("Ông giữ chức vụ gì?", "Ông Nguyễn Văn Nam giữ chức vụ gì?"),
        ("Bà ấy ở đâu?", "Bà Nguyễn Văn Nam ở đâu?"),
        # Typed without diacritics, but for a copied name.
        ("vay ong ay noi gi", "Ong Nguyễn Văn Nam noi gi?"),
        ("con o Đắk Nông thi sao", "Ai là Chủ tịch UBND tỉnh Đắk Nông năm 2023?"),
    ],
)
def test_openings_and_pointers_are_known_as_people_type_them(question: str, expected: str) -> None:
    assert standalone(question, CHAIRMAN) == expected


def test_a_third_turn_is_read_against_the_second_as_it_was_understood() -> None:
    turns = (CHAIR, ("Còn ở Hà Tĩnh thì sao?", "Ông Võ Trọng Hải."))
    assert standalone("Đắk Nông nữa?", *turns) == "Ai chủ trì hội nghị quốc phòng của Đắk Nông?"


def test_the_model_is_asked_only_where_the_rules_do_not_know() -> None:
    """A model without a reply left would raise."""
    assert make_standalone("Còn ở Đắk Nông thì sao?", HISTORY, load_prompt("standalone"), model()) == (
        "Ai chủ trì hội nghị năm 2023 ở Đắk Nông?"
    )
    reply = "Ai chủ trì cái kia năm 2023 ở Hà Tĩnh?"
    assert make_standalone(OBSCURE, HISTORY, load_prompt("standalone"), model(reply)) == reply


@pytest.mark.parametrize(
    "reply",
    [
        "Ai chủ trì hội nghị năm 2019 ở Hà Tĩnh?",  # a year nobody named
        "Ai chủ trì hội nghị ở Nghệ An?",  # a place nobody named
        "",
    ],
)
def test_a_rewriting_that_invents_names_is_not_used(reply: str) -> None:
    asked = make_standalone(OBSCURE, HISTORY, load_prompt("standalone"), model(reply))
    assert asked == "Ai chủ trì hội nghị năm 2023 ở Hà Tĩnh? Còn cái kia?"


@given(st.text(), st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=3))
def test_no_conversation_breaks_the_rules(question: str, turns: list[tuple[str, str]]) -> None:
    assert isinstance(by_rules(question, [Turn(*turn) for turn in turns]).text, str)


@pytest.mark.parametrize(
    ("question", "alone", "rewritten", "anew"),
    [
        # The articles do not know it.
        ("Giá vàng hôm nay là bao nhiêu?", 0.002, 0.2, True),
        ("What is photosynthesis?", 0.03, 0.3, True),
        ("What are vaccines?", 0.03, 0.3, True),
        ("How do vaccines work?", 0.03, 0.3, True),
        # They know clearly more of it than of what it was made into.
        ("Giá vàng hôm nay là bao nhiêu?", 0.9, 0.5, True),
        ("Bao nhiêu công dân nhập ngũ?", 0.95, 0.55, True),
        # Neither.
        ("Giá vàng hôm nay là bao nhiêu?", 0.5, 0.5, False),
        ("What is photosynthesis?", 0.5, 0.6, False),
        ("Ai trao cờ?", 0.95, 0.85, False),
        # What points back, or says nothing of its own, never begins anew.
        ("Vào ngày nào?", 0.02, 0.9, False),
        ("Who presided?", 0.02, 0.9, False),
        ("What is the result?", 0.02, 0.9, False),
        ("What was signed?", 0.02, 0.9, False),
        ("What is planned?", 0.02, 0.9, False),
        ("Còn ở Hà Tĩnh thì sao?", 0.02, 0.9, False),
        ("Ông ấy yêu cầu gì?", 0.95, 0.3, False),
        ("What did he do there?", 0.95, 0.3, False),
    ],
)
def test_what_points_at_nothing_begins_anew_where_the_articles_tell_so(
    question: str, alone: float, rewritten: float, anew: bool
) -> None:
    assert begins_anew(question, alone, rewritten) is anew


class Searching(Assistant):
    """Finds nothing, and is as sure of it as it is told."""

    def __init__(self, confidence: dict[str, float] | None = None, history_turns: int = 4) -> None:
        super().__init__(load_settings(llm="extractive", history_turns=history_turns))
        self.confidence = confidence or {}

    def search(
        self, question: str, k: int | None = None, filters: Filters | None = None, explain: bool = False
    ) -> SearchResult:
        return SearchResult(question, question, "en", (), self.confidence.get(question, 0.5))


def test_a_new_question_leaves_the_old_topic_behind() -> None:
    rewritten = "Chủ trì hội nghị năm 2023 ở Hà Tĩnh: what is photosynthesis?"
    for alone, expected in ((0.03, "What is photosynthesis?"), (0.4, rewritten)):
        assistant = Searching({"What is photosynthesis?": alone, rewritten: 0.3})
        assert assistant.understand("What is photosynthesis?", HISTORY)[0] == expected


PLACES = ("Hà Tĩnh", "Thanh Hóa", "Quảng Bình", "Quảng Trị", "Phú Yên", "Đắk Nông")


def test_the_thread_is_not_lost_in_a_long_conversation() -> None:
    history = [Turn("Ai chủ trì hội nghị ở Nghệ An?", "Ông A.")]
    history += [Turn(f"Còn ở {place}?", "Ông A.") for place in PLACES]
    assert len(history) > load_settings().history_turns
    assert Searching().understand("Còn ở Đồng Nai?", history)[0] == "Ai chủ trì hội nghị ở Đồng Nai?"
    without = Searching(history_turns=0)
    assert without.understand("Còn ở Đồng Nai?", history)[0] == "Còn ở Đồng Nai?"


def test_the_model_reads_only_the_last_turns() -> None:
    history = [Turn(f"Câu số {n}?", f"Đáp {n}.") for n in range(9)]
    seen: list[str] = []

    class Reading(GenericFakeChatModel):
        def _stream(self, messages: list[BaseMessage], *args: Any, **options: Any) -> Any:
            seen.extend(str(message.content) for message in messages)
            return super()._stream(messages, *args, **options)

    reading = Reading(messages=iter([AIMessage(content=OBSCURE)]))
    make_standalone(OBSCURE, history, load_prompt("standalone"), reading, turns=2)
    text = "\n".join(seen)
    assert "Câu số 8?" in text
    assert "Câu số 7?" in text
    assert "Câu số 6?" not in text


@pytest.mark.timeout(120)  # Reading every turn against every other would take many minutes.
def test_a_long_conversation_does_not_take_forever() -> None:
    history = [Turn(f"Còn ở {PLACES[n % 6]} năm {1900 + n}?", f"Ông Lê Văn {n}.") for n in range(2000)]
    assert by_rules("Ông ấy nói gì?", history).text == "Ông Lê Văn nói gì?"


def test_remarks_do_not_pile_up() -> None:
    history = [Turn("Ai chủ trì hội nghị ở Hà Tĩnh?", "Ông Lê Văn An.")]
    for remark in ["nhanh lên", "nói đi", "tôi cần gấp", "xin đấy"]:
        done = by_rules(remark, history)
        history.append(Turn(remark, "", standalone=done.text))
    assert history[-1].standalone == "Ai chủ trì hội nghị ở Hà Tĩnh? tôi cần gấp? xin đấy"


def test_a_title_before_a_name_in_small_letters_points_at_nobody() -> None:
    assert not needs_history("ông hồ văn mười chủ trì hội nghị ở tỉnh nào trong năm ngoái vậy các bạn ơi")
    assert needs_history("ông phát biểu gì ở hội nghị của tỉnh trong buổi sáng hôm ấy vậy các bạn ơi")


def test_he_is_whom_the_short_answer_named() -> None:
    sentence = "Sau lời chào mừng của ông Nguyễn Văn An, ông Lê Văn Bình trao cờ cho đội văn nghệ. [1]"
    turn = Turn("Ai trao cờ ở Hà Tĩnh?", sentence, "Lê Văn Bình")
    prompt = load_prompt("standalone")
    assert make_standalone("Ông ấy giữ chức gì?", [turn], prompt, None) == "Ông Lê Văn Bình giữ chức gì?"


def test_a_question_that_began_anew_is_not_read_against_what_went_before() -> None:
    first = Turn("Ai chủ trì hội nghị ở Hà Tĩnh năm 2023?", "Ông Võ Trọng Hải [1]")
    gold = "Giá vàng thế giới hôm nay là bao nhiêu?"
    new = Turn(gold, "Các bài viết không có câu trả lời.", standalone=gold)
    prompt = load_prompt("standalone")
    follows = make_standalone("Vì sao tăng?", [first, new], prompt, None)
    assert "Hà Tĩnh" not in follows
    assert "vàng" in follows


def test_a_word_of_thanks_is_nothing_to_go_on_from() -> None:
    asked = "Ai chủ trì hội nghị ở Hà Tĩnh năm 2023?"
    turns = [
        Turn(asked, "Võ Trọng Hải [1]", "Võ Trọng Hải", asked),
        Turn("Cảm ơn", "Không có.", "", "Cảm ơn"),
    ]
    follows = make_standalone("Còn ở Đắk Nông?", turns, load_prompt("standalone"), None)
    assert follows == "Ai chủ trì hội nghị ở Đắk Nông năm 2023?"


@pytest.mark.parametrize(
    "question",
    [
        "Kể tên các đồng chí chủ trì hội nghị ở Thanh Hóa.",
        "Những đồng chí nào chủ trì hội nghị ở Thanh Hóa?",
        "Các ông dự hội nghị ở Thanh Hóa năm ngoái là ai?",
        "Đồng chí nào phát biểu ở hội nghị của Thanh Hóa?",
    ],
)
def test_several_comrades_are_nobody_named_before(question: str) -> None:
    assert not needs_history(question)


def test_an_order_to_list_goes_on_with_the_topic() -> None:
    done = by_rules("Kể tên các đại biểu dự họp.", [Turn("Ai chủ trì hội nghị ở Hà Tĩnh?", "Ông Lê Văn An.")])
    assert done.text == "Chủ trì hội nghị ở Hà Tĩnh: kể tên các đại biểu dự họp?"
