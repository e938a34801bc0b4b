"""From passages to a checked answer: what is not carried by the articles is not shown as fact."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from pydantic import Field

from rag.answer import Answerer
from rag.phrases import phrase
from rag.prompts import load_prompt
from rag.reader import NOTHING, Span
from rag.types import Answer, AnswerEvent, Delta, Passage, Retrieved, SearchResult
from rag.writing import SURE
from tests.test_citations import TEXT, passage

PASSAGE = passage(sentence_scores=(0.3, 0.9, 0.2), published="2021-09-05")
ARTICLE = "Khai giảng\n2021-09-05\n" + TEXT
QUESTION = "Ai đánh trống khai giảng?"


class Recorder(GenericFakeChatModel):
    """Replies from a queue and keeps what it was asked."""

    asked: list = Field(default_factory=list)

    def _generate(self, messages: Any, *args: Any, **kwargs: Any) -> Any:
        self.asked.append(messages)
        return super()._generate(messages, *args, **kwargs)


def model(*replies: str) -> Recorder:
    return Recorder(messages=iter([AIMessage(content=reply) for reply in replies]), asked=[])


def events(
    reply: str | None, question: str = QUESTION, confidence: float = 0.9, language: str = "vi", **options: Any
) -> list[AnswerEvent]:
    answerer = Answerer(
        engine="fake",
        model=model(reply) if reply is not None else None,
        prompt=load_prompt("answer"),
        article_text=lambda source: ARTICLE,
        threshold=0.3,
        deadline=5,
        **options,
    )
    result = SearchResult(question, question, language, (PASSAGE,), confidence)
    return list(answerer.stream(question, question, result, time.monotonic(), language))


def answer(reply: str | None, **options: Any) -> Answer:
    last = events(reply, **options)[-1]
    assert isinstance(last, Answer)
    return last


def test_a_supported_answer_cites_the_words_of_the_file() -> None:
    got = answer("Hiệu trưởng Trần Thị Mận [WA]")
    assert got.status == "answered"
    assert got.answer == "Hiệu trưởng Trần Thị Mận [1]"
    (citation,) = got.citations
    assert citation.quote == "Hiệu trưởng Trần Thị Mận đánh trống."
    assert TEXT[citation.start - 100 : citation.end - 100] == citation.quote
    assert [s.verdict for s in got.sentences] == ["supported"]


def test_the_passages_come_first_and_markers_never_show_in_pieces() -> None:
    got = events("Hiệu trưởng Trần Thị Mận [WA]")
    assert isinstance(got[0], Retrieved)
    assert "".join(e.text for e in got if isinstance(e, Delta)).strip() == "Hiệu trưởng Trần Thị Mận"


def test_a_forgotten_marker_is_put_in() -> None:
    assert answer("Trần Thị Mận").answer == "Trần Thị Mận [1]"


def test_a_claim_nobody_carries_is_left_out() -> None:
    got = answer("Trần Thị Mận đánh trống [WA]. Bà Lê Thị Hoa hát 5 bài [WA].")
    assert got.answer == "Trần Thị Mận đánh trống. [1]"


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/a", "(www.evil.example)", "[xem](javascript:alert(1))", "![x](//evil.example)"],
)
def test_an_address_that_no_article_holds_is_not_passed_on(link: str) -> None:
    got = answer(f"Trần Thị Mận đánh trống [WA]. Bà Mận đánh trống khai giảng {link} [WA].")
    assert got.answer.startswith("Trần Thị Mận đánh trống. [1]")
    assert "evil" not in got.answer
    assert "alert" not in got.answer


def test_an_office_of_the_models_own_making_is_cut_off() -> None:
    assert answer("Trần Thị Mận, Deputy Minister of Education [WA]").answer == "Trần Thị Mận [1]"


def test_a_misspelled_name_is_mended_from_the_source() -> None:
    assert answer("Hiệu trưởng Trần Thi Mận [WA]").answer == "Hiệu trưởng Trần Thị Mận [1]"


def test_or_kept_without_citation_when_it_is_to_be_struck() -> None:
    got = answer("Trần Thị Mận đánh trống [WA]. Bà Lê Thị Hoa hát 5 bài [WA].", keep_unsupported=True)
    assert [(s.verdict, s.citations) for s in got.sentences] == [("supported", (1,)), ("unsupported", ())]


@pytest.mark.parametrize(
    "reply",
    ["Ông Nguyễn Văn Nam [WA]", "NOT_FOUND", "NOT_FOUND [WA]", "Không tìm thấy.", "512 học sinh [WA]"],
)
def test_nothing_supported_means_not_found(reply: str) -> None:
    got = answer(reply)
    assert (got.status, got.answer) == ("not_found", phrase("not_found", "vi"))
    assert got.citations == ()
    assert got.retrieved == (PASSAGE,)


@pytest.mark.parametrize("reply", ["", "  \n", "[WA]", "…"])
def test_a_model_that_writes_nothing_has_failed(reply: str) -> None:
    got = answer(reply)
    assert got.answer == "Hiệu trưởng Trần Thị Mận đánh trống. [1]"
    assert got.notice


def test_not_found_is_never_shown_while_it_streams() -> None:
    assert not [e for e in events("NOT_FOUND") if isinstance(e, Delta)]


def test_it_is_said_in_the_readers_language() -> None:
    assert answer("NOT_FOUND", language="en").answer == phrase("not_found", "en")
    assert answer("NOT_FOUND", language="sw").answer == phrase("not_found", "en")


def test_a_hopeless_retrieval_does_not_ask_the_model() -> None:
    asked = model("Trần Thị Mận [WA]")
    answerer = Answerer("fake", asked, load_prompt("answer"), lambda source: ARTICLE, 0.3, 5)
    result = SearchResult(QUESTION, QUESTION, "vi", (PASSAGE,), 0.1)
    *_, last = answerer.stream(QUESTION, QUESTION, result, time.monotonic(), "vi")
    assert isinstance(last, Answer)
    assert last.status == "not_found"
    assert asked.asked == []


def test_a_question_about_another_place_is_not_answered_from_this_article() -> None:
    assert (
        answer("Trần Thị Mận [WA]", question="Ai đánh trống khai giảng ở Quảng Bình?").status == "not_found"
    )
    assert answer("Trần Thị Mận [WA]", question="Ai đánh trống khai giảng năm 2021?").status == "answered"
    assert answer("Trần Thị Mận [WA]", question="Ai đánh trống khai giảng năm 2018?").status == "not_found"


def test_the_extractive_engine_gives_the_sentence_itself() -> None:
    got = answer(None)
    assert got.answer == "Hiệu trưởng Trần Thị Mận đánh trống. [1]"
    assert got.status == "answered"


class Broken(GenericFakeChatModel):
    """Writes half an answer and dies."""

    def _stream(self, *args: Any, **kwargs: Any) -> Iterator:
        yield from super()._stream(*args, **kwargs)
        raise RuntimeError("out of memory")


def test_a_model_that_dies_leaves_the_best_sentence_and_one_honest_line() -> None:
    broken = Broken(messages=iter([AIMessage(content="Bà Trần")]))
    answerer = Answerer("fake", broken, load_prompt("answer"), lambda source: ARTICLE, 0.3, 5)
    result = SearchResult(QUESTION, QUESTION, "vi", (PASSAGE,), 0.9)
    *_, last = answerer.stream(QUESTION, QUESTION, result, time.monotonic(), "vi")
    assert isinstance(last, Answer)
    assert last.answer == "Hiệu trưởng Trần Thị Mận đánh trống. [1]"
    assert "out of memory" in last.notice


def test_braces_in_an_article_are_text() -> None:
    asked = model("Trần Thị Mận [WA]")
    odd = passage(TEXT + " Mã {secret} và $HOME.", sentence_scores=(0.1, 0.9, 0.1, 0.8))
    answerer = Answerer("fake", asked, load_prompt("answer"), lambda source: ARTICLE, 0.3, 5)
    result = SearchResult(QUESTION, QUESTION, "vi", (odd,), 0.9)
    list(answerer.stream(QUESTION, QUESTION, result, time.monotonic(), "vi"))
    assert "{secret} và $HOME" in str(asked.asked[0][-1].content)


class Pointer:
    """A reader that points at given words of the first passage."""

    def __init__(self, words: str, margin: float) -> None:
        start = TEXT.index(words)
        self.span = Span(start, start + len(words), words, margin)

    def read(self, question: str, passages: Sequence[str]) -> list[Span]:
        return [self.span, *[NOTHING] * (len(passages) - 1)]


def test_a_model_that_agrees_with_the_reader_gets_a_short_answer_and_its_place() -> None:
    got = answer("Hiệu trưởng Trần Thị Mận [WA]", reader=Pointer("Trần Thị Mận", 9.0))
    assert got.short_answer == "Trần Thị Mận"
    (citation,) = got.citations
    assert citation.span is not None
    assert TEXT[citation.span[0] - 100 : citation.span[1] - 100] == "Trần Thị Mận"
    assert got.to_dict()["citations"][0]["span"] == citation.span


def test_where_a_reader_leads_the_model_is_asked_for_what_no_sentence_says() -> None:
    unasked = model()
    result = SearchResult(QUESTION, QUESTION, "vi", (PASSAGE,), 0.9)

    def asked(question: str, margin: float, language: str = "vi", **options: Any) -> Answer:
        answerer = Answerer(
            "fake", unasked, load_prompt("answer"), lambda source: ARTICLE, 0.3, 5,
            reader=Pointer("Trần Thị Mận", margin), **{"reader_leads": True, **options},
        )  # fmt: skip
        searched = replace(result, question=question, searched_for=question, language=language)
        *_, last = answerer.stream(question, question, searched, time.monotonic(), language)
        assert isinstance(last, Answer)
        return last

    got = asked(QUESTION, 2.0)
    assert (got.answer, got.short_answer) == ("Hiệu trưởng Trần Thị Mận đánh trống. [1]", "Trần Thị Mận")
    assert unasked.asked == []
    asked("Vì sao trống vang?", 2.0)
    asked("Những ai đánh trống khai giảng?", -0.5)
    assert unasked.asked == []
    asked("Tóm tắt lễ khai giảng.", 2.0)
    asked("Who beat the drum?", 2.0, "en")  # whoever asks may not read the article's language
    asked(QUESTION, 2.0, reader_leads=False)
    assert len(unasked.asked) == 3


def test_a_reader_that_leads_overrules_a_refusal_across_languages_only_when_sure() -> None:
    leading = {"reader": Pointer("Trần Thị Mận", 2.0), "reader_leads": True}
    written = "Tóm tắt lễ khai giảng."
    assert answer("NOT_FOUND", question=written, **leading).short_answer == "Trần Thị Mận"
    doubting = {**leading, "reader": Pointer("Trần Thị Mận", -0.5)}
    assert answer("NOT_FOUND", question=written, **doubting).status == "not_found"
    assert answer("NOT_FOUND", language="en", **leading).status == "not_found"
    sure = answer("NOT_FOUND", confidence=0.999, language="en", **leading)
    assert sure.answerable >= SURE
    assert (sure.status, sure.short_answer) == ("answered", "Trần Thị Mận")
    follows = {**leading, "reader_leads": False}
    assert answer("NOT_FOUND", confidence=0.999, **follows).status == "not_found"


def test_an_answer_must_be_of_the_kind_that_was_asked_for() -> None:
    def asked(question: str, reply: str | None) -> Answer:
        return answer(reply, question=question, reader=Pointer("Trần Thị Mận", 5.0), reader_leads=True)

    for reply in (None, "Trần Thị Mận [WA]", "NOT_FOUND"):
        assert asked("Có bao nhiêu trống?", reply).status == "not_found"
    assert asked("Ai là Hiệu trưởng?", None).short_answer == "Trần Thị Mận"
    assert asked("Ai là Phó Giám đốc?", None).status == "not_found"


def test_a_reader_that_does_not_lead_leaves_the_model_its_word_and_lowers_the_verdict() -> None:
    other = Pointer("đánh trống", 2.0)
    assert answer("NOT_FOUND", reader=other).status == "not_found"
    got = answer("Hiệu trưởng Trần Thị Mận [WA]", reader=other)
    assert got.answer == "Hiệu trưởng Trần Thị Mận [1]"
    assert [s.verdict for s in got.sentences] == ["partial"]
    assert got.short_answer == ""


def test_a_model_that_refuses_is_shown_the_readers_sentence_alone() -> None:
    asked = model("NOT_FOUND", "Năm 2021 [WA]")
    result = SearchResult("Khi nào?", "Khi nào?", "en", (PASSAGE,), 0.9)
    answerer = Answerer(
        "fake",
        asked,
        load_prompt("answer"),
        lambda source: ARTICLE,
        0.3,
        5,
        reader=Pointer("2021", 2.0),
        reader_leads=True,
    )
    *_, last = answerer.stream("Khi nào?", "Khi nào?", result, time.monotonic(), "vi")
    assert isinstance(last, Answer)
    first, second = (str(messages[-1].content) for messages in asked.asked)
    assert "2021" in second
    assert len(second) < len(first)
    assert last.status == "answered"
    assert "2021" in last.answer


def test_a_model_that_fails_when_asked_again_has_refused() -> None:
    asked = model("NOT_FOUND")  # and no second reply
    reader = Pointer("2021", 2.0)
    options = {"reader": reader, "reader_leads": True}
    answerer = Answerer("fake", asked, load_prompt("answer"), lambda source: ARTICLE, 0.3, 5, **options)
    result = SearchResult("Khi nào?", "Khi nào?", "en", (PASSAGE,), 0.9)
    *_, last = answerer.stream("Khi nào?", "Khi nào?", result, time.monotonic(), "vi")
    assert isinstance(last, Answer)
    assert (last.status, last.notice) == ("not_found", "")
    assert len(asked.asked) == 2


def test_the_readers_doubt_counts_in_the_decision_to_refuse() -> None:
    sure, unsure = Pointer("Trần Thị Mận", 20.0), Pointer("Trần Thị Mận", -20.0)
    assert answer("Trần Thị Mận [WA]", reader=unsure, confidence=0.5).status == "not_found"
    assert answer("Trần Thị Mận [WA]", reader=sure, confidence=0.5).status == "answered"


def test_a_decimal_comma_does_not_end_a_clause() -> None:
    got = answer("Trần Thị Mận đánh trống 1,200 lần [WA]")
    assert "1" not in got.answer.replace("[1]", "")


def test_a_model_in_its_own_words_is_not_asked_again_once_it_was_shown() -> None:
    asked = model("Tiếc là tôi không biết gì về việc này. NOT_FOUND", "Trần Thị Mận [WA]")
    reader = Pointer("2021", 2.0)
    options = {"reader": reader, "reader_leads": True}
    answerer = Answerer("fake", asked, load_prompt("answer"), lambda source: ARTICLE, 0.3, 5, **options)
    result = SearchResult(QUESTION, QUESTION, "en", (PASSAGE,), 0.9)
    *_, last = answerer.stream(QUESTION, QUESTION, result, time.monotonic(), "vi")
    assert isinstance(last, Answer)
    assert last.status == "not_found"
    assert len(asked.asked) == 1


def test_what_streams_is_what_was_written_up_to_the_full_stop_behind_a_marker() -> None:
    got = events("Trần Thị Mận đánh trống [WA]. Năm 2021 [WA]")
    assert "".join(e.text for e in got if isinstance(e, Delta)).strip() == "Trần Thị Mận đánh trống. Năm 2021"


def test_where_each_article_may_answer_the_best_sentence_of_each_is_listed_with_its_place() -> None:
    def told(source: str, place: str, text: str, score: float) -> Passage:
        return Passage(
            source, source, 0, len(text), text, 0.9, 0.9, 0.9, "", "2022-05-03", place=place,
            sentences=((0, len(text)),), sentence_scores=(score,),
        )  # fmt: skip

    found = (
        told("a.md", "Nghệ An", "Tỉnh mở ba lớp học.", 0.70),
        told("b.md", "Cao Bằng", "Lớp học mở tại hai huyện.", 0.68),
        told("c.md", "Lai Châu", "Trời mưa.", 0.50),
    )
    asked = "Những tỉnh nào mở lớp học?"
    unasked = model()
    options = {"reader": Pointer("Trần", -9.0), "reader_leads": True}
    answerer = Answerer("fake", unasked, load_prompt("answer"), lambda source: "", 0.1, 5, **options)
    result = SearchResult(asked, asked, "vi", found, 0.9)
    *_, got = answerer.stream(asked, asked, result, time.monotonic(), "vi")
    assert isinstance(got, Answer)
    assert got.answer == (
        "- Nghệ An, 3/5/2022: Tỉnh mở ba lớp học. [1]\n- Cao Bằng, 3/5/2022: Lớp học mở tại hai huyện. [2]"
    )
    assert [c.quote for c in got.citations] == ["Tỉnh mở ba lớp học.", "Lớp học mở tại hai huyện."]
    assert (got.short_answer, unasked.asked) == ("", [])


def test_items_of_a_numbered_list_are_checked_without_their_numbers() -> None:
    listed = "1. **Trần Thị Mận** [WA]\n2. Bà Lê Thị Hoa hát 5 bài [WA]\n3. NOT_FOUND"
    got = answer(listed, question="Những ai đánh trống?")
    assert [s.text for s in got.sentences] == ["1. Trần Thị Mận"]
    assert got.answer == "1. Trần Thị Mận [1]"


def test_what_a_server_sends_of_its_models_thoughts_is_no_part_of_the_answer() -> None:
    got = events("Năm 2021 là năm nào nhỉ.\n</think>\n\nTrần Thị Mận [WA]")
    assert isinstance(got[-1], Answer)
    assert got[-1].answer == "Trần Thị Mận [1]"


def test_nobody_was_found_is_an_answer_where_the_article_says_so() -> None:
    text = "Lực lượng cứu hộ không tìm thấy nạn nhân nào."
    told = replace(
        PASSAGE, text=text, start=0, end=len(text), sentences=((0, len(text)),), sentence_scores=(0.9,)
    )
    question = "Kết quả tìm kiếm nạn nhân ra sao?"
    result = SearchResult(question, question, "vi", (told,), 0.9)
    for reply, status in (("Không tìm thấy nạn nhân nào [WA]", "answered"), ("Không tìm thấy", "not_found")):
        answerer = Answerer("fake", model(reply), load_prompt("answer"), lambda source: text, 0.3, 5)
        *_, last = answerer.stream(question, question, result, time.monotonic(), "vi")
        assert isinstance(last, Answer)
        assert last.status == status


class InPassage:
    """A reader that sees its words in one passage only."""

    def __init__(self, text: str, words: str) -> None:
        start = text.index(words)
        self.text, self.span = text, Span(start, start + len(words), words, 9.0)

    def read(self, question: str, passages: Sequence[str]) -> list[Span]:
        return [self.span if passage == self.text else NOTHING for passage in passages]


def test_a_sentence_in_another_language_is_not_shown_in_place_of_the_models() -> None:
    text = "The drum was beaten by Trần Thị Mận, who thanked everyone for coming to the school that morning."
    english = replace(
        PASSAGE, id="b", source="b.md", text=text, start=0, end=len(text), score=0.99,
        sentences=((0, len(text)),), sentence_scores=(0.9,),
    )  # fmt: skip
    asked = model("Trần Thị Mận [WA]")
    answerer = Answerer(
        "fake", asked, load_prompt("answer"), lambda source: ARTICLE, 0.3, 5,
        reader=InPassage(text, "Trần Thị Mận"), reader_leads=True,
    )  # fmt: skip
    result = SearchResult(QUESTION, QUESTION, "vi", (PASSAGE, english), 0.9)
    list(answerer.stream(QUESTION, QUESTION, result, time.monotonic(), "vi"))
    assert len(asked.asked) == 1
