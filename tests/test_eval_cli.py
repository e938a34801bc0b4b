"""The command: what it prints, when it fails, what it writes. Gate and drafts with it."""

import io
import json
from pathlib import Path

import pytest
from eval_fakes import QUESTIONS, TEXTS, AlwaysRefusing, Fake
from typer.testing import CliRunner

from eval import cli, draft, gate
from eval.check import faults
from eval.dataset import DatasetError, load, select
from eval.run import run
from eval.score import score
from rag.articles import read_article, scan
from rag.errors import RagError
from rag.types import Article

REPOSITORY = Path(__file__).parents[1]
OWN = REPOSITORY / "eval" / "questions"


class Assistant(Fake):
    """The fake behind the command, with what the real one has besides."""

    @classmethod
    def open(cls, settings, progress=None):
        return cls()

    def index(self, progress=None):
        progress("embedding", 1, 1)

    def close(self):
        pass


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Run the command in an empty folder with the fake assistant; returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rag.assistant.Assistant", Assistant)
    lines = [json.dumps(question.to_dict()) for question in QUESTIONS.questions]
    Path("small.jsonl").write_text("\n".join(lines))

    def call(*args):
        result = CliRunner().invoke(cli.app, ["--index", "index", *map(str, args)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    return call


def test_a_run_is_saved_scored_and_reported(command):
    code, out, err = command("small.jsonl", "--out", "runs/a.jsonl", "--report", "report.html")
    assert code == 0
    assert "Right outcome" in out
    assert "4/4" in err
    assert Path("report.html").stat().st_size > 10_000
    assert len(Path("runs/a.jsonl").read_text().splitlines()) == 6


def test_json_is_one_object(command):
    code, out, _ = command("small.jsonl", "--json")
    data = json.loads(out)
    assert code == 0
    assert data["metrics"]["contains"]["value"] == 1
    assert data["run"]["questions"] == 4
    assert list(Path("runs").glob("*-small.jsonl"))


def test_a_saved_run_is_scored_without_asking(command, monkeypatch):
    command("small.jsonl", "--out", "a.jsonl")
    monkeypatch.setattr("rag.assistant.Assistant", None)
    code, out, _ = command("--run", "a.jsonl", "--json")
    assert code == 0
    assert json.loads(out)["metrics"]["right"]["value"] == 1


def test_a_baseline_is_compared(command, tmp_path):
    run(QUESTIONS, AlwaysRefusing(), tmp_path / "old.jsonl")
    _, out, _ = command("small.jsonl", "--baseline", "old.jsonl", "--json")
    compared = json.loads(out)["baseline"]
    assert compared["changes"]["contains"]["gain"]["value"] == 1
    assert [flip["mended"] for flip in compared["flips"]] == [True] * 3
    _, out, _ = command("small.jsonl", "--baseline", "old.jsonl")
    assert "Wrong before, right now: 3" in out


def test_modes_and_limits_reach_the_run(command):
    _, out, _ = command(
        "small.jsonl", "--mode", "removed", "--unaccented", "--limit", "2", "--seed", "1", "--json"
    )
    header = json.loads(out)["run"]
    assert (header["mode"], header["questions"]) == ("removed", 2)
    assert header["name"] == "small-removed-unaccented"
    assert command("small.jsonl", "--mode", "closed")[0] == 2


def test_no_folder_of_the_machine_and_no_password_is_saved(command, monkeypatch, tmp_path):
    monkeypatch.setenv("RAG_BASE_URL", "http://me:secret@localhost:8080/v1")
    command("small.jsonl", "--out", "a.jsonl")
    saved = Path("a.jsonl").read_text()
    assert "secret" not in saved
    assert str(tmp_path) not in saved
    assert "localhost:8080" in saved


def test_calibration_is_stored_and_then_part_of_the_conditions(command, monkeypatch):
    Path("index").mkdir()

    def search(self, question, k=5, filters=None):
        from dataclasses import replace

        found = Fake.search(self, question, k, filters)
        return replace(found, confidence=0.2 if self.ids[question] == "q4" else 0.8)

    monkeypatch.setattr(Assistant, "search", search)
    code, _, err = command("small.jsonl", "--calibrate", "--out", "a.jsonl")
    assert code == 0
    assert "guess" in err
    assert json.loads(Path("index/calibration.json").read_text())["threshold"] == pytest.approx(0.5)
    with pytest.raises(RagError, match="settings"):
        command("small.jsonl", "--out", "a.jsonl")


def test_check_names_what_is_wrong(command):
    Path("corpus").mkdir()
    for name, text in TEXTS.items():
        Path("corpus", name).write_text(text)
    code, out, _ = command("small.jsonl", "--check")
    assert (code, out) == (0, "")
    Path("corpus/an.md").write_text("Không có gì.")
    code, out, _ = command("small.jsonl", "--check")
    assert code == 1
    assert "q1: 'Vinh' does not stand" in out


@pytest.mark.parametrize(("bound", "code"), [(0.9, 0), (1.1, 1)])
def test_the_gate_closes_below_its_floor(command, monkeypatch, tmp_path, bound, code):
    path = tmp_path / "gate.toml"
    path.write_text(f'ids = ["q1", "q4"]\n[bounds]\ncontains = {bound}\nfooled = 0.0\n')
    monkeypatch.setattr(gate.load_gate, "__defaults__", (path,))
    got, out, _ = command("small.jsonl", "--gate", "--json")
    assert got == code
    data = json.loads(out)
    assert [each["passed"] for each in data["gate"]] == [code == 0, True]
    assert data["run"]["questions"] == 2
    assert ("FAILS" in command("small.jsonl", "--gate")[1]) is (code == 1)


def test_a_figure_that_is_missing_fails_the_gate():
    checks = gate.check(gate.Gate(("q",), {"contains": 0.0, "fooled": 1.0}), {})
    assert [each.passed for each in checks] == [False, False]


@pytest.mark.parametrize(
    "content", ["", "ids = []\n[bounds]\nem = 1", 'ids = ["a"]\n[bounds]\nwit = 1', "ids = 3"]
)
def test_a_gate_that_cannot_hold_is_refused(tmp_path, content):
    path = tmp_path / "gate.toml"
    path.write_text(content)
    with pytest.raises(DatasetError):
        gate.load_gate(path)


def test_our_gate_fits_our_questions():
    slice_ = select(load([OWN]), gate.load_gate().ids)
    assert len({question.id for question in slice_.questions}) == len(slice_.questions) >= 30
    assert {question.answerable for question in slice_.questions} == {True, False}


def test_our_questions_tell_the_truth():
    corpus = REPOSITORY / "corpus"
    articles = [read_article(path, corpus) for path in scan(corpus).files]
    questions = load([OWN])
    assert faults(questions, articles) == []
    assert len(questions.questions) >= 120
    assert sum(not question.answerable for question in questions.questions) >= 30
    assert {article.source for article in articles} == {s for q in questions.questions for s in q.sources}


ARTICLES = [
    Article("a.md", "Câu thứ nhất của bài này nói về 16 tập thể được khen thưởng. Ngắn.", "0", title="Một"),
    Article("b.md", "Câu thứ hai nằm ở bài khác và kể rằng hội nghị diễn ra tại Vinh.", "0", title="Hai"),
]


def test_sentences_come_from_all_articles_and_short_ones_do_not():
    found = draft.sentences(ARTICLES)
    assert {article.source for article, _ in found} == {"a.md", "b.md"}
    assert all(len(text) >= draft.SHORTEST for _, text in found)
    assert found == draft.sentences(reversed(ARTICLES))


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("Question: Ở đâu?\nAnswer: Vinh", ("Ở đâu?", "Vinh")),
        ("**Câu hỏi:** Ở đâu?\n**Trả lời:** Vinh", ("Ở đâu?", "Vinh")),
        ("Question: Where?", ("Where?", "")),
        ("I cannot do that.", None),
    ],
)
def test_replies_of_models_are_read_leniently(reply, found):
    assert draft.parse(reply) == found


