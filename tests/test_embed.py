"""Texts become unit vectors, the same ones in OpenVINO and in Sentence Transformers, without the network."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag import embed
from rag.embed import BATCH_TOKENS, Embedder, SentenceTransformerEmbedder, embedder_fingerprint, load_embedder
from rag.errors import ModelError
from rag.models import EMBEDDER_NAME, PREPARED, prepare_embedder
from rag.settings import Settings, load_settings

TEXTS = [
    "Sáng 26-12, ông Võ Trọng Hải chủ trì hội nghị tổng kết phong trào thi đua tại Hà Tĩnh.",
    "The review was chaired by the deputy head of the provincial council.",
    "東京都は来年度の予算案を発表した。",
    "",
    " \n\n ",
    "Xã Cẩm Vịnh về đích nông thôn mới. " * 400,
    "a",
]


def python(code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter, where nothing has been imported yet."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=Path(embed.__file__).parents[1],
        env={**os.environ, **variables},
    )


def test_the_fingerprint_changes_with_all_that_changes_vectors_and_with_nothing_else() -> None:
    def fingerprint(**flags: Any) -> str:
        return embedder_fingerprint(load_settings(**flags))

    assert fingerprint() == fingerprint(embedding_backend="torch") == fingerprint(passages=9)
    different = [
        fingerprint(),
        fingerprint(embedding_model="a/b"),
        fingerprint(embedding_model="a/c"),
        fingerprint(embedding_model="a/b", query_prefix="q: "),
        fingerprint(embedding_model="a/b", passage_prefix="q: "),
    ]
    assert len(set(different)) == len(different)


def test_the_fingerprint_loads_no_model() -> None:
    done = python("""
        import sys
        from rag.embed import embedder_fingerprint, embedder_name
        from rag.settings import load_settings
        print(embedder_name(load_settings()), embedder_fingerprint(load_settings()))
        heavy = {"torch", "transformers", "sentence_transformers", "openvino", "tokenizers"}
        print(*sorted(heavy & set(sys.modules)))
    """)
    first, second = done.stdout.split("\n")[:2]
    assert first.startswith(f"{EMBEDDER_NAME} {EMBEDDER_NAME}@")
    assert second == ""


def test_batches_hold_every_text_once_and_stay_small() -> None:
    lengths = [3, 512, 40, 40, 7, *[300] * 40, 1]
    batches = list(embed._batches(lengths))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[i] for i in batch) <= BATCH_TOKENS for batch in batches)
    assert list(embed._batches([])) == []


def test_a_text_longer_than_a_batch_is_a_batch_of_its_own() -> None:
    assert list(embed._batches([2 * BATCH_TOKENS, 1])) == [[0], [1]]


def _prepared(cache: Path, suffix: str = "") -> Path:
    folder = cache / f"{EMBEDDER_NAME}-{embed.EMBEDDER_SHA256[:12]}{suffix}"
    folder.mkdir(parents=True)
    (folder / PREPARED).touch()
    return folder


def test_a_damaged_prepared_model_is_an_error_that_names_its_folder(tmp_path: Path) -> None:
    _prepared(tmp_path)
    folder = _prepared(tmp_path, "-encoder")
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        load_embedder(load_settings(cache=tmp_path))
    assert str(folder) in caught.value.message
    assert "Remove that folder" in caught.value.hint


class _FakeModel:
    """What Sentence Transformers would load."""

    tokenizer = None

    def get_embedding_dimension(self) -> int:
        return 4

    def get_max_seq_length(self) -> int | None:
        return None

    def _vectors(self, texts: list[str], task: str) -> np.ndarray:
        self.calls.append((task, texts))
        return np.eye(4, dtype=np.float64)[[len(text) % 4 for text in texts]]

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []

    def encode(self, texts: list[str], **options: Any) -> np.ndarray:
        return self._vectors(texts, "plain")

    def encode_query(self, texts: list[str], **options: Any) -> np.ndarray:
        return self._vectors(texts, "query")

    def encode_document(self, texts: list[str], **options: Any) -> np.ndarray:
        return self._vectors(texts, "document")


@pytest.fixture
def fake_model(monkeypatch: pytest.MonkeyPatch) -> _FakeModel:
    model = _FakeModel()
    monkeypatch.setattr(embed, "_sentence_transformer", lambda name, local_files_only: model)
    return model


def test_without_openvino_the_same_model_runs_in_torch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_model: _FakeModel
) -> None:
    _prepared(tmp_path)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        embed.importlib.util, "find_spec", lambda name: None if name == "openvino" else find_spec(name)
    )
    settings = load_settings(cache=tmp_path)
    embedder = load_embedder(settings)
    embedder.embed_questions(["Ai?"])
    embedder.embed_passages(["Tin."])
    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert (embedder.name, embedder.fingerprint) == (EMBEDDER_NAME, embedder_fingerprint(settings))
    assert fake_model.calls == [("plain", ["query: Ai?"]), ("plain", ["passage: Tin."])]


def test_another_model_uses_its_own_prompts_unless_prefixes_are_set(fake_model: _FakeModel) -> None:
    embedder = load_embedder(load_settings(embedding_model="a/b"))
    embedder.embed_questions(["Ai?"])
    embedder.embed_passages(["Tin."])
    load_embedder(load_settings(embedding_model="a/b", query_prefix="hỏi: ")).embed_questions(["Ai?"])
    assert fake_model.calls == [("query", ["Ai?"]), ("document", ["Tin."]), ("plain", ["hỏi: Ai?"])]


def test_many_passages_keep_their_order_and_tell_their_progress(fake_model: _FakeModel) -> None:
    heard: list[tuple[int, int]] = []
    texts = ["x" * (number % 4) for number in range(600)]
    vectors = load_embedder(load_settings(embedding_model="a/b")).embed_passages(
        texts, lambda *told: heard.append(told)
    )
    assert vectors.dtype == np.float32
    assert vectors.argmax(axis=1).tolist() == [len(text) for text in texts]
    assert heard == [(256, 600), (512, 600), (600, 600)]


def test_bytes_that_are_no_text_do_not_stop_a_question(fake_model: _FakeModel) -> None:
    load_embedder(load_settings(embedding_model="a/b")).embed_questions(["Ai\udcff?"])
    assert fake_model.calls == [("query", ["Ai??"])]


def test_no_passages_are_no_vectors(fake_model: _FakeModel) -> None:
    assert load_embedder(load_settings(embedding_model="a/b")).embed_passages([]).shape == (0, 4)


@pytest.mark.slow
def test_a_model_that_cannot_be_fetched_is_an_error_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "_hub_answers", lambda: False)
    import sentence_transformers  # noqa: F401 - importing it is slow, what follows is not

    started = time.monotonic()
    with pytest.raises(ModelError, match="the model hub cannot be reached") as caught:
        load_embedder(load_settings(embedding_model="no-such-author/no-such-model"))
    assert time.monotonic() - started < 10
    assert "RAG_EMBEDDING_MODEL=offline" in caught.value.hint


def test_a_hub_that_does_not_answer_is_noticed_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    # Nobody listens on the discard port.
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    started = time.monotonic()
    assert not embed._hub_answers()
    assert time.monotonic() - started < embed.HUB_TIMEOUT


@pytest.mark.slow
def test_openvino_gives_the_vectors_of_sentence_transformers(
    offline_embedder: Embedder, real_settings: Settings
) -> None:
    reference = load_embedder(real_settings.model_copy(update={"embedding_backend": "torch"}))
    assert isinstance(reference, SentenceTransformerEmbedder)
    assert type(offline_embedder) is not type(reference)
    for method in ("embed_passages", "embed_questions"):
        ours, theirs = (getattr(each, method)(TEXTS) for each in (offline_embedder, reference))
        assert ours.shape == theirs.shape == (len(TEXTS), offline_embedder.dimension)
        assert ours.dtype == theirs.dtype == np.float32
        assert ((ours * theirs).sum(axis=1) > 0.999).all()
    assert reference.dimension == offline_embedder.dimension
    assert reference.max_tokens == offline_embedder.max_tokens
    for text in TEXTS:
        assert reference.count_tokens(text) == offline_embedder.count_tokens(text)


@pytest.mark.slow
def test_vectors_have_length_one_and_the_order_of_their_texts(offline_embedder: Embedder) -> None:
    texts = [f"Xã số {number} có {number * 7} hộ. " * (number % 23 + 1) for number in range(120)]
    heard: list[tuple[int, int]] = []
    together = offline_embedder.embed_passages(texts, lambda *told: heard.append(told))
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)
    for number in (0, 1, 22, 57, 119):
        alone = offline_embedder.embed_passages([texts[number]])[0]
        assert int((together @ alone).argmax()) == number
        assert float(together[number] @ alone) > 0.999
    assert heard[-1] == (120, 120)
    assert offline_embedder.embed_passages([]).shape == (0, offline_embedder.dimension)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("Ai chủ trì hội nghị ở Hà Tĩnh?", 0),
        ("Who chaired the meeting in Hà Tĩnh?", 0),
        ("Giá cà phê hôm nay bao nhiêu?", 1),
        ("Which team won the match?", 2),
    ],
)
def test_a_question_finds_its_passage(offline_embedder: Embedder, question: str, best: int) -> None:
    passages = offline_embedder.embed_passages(
        [
            "Ông Võ Trọng Hải chủ trì hội nghị tổng kết tại Hà Tĩnh.",
            "Giá cà phê tại Đắk Lắk sáng nay tăng 500 đồng mỗi ki-lô-gam.",
            "Đội chủ nhà thắng 2-1 nhờ bàn thắng ở phút bù giờ.",
        ]
    )
    assert int((passages @ offline_embedder.embed_questions([question])[0]).argmax()) == best


@pytest.mark.slow
def test_tokens_are_counted_without_prefix_and_beyond_the_models_limit(offline_embedder: Embedder) -> None:
    assert offline_embedder.count_tokens("") == 0
    assert offline_embedder.count_tokens("Hà Nội") == 2
    assert offline_embedder.count_tokens("Hà\udcff") == offline_embedder.count_tokens("Hà?")
    # A limit on what is embedded is none on what is counted: the chunker has to see how long a text is.
    assert offline_embedder.count_tokens(" ".join(["Hà Nội"] * 1000)) == 2000


@pytest.mark.slow
def test_nothing_offline_asks_the_network(real_settings: Settings, tmp_path: Path) -> None:
    prepare_embedder(real_settings.cache)
    done = python(
        """
        import socket, time
        asked = []
        def look_up(*arguments, **options):
            asked.append(arguments[:2])
            raise socket.gaierror("no network here")
        socket.getaddrinfo = socket.socket.connect = look_up
        from rag.embed import load_embedder
        from rag.models import import_openvino
        from rag.settings import load_settings
        for backend in ("openvino", "torch"):
            load_embedder(load_settings(embedding_backend=backend)).embed_questions(["Ai?"])
        import_openvino("openvino_genai")
        time.sleep(1)
        print("asked", asked)
        """,
        HOME=str(tmp_path),
        RAG_CACHE=str(real_settings.cache),
    )
    assert done.stdout.strip() == "asked []"
    assert done.stderr == ""
    assert not (tmp_path / "intel").exists()


@pytest.mark.slow
def test_the_export_is_quiet_and_gives_a_whole_model(real_settings: Settings, tmp_path: Path) -> None:
    source = prepare_embedder(real_settings.cache)
    (tmp_path / source.name).symlink_to(source)
    done = python(
        f"""
        from rag.embed import load_embedder
        from rag.settings import load_settings
        embedder = load_embedder(load_settings(cache={str(tmp_path)!r}))
        print(embedder.embed_questions(["Ai?"]).shape)
        """
    )
    assert (done.stdout, done.stderr) == ("(1, 384)\n", "")
