"""The questions that come with the project are true of the articles that come with it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from eval.check_questions import CORPUS, QUESTIONS, check, main, read_articles
from eval.dataset import Dataset, Question, load
from eval.metrics.text import contains
from rag.types import Article, Turn

ORIGINALS = CORPUS.parents[1] / "shared" / "corpus"
ORIGINAL_OF = {
    "2023-01-03-quan-khu-4.md": "000_",
    "2023-01-11-thanh-hoa.md": "001_",
    "2022-12-08-dak-nong.md": "002_",
    "2022-09-08-dong-nai.md": "003_",
    "2023-12-26-ha-tinh.md": "004_",
}


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    return {article.source: article for article in read_articles(CORPUS)}


@pytest.fixture(scope="module")
def everything() -> Dataset:
    return load([QUESTIONS])


def one(name: str) -> tuple[Question, ...]:
    return load([QUESTIONS / name]).questions


def test_the_checker_finds_no_fault_in_our_questions(
    everything: Dataset, articles: dict[str, Article]
) -> None:
    assert check(everything, articles.values()) == []


def test_every_answer_can_be_quoted(everything: Dataset, articles: dict[str, Article]) -> None:
    """It stands in the text itself, not only in the title or the front matter."""
    missing = [
        (question.id, answer)
        for question in everything.questions
        for answer in (*question.answers, *(ways[0] for ways in question.all_of))
        if not any(contains(articles[source].text, [answer]) for source in question.sources)
    ]
    assert missing == []


def test_questions_over_several_articles_name_them_all(articles: dict[str, Article]) -> None:
    for question in one("several.jsonl"):
        assert len(question.sources) > 1
        assert set(question.sources) <= set(articles)


def test_the_mix_is_as_promised(everything: Dataset) -> None:
    assert len(everything.questions) >= 120
    factual = one("factual.jsonl")
    assert Counter(question.lang for question in factual) == {"vi": 20, "en": 10}
    assert set(Counter(question.sources for question in factual).values()) == {6}
    assert "Who chaired the Hà Tĩnh 2023 review?" in {question.question for question in factual}
    unanswerable = one("unanswerable.jsonl")
    assert len(unanswerable) == 30
    assert Counter(question.lang == "vi" for question in unanswerable) == {True: 15, False: 15}
    assert not any(question.answerable for question in unanswerable)
    assert all(question.history for question in one("followups.jsonl"))


def test_the_readme_counts_right() -> None:
    readme = (QUESTIONS / "README.md").read_text(encoding="utf-8")
    for path in sorted(QUESTIONS.glob("*.jsonl")):
        questions = one(path.name)
        languages = Counter(question.lang for question in questions)
        row = [len(questions), *(languages[lang] for lang in ("vi", "en", "vi-unaccented"))]
        assert f"| `{path.name}` | " + " | ".join(map(str, row)) + " |" in readme
    total = load([QUESTIONS]).questions
    refused = sum(not question.answerable for question in total)
    assert f"{len(total)} questions" in readme
    assert f"{refused} of them have no answer" in readme


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the newspaper articles are not part of the project")
def test_factual_questions_can_be_answered_from_the_newspaper_articles_too() -> None:
    texts = {
        source: next(ORIGINALS.glob(f"{name}*")).read_text("utf-8") for source, name in ORIGINAL_OF.items()
    }
    for question in one("factual.jsonl"):
        assert contains(texts[question.sources[0]], question.answers + question.accepted), question.id


ARTICLE = Article(
    source="an.md",
    text="Chiều 8/12/2022, ông An chủ trì hội nghị tại Vinh. Có 16 tập thể được khen.",
    sha256="",
)
RIGHT = Question("q", "Ai chủ trì hội nghị?", ("ông An",), ("an.md",), type="who")


@pytest.mark.parametrize(
    ("question", "fault"),
    [
        (replace(RIGHT, answers=("ông An", "ông Bình")), "'ông Bình' does not stand"),
        (replace(RIGHT, answers=("6",)), "'6' does not stand"),
        (replace(RIGHT, sources=("an.md", "binh.md")), "there is no source binh.md"),
        (
            replace(RIGHT, answers=(), all_of=(("ông An",), ("bà Chi", "cô Chi"))),
            "none of ('bà Chi', 'cô Chi')",
        ),
        (replace(RIGHT, lang="fr"), "unknown language 'fr'"),
        (replace(RIGHT, type="whose"), "unknown type 'whose'"),
        (replace(RIGHT, lang="vi-unaccented"), "has diacritics"),
        (replace(RIGHT, question="Ông An chủ trì hội nghị nào?"), "gives away 'ông An'"),
        (replace(RIGHT, answers=(), sources=(), answerable=False), "has a note that says why"),
        (replace(RIGHT, answers=(), answerable=False, note="Not told."), "names no source"),
    ],
)
def test_the_checker_catches(question: Question, fault: str) -> None:
    found = check(Dataset("set", (question,)), [ARTICLE])
    assert len(found) == 1
    assert fault in found[0]
    assert found[0].startswith("q: ")


def test_the_checker_catches_an_answer_without_a_source() -> None:
    found = check(Dataset("set", (replace(RIGHT, sources=()),)), [ARTICLE])
    assert "q: an answerable question names no source" in found


def test_the_checker_is_content_with_right_ones_in_any_spelling() -> None:
    spellings = (
        RIGHT,
        replace(RIGHT, id="q2", question="When?", answers=("08-12-2022",), lang="en", type="when"),
        replace(RIGHT, id="q3", question="Bao nhieu?", answers=("16  TẬP THỂ",), lang="vi-unaccented"),
        replace(RIGHT, id="q4", question="Ở đâu?", answers=("vinh",), type="where"),
    )
    assert check(Dataset("set", spellings), [ARTICLE]) == []


def test_the_checker_catches_a_question_asked_twice_but_not_a_follow_up() -> None:
    again = replace(RIGHT, id="again", question="ai chủ trì  hội nghị")
    later = replace(RIGHT, id="later", history=(Turn("Có gì mới?", "Một hội nghị."),))
    assert check(Dataset("set", (RIGHT, again, later)), [ARTICLE]) == ["again: asks the same as q"]


def test_the_command_says_what_is_wrong_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "an.md").write_text(ARTICLE.text, encoding="utf-8")
    file = tmp_path / "mine.jsonl"

    def ask(answer: str) -> int:
        entry = {
            "id": "q",
            "question": "Ai chủ trì?",
            "answers": [answer],
            "sources": ["an.md"],
            "type": "who",
        }
        file.write_text(json.dumps(entry), encoding="utf-8")
        return main([str(file), "--corpus", str(corpus)])

    assert ask("ông An") == 0
    assert "0 faults" in capsys.readouterr().out
    assert ask("ông Bình") == 1
    assert "'ông Bình' does not stand in its sources" in capsys.readouterr().err
    assert main([str(tmp_path / "none.jsonl"), "--corpus", str(corpus)]) == 1
    assert "cannot be read" in capsys.readouterr().err
