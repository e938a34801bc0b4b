"""A cross-encoder, where one is named, orders the best passages; without one nothing is loaded."""

import json
import subprocess
import sys

import numpy as np
import pytest

from rag.assistant import Assistant
from rag.doctor import examine
from rag.errors import ModelError
from rag.rerank import DEPTH, RERANKED, CrossEncoderReranker
from rag.retrieve import Retriever
from rag.settings import Settings
from tests.test_retrieve import ARTICLES, FakeIndex, HashEmbedder, sources

QUESTION = "Ai chủ trì hội nghị quốc phòng ở Đắk Nông?"


class LikesWindsor:
    """Puts passages about Windsor first, on a scale of its own."""

    def __init__(self):
        self.asked = []

    def scores(self, question, texts):
        self.asked.append((question, len(texts)))
        return np.array([100.0 if "Windsor" in text else -5.0 for text in texts], np.float32)


@pytest.fixture
def index(tmp_path):
    return FakeIndex(ARTICLES, tmp_path)


def test_the_reranker_decides_the_order(index):
    plain = Retriever(index, HashEmbedder()).search(QUESTION)
    reranked = Retriever(index, HashEmbedder(), LikesWindsor()).search(QUESTION)
    assert sources(plain)[0] == "dak-nong.md"
    assert sources(reranked)[:2] == ["windsor.md", "dak-nong.md"]
    assert reranked.confidence == plain.confidence


def test_scores_fall_with_the_new_order_and_explanations_add_up(index):
    passages = Retriever(index, HashEmbedder(), LikesWindsor()).search(QUESTION, explain=True).passages
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)
    for passage in passages:
        assert passage.explain["features"][RERANKED] in (100.0, -5.0)
        assert passage.explain["logits"] == pytest.approx(sum(passage.explain["adds"].values()), abs=0.02)


def test_it_reads_the_restored_question_and_only_the_best_passages(index):
    reranker = LikesWindsor()
    Retriever(index, HashEmbedder(), reranker).search("hoi nghi quoc phong o Dak Nong")
    ((question, count),) = reranker.asked
    assert question == "hội nghị quốc phòng ở Đắk Nông"
    assert count <= DEPTH


def test_off_by_default_and_nothing_is_imported():
    assert Settings().reranker is None
    code = (
        "import sys, rag.retrieve; from rag.assistant import Assistant; from rag.settings import Settings;"
        "assert Assistant(Settings())._reranker is None; assert 'sentence_transformers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_setting_is_read_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("RAG_RERANKER", str(tmp_path / "gone"))
    (check,) = [check for check in examine(Settings()) if check.name == "reranker"]
    assert (check.status, bool(check.mend)) == ("missing", True)


@pytest.mark.slow
def test_one_that_is_not_there_is_a_clear_error(monkeypatch):
    monkeypatch.setattr("rag.embed._hub_answers", lambda: False)
    with pytest.raises(ModelError, match="reranker 'nobody/has-this'") as caught:
        Assistant(Settings(reranker="nobody/has-this"))._reranker  # noqa: B018
    assert "RAG_RERANKER" in caught.value.hint


@pytest.fixture
def tiny_cross_encoder(tmp_path):
    """A folder as Sentence Transformers reads it: a small random BERT with one label."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    words = sorted({word for article in ARTICLES for word in article.text.lower().split()})
    folder = tmp_path / "cross-encoder"
    folder.mkdir()
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        num_labels=1,
        initializer_range=1.0,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.mark.slow
def test_any_cross_encoder_folder_orders_the_passages(index, tiny_cross_encoder):
    assert json.loads((tiny_cross_encoder / "config.json").read_text(encoding="utf-8"))[
        "id2label"
    ].keys() == {"0"}
    reranker = CrossEncoderReranker(str(tiny_cross_encoder))
    plain = Retriever(index, HashEmbedder()).search(QUESTION, k=4)
    texts = [f"{passage.title}\n{passage.text}" for passage in plain.passages]
    judged = reranker.scores(QUESTION, texts)
    assert judged.shape == (len(texts),)
    assert len(set(judged.tolist())) > 1
    found = Retriever(index, HashEmbedder(), reranker).search(QUESTION, k=4, explain=True)
    by_model = [passage.explain["features"][RERANKED] for passage in found.passages]
    assert by_model == sorted(by_model, reverse=True)
    assert sources(found) != sources(plain)
