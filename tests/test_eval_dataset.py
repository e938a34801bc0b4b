"""Question files are read exactly, refused clearly, and put in every mode."""

import json
from dataclasses import replace

import pytest

from eval.check import faults
from eval.corpora import write_corpus
from eval.dataset import (
    Dataset,
    DatasetError,
    Question,
    ask_elsewhere,
    in_mode,
    load,
    parse_question,
    sample,
    select,
    unaccent,
    without_diacritics,
)
from rag.types import Article, Filters, Turn

FULL = {
    "id": "a1",
    "question": "Còn ở Hà Tĩnh thì sao?",
    "answers": ["16 tập thể"],
    "sources": ["2023/a.md"],
    "answerable": True,
    "lang": "vi",
    "history": [{"question": "Ai được khen?", "answer": "48 cá nhân."}],
    "type": "how many",
    "accepted": ["mười sáu"],
    "all_of": [["16", "mười sáu"], ["tập thể"]],
    "note": "câu hỏi nối tiếp",
}


def squad(
    path, title="Sông Đà", context="Vinh là thành phố.", answer="Vinh", question="Thành phố nào?", id="s1"
):
    qas = [{"id": id, "question": question, "answers": [{"text": answer, "answer_start": 0}]}]
    path.write_text(
        json.dumps({"data": [{"title": title, "paragraphs": [{"context": context, "qas": qas}]}]})
    )
    return path


def test_a_question_survives_reading_and_writing():
    question = parse_question(FULL)
    assert question.history == (Turn("Ai được khen?", "48 cá nhân."),)
    assert question.to_dict() == FULL


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": ""}, "'id'"),
        ({"question": None}, "'question'"),
        ({"answers": "16"}, "'answers'"),
        ({"answers": [], "all_of": []}, "answerable question needs"),
        ({"answerable": False}, "cannot have answers"),
        ({"answerable": "yes"}, "true or false"),
        ({"all_of": [[]]}, "at least one way"),
        ({"history": ["hello"]}, "'history'"),
        ({"answer": "16"}, "unknown key 'answer'"),
    ],
)
def test_a_wrong_question_is_refused_with_its_line(tmp_path, change, complaint):
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(FULL) + "\n\n" + json.dumps(FULL | {"id": "a2"} | change) + "\n")
    with pytest.raises(DatasetError, match=r"own\.jsonl, line 3") as error:
        load([path])
    assert complaint in str(error.value)


def test_a_folder_is_read_in_order_of_names_and_ids_are_unique(tmp_path):
    for name, id in (("b", "2"), ("a", "1")):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(FULL | {"id": id}))
    assert [question.id for question in load([tmp_path]).questions] == ["1", "2"]
    (tmp_path / "c.jsonl").write_text(json.dumps(FULL | {"id": "1"}))
    with pytest.raises(DatasetError, match="two questions"):
        load([tmp_path])