def test_drafts_are_accepted_edited_rejected_and_saved_at_once(tmp_path):
    out = tmp_path / "drafts.jsonl"
    replies = iter(
        ["Question: Ai được khen năm nay?\nAnswer: 16 tập thể", "Question: Đâu?\nAnswer: Hà Nội"] * 2
    )
    seen = []

    def decide(proposal):
        seen.append(proposal)
        return proposal if proposal.answer else None

    candidates = [(ARTICLES[0], ARTICLES[0].text), (ARTICLES[1], ARTICLES[1].text)] * 2
    count = draft.draft(
        draft.proposals(candidates, lambda title, sentence: next(replies)), decide, out, wanted=2
    )
    assert count == 2
    assert [each.answer for each in seen] == ["16 tập thể", "", "16 tập thể"]  # Hà Nội stands nowhere
    questions = load([out]).questions
    assert [question.id for question in questions] == ["draft-1", "draft-2"]
    assert questions[0].sources == ("a.md",)
    assert questions[0].note == ARTICLES[0].text
    assert faults(load([out]), ARTICLES) == []


def test_a_person_may_stop(tmp_path):
    proposals = [draft.Proposal("a.md", "s", "q?", "s")] * 3
    assert draft.draft(proposals, lambda _: "stop", tmp_path / "d.jsonl", wanted=3) == 0
    assert not (tmp_path / "d.jsonl").exists()


def test_the_terminal_asks_again_until_the_answer_stands_in_the_sentence(monkeypatch):
    answers = iter(["e", "Hội nghị ở đâu?", "Hà Nội", "Vinh"])
    monkeypatch.setattr("rich.prompt.Prompt.ask", lambda *args, **kwargs: next(answers))
    decided = draft.decide_in_terminal(draft.Proposal("b.md", ARTICLES[1].text, "Đâu?", ""))
    assert (decided.question, decided.answer) == ("Hội nghị ở đâu?", "Vinh")


def test_the_terminal_shows_every_choice_in_full(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("r\n"))
    assert draft.decide_in_terminal(draft.Proposal("b.md", "s", "q?", "s")) is None
    shown = capsys.readouterr().err
    assert all(word in shown for word in ("accept", "edit", "reject", "quit"))


def test_no_language_model_no_drafts():
    from rag.settings import EXTRACTIVE, Settings

    with pytest.raises(RagError, match="language model"):
        draft.proposer(Settings(llm=EXTRACTIVE))


def test_an_incomplete_run_is_not_scored_by_the_command(command):
    command("small.jsonl", "--out", "a.jsonl")
    lines = Path("a.jsonl").read_text().splitlines()
    Path("a.jsonl").write_text("\n".join(lines[:3]) + "\n")
    with pytest.raises(RagError, match="not complete"):
        command("--run", "a.jsonl")


def test_the_fake_is_scored_as_the_command_scores_it(command, tmp_path):
    _, out, _ = command("small.jsonl", "--json")
    direct = score(run(QUESTIONS, Fake(), tmp_path / "direct.jsonl")).summary["f1"]
    assert json.loads(out)["metrics"]["f1"] == direct.to_dict()
