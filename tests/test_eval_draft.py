"""Proposed questions: what is asked for, what is dropped, what a person decides."""

import io
import json

import pytest

from eval import draft, propose
from eval.check import faults
from eval.dataset import load
from rag.errors import RagError
from rag.prompts import load_prompt
from rag.settings import EXTRACTIVE, Settings
from rag.types import Article, Passage, SearchResult

TEXT = (
    "Sáng 3/1/2023, tại thành phố Vinh, Bộ Tư lệnh Quân khu 4 tổ chức hội nghị liên tịch với 6 tỉnh. "
    "Trung tướng Hà Thọ Bình, Tư lệnh Quân khu 4, chủ trì hội nghị. "
    "Ông biểu dương bà Lê Thị Hoa cùng 16 tập thể có thành tích xuất sắc. "
    "Bài báo được đăng lúc 12 giờ 09 phút ngày 8/9/2022."
)
ARTICLE = Article("qk4.md", TEXT, "0", title="Hội nghị liên tịch", published="2023-01-03", place="Nghệ An")
ENGLISH = Article(
    "library.md",
    "The new library of Dalat has 8,500 books that the engineer Mary Lamb bought.",
    "0",
    title="A library opens in Dalat",
)


def gap(kind):
    return next(each for each in propose.gaps_of(ARTICLE, sentence(kind)) if each.kind == kind)


def sentence(kind):
    return TEXT.split(". ")[1 if kind == "who" else 0] + "."


def test_names_full_dates_and_counted_things_are_asked_for():
    found = [(each.kind, each.answer) for each in propose.gaps_of(ARTICLE, sentence("when"))]
    assert found == [("when", "3/1/2023"), ("how many", "6")]  # 4 is part of a name
    assert [each.answer for each in propose.gaps_of(ARTICLE, sentence("who"))] == ["Hà Thọ Bình"]
    assert [each.answer for each in propose.gaps_of(ENGLISH, ENGLISH.text)] == ["Mary Lamb", "8,500"]
    assert gap("who").hidden == "Trung tướng ____, Tư lệnh Quân khu 4, chủ trì hội nghị."


def test_sentences_that_need_their_neighbours_are_not_asked_about():
    sentences = {each.sentence for each in propose.gaps([ARTICLE])}
    assert sentences == {sentence("who"), sentence("when")}


def test_every_article_has_its_turn_and_the_order_is_that_of_the_seed():
    found = propose.gaps([ARTICLE, ENGLISH], seed=3)
    assert {each.article.source for each in found[:2]} == {"qk4.md", "library.md"}
    assert found == propose.gaps([ENGLISH, ARTICLE], seed=3)


def test_a_good_question_has_no_fault():
    assert propose.fault("Ai chủ trì hội nghị liên tịch của Quân khu 4 ở Nghệ An?", gap("who")) == ""
    assert propose.fault("Trung tướng nào chủ trì hội nghị liên tịch của Quân khu 4?", gap("who")) == ""
    (_, books) = propose.gaps_of(ENGLISH, ENGLISH.text)
    assert propose.fault("How many books does the new library of Dalat have?", books) == ""


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("Quân khu 4 do ai chủ trì", "one short question"),
        ("Ai chủ trì hội nghị Quân khu 4? Ở đâu?", "one short question"),
        ("Ai chủ trì hội nghị Quân khu 4 trong bài viết?", "of the text"),
        ("Vì sao Quân khu 4 tổ chức hội nghị?", "something else"),
        ("Who chaired the conference of Quân khu 4?", "something else"),
        ("Ông Hà Thọ Bình, Tư lệnh Quân khu 4, là ai?", "gives its answer away"),
        ("Ai chủ trì hội nghị?", "names nothing"),
        ("Ai chủ trì hội nghị Quân khu 5?", "does not know"),
        ("Trung tướng nào chủ trì hội nghị Quan khu 4?", "does not know"),
        ("Ai là nhà vô địch bóng đá của Quân khu 4?", "words are not those"),
    ],
)
def test_a_poor_question_is_dropped(question, why):
    assert why in propose.fault(question, gap("who"))


@pytest.mark.parametrize(
    ("reply", "question"),
    [
        ("Ở đâu?", "Ở đâu?"),
        ("**Câu hỏi:** Ở đâu?\nTrả lời: Vinh", "Ở đâu?"),
        ('Question: "Where?"', "Where?"),
        ("I cannot do that.", ""),
    ],
)
def test_replies_of_models_are_read_leniently(reply, question):
    assert propose.parse(reply) == question


def test_the_place_is_added_where_it_is_missing():
    assert propose.with_place("Ai chủ trì hội nghị?", gap("who")) == "Ai chủ trì hội nghị ở Nghệ An?"
    assert propose.with_place("Ở Nghệ An, ai chủ trì?", gap("who")) == "Ở Nghệ An, ai chủ trì?"
    assert propose.with_place("", gap("who")) == ""
    (who, _) = propose.gaps_of(ENGLISH, ENGLISH.text)  # an article that tells no place
    assert propose.with_place("Who bought the books?", who) == "Who bought the books?"