@pytest.mark.parametrize("content", ["no json", "[]", '{"data": [{}]}'])
def test_what_is_no_question_file_is_refused(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(DatasetError, match="neither"):
        load([path])
    with pytest.raises(DatasetError, match="cannot be read"):
        load([tmp_path / "missing.jsonl"])


def test_a_squad_file_and_its_corpus_agree_on_the_sources(tmp_path):
    path = squad(tmp_path / "tiny.vi.json")
    (question,) = load([path]).questions
    assert (question.lang, question.answers, question.sources) == ("vi", ("Vinh",), ("00-song-da/00.md",))
    corpus = write_corpus(path, tmp_path / "cache")
    assert "Vinh là thành phố." in (corpus / question.sources[0]).read_text()
    assert write_corpus(path, tmp_path / "cache") == corpus


def test_a_corpus_left_half_written_is_written_again(tmp_path):
    path = squad(tmp_path / "tiny.vi.json")
    corpus = write_corpus(path, tmp_path)
    (corpus / "00-song-da/00.md").write_text("half")
    (corpus.parent / "complete").unlink()
    assert "Vinh" in (write_corpus(path, tmp_path) / "00-song-da/00.md").read_text()


def test_modes_say_what_is_searched():
    question = Question("q", "?", answers=("a",), sources=("x.md", "y.md"), accepted=("b",), all_of=(("a",),))
    data = Dataset("d", (question, Question("n", "?", answerable=False)))
    assert in_mode(data, "open") is data
    gold = in_mode(data, "gold").questions
    assert gold[0].filters == Filters(sources=("x.md", "y.md"))
    assert gold[0].answerable
    removed = in_mode(data, "removed").questions
    assert removed[0].filters == Filters(exclude=("x.md", "y.md"))
    assert not removed[0].answerable
    assert removed[1] == data.questions[1]
    twice = Dataset("d", (question, replace(question, id="r")))
    assert [each.answerable for each in in_mode(twice, "mixed").questions] == [True, False]
    # A question in a mode is still a question that a file may hold.
    assert parse_question(removed[0].to_dict()) == removed[0]


def test_questions_of_one_language_are_put_to_paragraphs_of_another(tmp_path):
    vi = load([squad(tmp_path / "x.vi.json", answer="Vinh")])
    en = load([squad(tmp_path / "x.en.json", title="Da River", question="Which city?", answer="Vinh City")])
    (question,) = ask_elsewhere(en, vi).questions
    assert (question.question, question.lang, question.sources) == (
        "Which city?",
        "en",
        ("00-song-da/00.md",),
    )
    assert (question.answers, question.accepted) == (("Vinh",), ("Vinh City",))
    with pytest.raises(DatasetError, match="has no question"):
        ask_elsewhere(en, Dataset("empty", ()))


def test_diacritics_go_and_case_stays():
    assert unaccent("Ở Đắk Nông, ai được khen?") == "O Dak Nong, ai duoc khen?"
    (question,) = without_diacritics(Dataset("d", (parse_question(FULL),))).questions
    assert question.question == "Con o Ha Tinh thi sao?"
    assert question.history[0] == Turn("Ai duoc khen?", "48 cá nhân.")
    assert (question.lang, question.answers) == ("vi-unaccented", ("16 tập thể",))
    assert without_diacritics(Dataset("d", (question,))).questions == (question,)


def test_a_sample_is_the_same_for_the_same_seed_and_keeps_the_order():
    data = Dataset("d", tuple(Question(str(i), "?", answerable=False) for i in range(20)))
    one = sample(data, 5, seed=1)
    ids = [int(question.id) for question in one.questions]
    assert len(ids) == 5
    assert ids == sorted(ids)
    assert one == sample(data, 5, seed=1)
    assert one != sample(data, 5, seed=2)
    assert sample(data, None) == data == sample(data, 99)


def test_questions_are_selected_by_id():
    data = Dataset("d", tuple(Question(str(i), "?", answerable=False) for i in range(3)))
    assert [question.id for question in select(data, ["2", "0"]).questions] == ["2", "0"]
    with pytest.raises(DatasetError, match="'7'"):
        select(data, ["7"])


def test_the_digest_changes_with_any_field():
    question = parse_question(FULL)
    other = parse_question(FULL | {"note": "khác"})
    assert Dataset("d", (question,)).sha256 == Dataset("e", (question,)).sha256
    assert Dataset("d", (question,)).sha256 != Dataset("d", (other,)).sha256


def test_the_checker_finds_answers_that_do_not_stand_in_their_source():
    article = Article("a.md", "Có 16 tập thể.", "0", title="Lễ khen thưởng", published="2023-01-03")
    good = Question("ok", "?", answers=("16 tập thể",), sources=("a.md",), all_of=(("mười sáu", "16"),))
    title = Question("title", "?", answers=("khen thưởng",), sources=("a.md",))
    assert faults(Dataset("d", (good, title)), [article]) == []
    bad = (
        Question("gone", "?", answers=("16",), sources=("b.md",)),
        Question("absent", "?", answers=("17",), sources=("a.md",)),
        Question("fact", "?", answers=("16",), sources=("a.md",), all_of=(("cá nhân",),)),
        Question("nowhere", "?", answers=("16",)),
    )
    found = "\n".join(faults(Dataset("d", bad), [article]))
    for line in (
        "gone: there is no source b.md",
        "absent: '17' does not",
        "fact: none of",
        "nowhere: an answerable",
    ):
        assert line in found
