"""Feedback becomes questions that `rag eval` can put."""

import json
import multiprocessing
import os

import pytest
from fake_assistant import ANSWER, NOT_FOUND, QUOTE

from eval.dataset import load
from rag.errors import StoreError
from rag.types import Turn
from rag.web import feedback

GIVEN = ANSWER.to_dict()
REFUSED = NOT_FOUND.to_dict()


def kept(folder, **said):
    path = feedback.record(folder, said.pop("answer", GIVEN), **said)
    (question,) = load([path]).questions
    return path.name, question


def test_a_thumb_up_makes_the_answer_the_right_one(tmp_path):
    name, question = kept(tmp_path, good=True, history=[Turn("Trước?", "Có.")])
    assert name == "feedback.jsonl"
    assert question.question == ANSWER.question
    assert question.answers == ("Ông Võ Trọng Hải chủ trì hội nghị. Ông đến từ Huế.",)
    assert question.sources == ("2023-12-26-ha-tinh.md",)
    assert (question.answerable, question.lang) == (True, "vi")
    assert question.history == (Turn("Trước?", "Có."),)


def test_the_short_answer_is_cut_out_of_the_article(tmp_path):
    start = QUOTE.index("ông Võ")
    (citation,) = GIVEN["citations"]
    answer = GIVEN | {"citations": [citation | {"span": [start, start + len("ông Võ Trọng Hải")]}]}
    _, question = kept(tmp_path, answer=answer, good=True, texts={citation["source"]: QUOTE})
    assert question.answers == ("ông Võ Trọng Hải",)


def test_a_complaint_with_the_right_answer_is_a_test_question(tmp_path):
    name, question = kept(tmp_path, good=False, right_answer="  ông  Nguyễn\nVăn A ")
    assert (name, question.answers, question.sources) == ("feedback.jsonl", ("ông Nguyễn Văn A",), ())


def test_a_complaint_that_there_is_no_answer_is_an_unanswerable_question(tmp_path):
    name, question = kept(tmp_path, good=False, no_answer=True)
    assert (name, question.answerable, question.answers) == ("feedback.jsonl", False, ())


def test_a_rightly_refused_question_stays_unanswerable(tmp_path):
    _, question = kept(tmp_path, answer=REFUSED, good=True)
    assert (question.answerable, question.answers, question.sources) == (False, (), ())


def test_an_answer_told_for_a_refused_question_makes_it_answerable(tmp_path):
    _, question = kept(tmp_path, answer=REFUSED, good=False, right_answer="12 xã")
    assert (question.answerable, question.answers) == (True, ("12 xã",))


@pytest.mark.parametrize("answer", [GIVEN, REFUSED])
def test_a_complaint_without_the_right_answer_waits_apart(answer, tmp_path):
    path = feedback.record(tmp_path, answer, good=False)
    assert path.name == "complaints.jsonl"
    assert not (tmp_path / "feedback.jsonl").exists()
    entry = json.loads(path.read_text("utf-8"))
    # A person adds the right answer and moves the line.
    (tmp_path / "mended.jsonl").write_text(json.dumps(entry | {"answers": ["12 xã"]}) + "\n", "utf-8")
    (question,) = load([tmp_path / "mended.jsonl"]).questions
    assert question.note.startswith("thumb down")


def test_a_question_typed_without_diacritics_says_so(tmp_path):
    _, question = kept(tmp_path, answer=GIVEN | {"question": "Ai chu tri hoi nghi?"}, good=True)
    assert question.lang == "vi-unaccented"


def test_foreign_text_stays_one_line(tmp_path):
    hostile = 'a\nb\u2028c\x00"},{"\ud800'
    feedback.record(tmp_path, GIVEN | {"question": hostile}, good=False, right_answer=hostile)
    path = feedback.record(tmp_path, GIVEN, good=True)
    assert [question.question for question in load([path]).questions][1] == ANSWER.question
    assert path.read_bytes().count(b"\n") == 2


def test_a_line_that_was_cut_off_does_not_spoil_the_next(tmp_path):
    path = feedback.record(tmp_path, GIVEN, good=True)
    os.truncate(path, path.stat().st_size - 1)
    feedback.record(tmp_path, GIVEN, good=True)
    assert len(load([path]).questions) == 2


def _write(folder):
    for _ in range(25):
        feedback.record(folder, GIVEN, good=True, history=[Turn("x" * 5000, "y" * 5000)])


def test_writers_at_once_lose_no_line(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path,)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    assert len(load([tmp_path / "feedback.jsonl"]).questions) == 100


def test_a_disk_that_refuses_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Cannot keep the feedback"):
        feedback.record(tmp_path / "file", GIVEN, good=True)


def test_of_a_question_with_several_parts_every_answer_must_be_told():
    answer = {
        "question": "Ai ký ở Nghệ An, và ai ký ở Cao Bằng?",
        "language": "vi",
        "status": "answered",
        "answer": "Ông An ký. [1] Bà Mận ký. [2]",
        "short_answer": "Ông An; Bà Mận; 48",
        "citations": [
            {"source": "a.md", "span": [0, 6]},
            {"source": "b.md", "span": [0, 6]},
        ],
        "engine": "extractive",
    }
    entry = feedback.question_entry(answer, True, "", False, [], {"a.md": "Ông An ký.", "b.md": "Bà Mận ký."})
    assert (entry["answers"], entry["all_of"]) == ([], [["Ông An"], ["Bà Mận"], ["48"]])
