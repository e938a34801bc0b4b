"""However a writer dies, a reader finds the old index or the new one, whole."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hash_embedder import HashEmbedder, hash_vector, no_embedder, run_ingest, write_corpus

from rag.cache import EmbeddingCache
from rag.errors import IndexLocked
from rag.publish import sentence_texts
from rag.store import open_index, write_lock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL and fork")


class Writer:
    def __init__(self, home):
        self.home = home
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("crash_writer.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, **order):
        """What became of one run: `done`, `killed by …`, or the error it ended with."""
        order = {"corpus": str(self.home / "corpus"), "index": str(self.home / "index"), **order}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


@pytest.fixture
def home(tmp_path):
    """A published index of three articles, and a corpus that has moved on since."""
    write_corpus(tmp_path / "corpus", {"a.md": "lúa", "b.md": "cá", "c.md": "rừng"})
    run_ingest(tmp_path / "corpus", tmp_path / "index", HashEmbedder())
    return tmp_path


@pytest.fixture
def writer(home):
    writer = Writer(home)
    yield writer
    writer.close()


def words_of(index_dir):
    """Source → the word it is about, after checking that the index is whole and consistent."""
    with open_index(index_dir, "hash-1") as index:
        articles = {article.source: article for article in index.articles()}
        assert {chunk.source for chunk in index.chunks} == set(articles)
        for row, chunk in enumerate(index.chunks):
            assert articles[chunk.source].text[chunk.start : chunk.end] == chunk.text
            assert index.nearest(hash_vector(chunk.embedded_text), 1)[0][0] == row
            assert len(index.sentence_vectors(row)) == len(chunk.sentences)
        return {source: article.title.removeprefix("Bài về ") for source, article in articles.items()}


OLD = {"a.md": "lúa", "b.md": "cá", "c.md": "rừng"}
NEW = {"a.md": "lúa", "b.md": "tôm", "d.md": "biển"}


def change(corpus):
    write_corpus(corpus, NEW)
    (corpus / "c.md").unlink()


MOMENTS = {"rag.publish.file_records": OLD, "pathlib.Path.replace": OLD, "rag.ingest._tidy": NEW}
MORE_MOMENTS = {
    "rag.cache.EmbeddingCache.put": OLD,
    "rag.publish._write_vectors": OLD,
    "rag.store.chroma_client": OLD,
    "rag.publish.write_chroma": OLD,
    "rag.lexical.LexicalIndex.save": OLD,
    "rag.publish._sync": OLD,
    **MOMENTS,
}


@pytest.mark.parametrize("moments", [MOMENTS, pytest.param(MORE_MOMENTS, marks=pytest.mark.slow)])
def test_a_kill_at_any_step_leaves_the_old_index_or_the_new_one(home, writer, moments):
    change(home / "corpus")
    for at, expected in moments.items():
        assert writer.run(at=at) == "killed by 9", at
        assert words_of(home / "index") == expected, at
    # The last one died after publishing; there is nothing left to do, and no debris after the next change.
    assert writer.run() == "done"
    write_corpus(home / "corpus", {"e.md": "núi"})
    assert writer.run() == "done"
    assert words_of(home / "index") == {**NEW, "e.md": "núi"}
    assert len(list((home / "index" / "generations").iterdir())) == 2


def test_what_was_embedded_before_a_kill_is_not_embedded_again(home, writer):
    change(home / "corpus")
    with open_index(home / "index") as index:
        before = {t for chunk in index.chunks for t in (chunk.embedded_text, *sentence_texts(chunk))}
    assert writer.run(at="rag.cache.EmbeddingCache.put", call=4, batch=1) == "killed by 9"
    with EmbeddingCache(home / "index", "hash-1") as cache:
        assert cache.count() == len(before) + 3
    embedder = HashEmbedder()
    run_ingest(home / "corpus", home / "index", embedder)
    with open_index(home / "index") as index:
        now = {t for chunk in index.chunks for t in (chunk.embedded_text, *sentence_texts(chunk))}
    assert len(embedder.embedded) == len(now - before) - 3
    run_ingest(home / "corpus", home / "index", HashEmbedder(), load_embedder=no_embedder, rebuild=True)


def test_a_file_that_may_not_grow_is_an_error_with_a_hint_and_harms_nothing(home, writer):
    change(home / "corpus")
    for limit in (1_000, 40_000, 150_000):  # The cache, the articles, Chroma.
        said = writer.run(file_bytes=limit)
        assert said.startswith("StoreError: Cannot"), (limit, said)
        assert "disk space" in said, (limit, said)
        assert words_of(home / "index") == OLD
    assert writer.run() == "done"
    assert words_of(home / "index") == NEW


def test_two_writers_at_once_and_a_killed_one_holds_no_lock(home, writer):
    change(home / "corpus")
    with write_lock(home / "index"):
        assert writer.run().startswith("IndexLocked: Another process is writing")
    assert writer.run(at="rag.publish.write_chroma") == "killed by 9"
    with write_lock(home / "index"), pytest.raises(IndexLocked):
        run_ingest(home / "corpus", home / "index", HashEmbedder())
    assert writer.run() == "done"


@pytest.mark.slow
def test_kills_at_random_moments(home, writer):
    moments = random.Random(7)
    assert writer.run() == "done"  # The process has started, so that the next run tells how long one takes.
    write_corpus(home / "corpus", {"d.md": "số 0"})
    took = time.monotonic()
    assert writer.run() == "done"
    took = time.monotonic() - took
    published = {**OLD, "d.md": "số 0"}
    ends = {"old": 0, "new": 0, "done": 0}
    started = time.monotonic()
    while sum(ends.values()) < 60 and time.monotonic() - started < 12:
        wanted = {**OLD, "d.md": f"số {sum(ends.values()) + 1}"}
        write_corpus(home / "corpus", {"d.md": wanted["d.md"]})
        said = writer.run(after=moments.uniform(0, 1.1 * took))
        found = words_of(home / "index")
        assert found in ((wanted,) if said == "done" else (published, wanted))
        ends["done" if said == "done" else "new" if found == wanted else "old"] += 1
        published = found
    assert ends["old"] >= 5, ends
    assert writer.run() == "done"
    assert words_of(home / "index") == wanted