def test_search_must_lead_back_to_the_sentence():
    def passage(article, text):
        return Passage("p", article, 0, len(text), text, score=0.5, dense=0.5, lexical=0.5)

    def answered(*passages):
        return propose.round_trip(lambda question: SearchResult(question, question, "vi", passages))

    right, other = passage("qk4.md", TEXT), passage("library.md", ENGLISH.text)
    assert answered(right, other)("?", gap("who"))
    assert answered(passage("qk4.md", "Khác."), right)("?", gap("who"))
    assert not answered(other, right)("?", gap("who"))
    assert not answered(passage("qk4.md", "Khác."))("?", gap("who"))
    assert not answered()("?", gap("who"))


def test_only_good_questions_are_shown_and_none_twice():
    question = "Ai chủ trì hội nghị liên tịch của Quân khu 4?"
    shown = "Ai chủ trì hội nghị liên tịch của Quân khu 4 ở Nghệ An?"
    replies = iter([question, "Ai?", question])
    found = list(propose.proposals([gap("who")] * 3, lambda _: next(replies), lambda *_: True))
    assert found == [propose.Proposal("qk4.md", sentence("who"), shown, "Hà Thọ Bình"), None, None]
    assert list(propose.proposals([gap("who")], lambda _: question, lambda *_: False)) == [None]


def proposal(text=None, question="Ai chủ trì hội nghị liên tịch của Quân khu 4?", answer="Hà Thọ Bình"):
    return propose.Proposal("qk4.md", text or sentence("who"), question, answer)


def test_decisions_are_saved_at_once_and_nothing_is_proposed_twice(tmp_path):
    out = tmp_path / "mine.jsonl"
    rejected, accepted = proposal(sentence("when"), answer="6"), proposal()
    seen = []

    def decide(each):
        seen.append(draft.decided(out))
        return None if each == rejected else each

    assert draft.draft([None, rejected, accepted, accepted], decide, out, wanted=2) == 2
    assert seen == [set(), {rejected.sentence}, {rejected.sentence, accepted.sentence}]
    questions = load([out]).questions
    assert [question.id for question in questions] == ["draft-1", "draft-2"]
    assert (questions[0].sources, questions[0].note, questions[0].lang) == (
        ("qk4.md",),
        sentence("who"),
        "vi",
    )
    assert faults(load([out]), [ARTICLE]) == []
    assert [path.name for path in sorted(tmp_path.glob("*.jsonl"))] == ["mine.jsonl"]


def test_a_person_may_stop(tmp_path):
    assert draft.draft([proposal()] * 3, lambda _: "stop", tmp_path / "d.jsonl", wanted=3) == 0
    assert list(tmp_path.iterdir()) == []


def decide_typing(monkeypatch, typed):
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return draft.decide_in_terminal(proposal())


def test_the_terminal_accepts_rejects_and_stops(monkeypatch, capsys):
    assert decide_typing(monkeypatch, "\n") == proposal()
    assert decide_typing(monkeypatch, "r\n") is None
    assert decide_typing(monkeypatch, "q\n") == "stop"
    assert decide_typing(monkeypatch, "") == "stop"  # nobody there
    shown = capsys.readouterr().err
    assert all(word in shown for word in ("accept", "edit", "reject", "quit", "Hà Thọ Bình", sentence("who")))


def test_an_edited_answer_must_stand_in_the_sentence(monkeypatch):
    edited = decide_typing(monkeypatch, "e\nAi chủ trì?\nHà Nội\ntrung tướng Hà Thọ Bình\n")
    assert (edited.question, edited.answer) == ("Ai chủ trì?", "trung tướng Hà Thọ Bình")
    assert decide_typing(monkeypatch, "e\n\n\n") == proposal()  # Enter keeps what is there


def test_the_model_is_asked_for_what_is_hidden(monkeypatch):
    asked = []

    class Model:
        def invoke(self, turns, **options):
            asked.append(turns)
            return type("Reply", (), {"text": "Ai?"})

    monkeypatch.setattr("rag.llm.chat_model", lambda settings: Model())
    assert propose.writer(Settings())(gap("who")) == "Ai?"
    *examples, (role, last) = asked[0]
    assert (role, examples) == ("user", list(load_prompt("draft").turns[:-1]))
    assert "Nghệ An, 2023-01-03" in last
    assert "Hà Thọ Bình" not in last
    assert last.endswith("Asks: ai")


def test_no_language_model_no_drafts():
    with pytest.raises(RagError, match="language model"):
        propose.writer(Settings(llm=EXTRACTIVE))


def test_a_damaged_question_file_is_named(tmp_path):
    (tmp_path / "d.jsonl").write_text(json.dumps({"id": "x"}))
    with pytest.raises(RagError, match=r"d\.jsonl, line 1"):
        draft.decided(tmp_path / "d.jsonl")
