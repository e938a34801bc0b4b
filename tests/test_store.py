"""The index on disk: opened whole or refused with a remedy, searched by cosine, never changed by readers."""

import errno
import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hash_embedder import HashEmbedder, hash_vector, run_ingest, write_corpus

from rag import manifest as manifests
from rag import publish, store
from rag.cache import EmbeddingCache, content_hash, split_key, store_errors
from rag.errors import IndexLocked, IndexMismatch, IndexMissing, StoreError
from rag.manifest import current, damages, file_records, generation_path
from rag.store import chroma_client, open_index, write_chroma, write_lock
from rag.types import Article, Chunk


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A corpus and its index, not to be changed."""
    home = tmp_path_factory.mktemp("built")
    write_corpus(home / "corpus", {"a.md": "lúa", "b.md": "cá", "c.md": "rừng"})
    run_ingest(home / "corpus", home / "index", HashEmbedder())
    return home


@pytest.fixture
def home(built, tmp_path):
    """A copy of it that may be changed."""
    shutil.copytree(built, tmp_path / "home")
    return tmp_path / "home"


def generation_of(index_dir):
    return generation_path(index_dir, current(index_dir))


def published(index_dir):
    """All that a reader can see."""
    with open_index(index_dir) as index:
        found = [index.nearest(hash_vector(chunk.embedded_text), 1)[0][0] for chunk in index.chunks]
        assert found == list(range(len(index.chunks)))
        return index.generation, index.articles(), list(index.chunks), index.vectors().tobytes()


# Opening


def test_no_index_says_how_to_make_one(tmp_path):
    with pytest.raises(IndexMissing, match="rag index"):
        open_index(tmp_path)


def test_another_embedder_is_named_beside_the_one_that_built_it(built):
    with pytest.raises(IndexMismatch, match="embedder hash, but the settings name big") as caught:
        open_index(built / "index", "big-1", "big")
    assert "--rebuild" in caught.value.hint
    with pytest.raises(IndexMismatch, match=r"hash \(hash-1\), but the settings name hash \(hash-2\)"):
        open_index(built / "index", "hash-2", "hash")
    open_index(built / "index", "hash-1", "hash").close()


def test_another_layout_is_refused_and_built_again_by_the_next_run(home, monkeypatch):
    layout = manifests.SCHEMA
    monkeypatch.setattr(manifests, "SCHEMA", 99)
    with pytest.raises(IndexMismatch, match=f"layout {layout}, this version reads layout 99"):
        open_index(home / "index")
    monkeypatch.setattr("rag.ingest.SCHEMA", 99)
    run_ingest(home / "corpus", home / "index", HashEmbedder())
    assert len(published(home / "index")[1]) == 3


def every_file(index_dir):
    return sorted(path for path in generation_of(index_dir).rglob("*") if path.is_file())


@pytest.mark.parametrize("damage", ["missing", "cut short", "garbage"])
def test_a_damaged_file_is_noticed_when_the_index_is_opened(home, damage):
    for file in every_file(home / "index"):
        data = file.read_bytes()
        # Chroma writes to its own database when it opens it, so only its size can be watched.
        if not data or (damage == "garbage" and file.name == "chroma.sqlite3"):
            continue
        if damage == "missing":
            file.unlink()
        else:
            file.write_bytes(data[: len(data) // 2] if damage == "cut short" else os.urandom(len(data)))
        with pytest.raises(StoreError) as caught:
            open_index(home / "index")
        assert "rag index --rebuild" in caught.value.hint, file
        file.write_bytes(data)
    published(home / "index")


def test_garbage_in_the_database_of_chroma_is_noticed_by_the_search(home):
    database = generation_of(home / "index") / "chroma" / "chroma.sqlite3"
    database.write_bytes(os.urandom(database.stat().st_size))
    with open_index(home / "index") as index, pytest.raises(StoreError, match="search") as caught:
        index.nearest(hash_vector("x"), 1)
    assert "rag index --rebuild" in caught.value.hint


def test_a_large_index_is_judged_by_sizes_and_fully_on_request(home, monkeypatch):
    monkeypatch.setattr(store, "_HASHED_AT_OPEN", 0)
    file = generation_of(home / "index") / "vectors.npy"
    file.write_bytes(file.read_bytes()[:-1] + b"\x00")
    with open_index(home / "index") as index:
        assert damages(index.path, index.manifest, hashes=True) == ["vectors.npy has changed"]


@pytest.mark.parametrize("text", ["", "../../etc", "a/b", "20260101T000000-gone", "\x00\xff"])
def test_a_damaged_pointer_is_noticed(home, text):
    (home / "index" / "CURRENT").write_text(text, encoding="latin-1")
    with pytest.raises(StoreError, match="--rebuild"):
        open_index(home / "index")


def test_a_reader_that_comes_during_a_publication_finds_the_new_index(home, monkeypatch):
    first = current(home / "index")
    read = store.read_manifest

    def publish_meanwhile(path):
        if path.name == first:
            monkeypatch.setattr(store, "read_manifest", read)
            write_corpus(home / "corpus", {"d.md": "biển"})
            run_ingest(home / "corpus", home / "index", HashEmbedder())
            shutil.rmtree(path)
        return read(path)

    monkeypatch.setattr(store, "read_manifest", publish_meanwhile)
    with open_index(home / "index") as index:
        assert len(index.articles()) == 4


# Reading


def test_an_unknown_article_is_an_error(built):
    with open_index(built / "index") as index, pytest.raises(StoreError, match=r"no article 'z\.md'"):
        index.article("z.md")


def test_chunks_are_a_sequence(built):
    with open_index(built / "index") as index:
        chunks = list(index.chunks)
        assert index.chunks[0] == chunks[0]
        assert index.chunks[-1] == chunks[-1]
        assert index.chunks[1:3] == chunks[1:3]
        with pytest.raises(IndexError):
            index.chunks[len(chunks)]
        rows = index.rows_of(["b.md", "nowhere.md"])
        assert rows == [row for row, chunk in enumerate(chunks) if chunk.source == "b.md"]


def test_nearest_is_the_cosine_best_first_and_exact_rows_agree_with_chroma(built):
    with open_index(built / "index") as index:
        question = hash_vector("một câu hỏi")
        expected = index.vectors().astype(np.float32) @ question
        order = [int(row) for row in np.argsort(-expected)]
        everything = index.nearest(question * 7, 100)
        assert [row for row, _ in everything] == order
        np.testing.assert_allclose([cosine for _, cosine in everything], expected[order], atol=1e-3)
        exact = index.nearest(question, 3, rows=range(len(index.chunks)))
        assert [row for row, _ in exact] == order[:3]
        some = index.nearest(question, 100, rows={order[-1], order[1]})
        assert [row for row, _ in some] == [order[1], order[-1]]
        assert index.nearest(question, 3, rows=[]) == []
        assert index.nearest(question, 0) == []


@pytest.mark.parametrize("vector", [np.zeros(16), np.ones(3), np.full(16, np.nan)])
def test_a_vector_that_cannot_be_compared_is_refused(built, vector):
    with open_index(built / "index") as index, pytest.raises(ValueError, match="16 numbers"):
        index.nearest(vector, 1)


def test_many_threads_share_one_index(built):
    wrong = []
    with open_index(built / "index") as index:
        chunks = list(index.chunks)

        def ask():
            for row, chunk in enumerate(chunks):
                found = index.nearest(hash_vector(chunk.embedded_text), 1)[0][0]
                if found != row or index.chunks[row] != chunk:
                    wrong.append(row)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong


@pytest.mark.parametrize("count", [1, 2, 12])
def test_readers_leave_the_graph_of_chroma_alone(tmp_path, count):
    vectors = np.stack([hash_vector(str(row)) for row in range(count)]).astype(np.float16)
    write_chroma(tmp_path / "chroma", vectors)
    before = file_records(tmp_path)
    client = chroma_client(tmp_path / "chroma")
    found = client.get_collection("chunks", embedding_function=None).query(
        query_embeddings=[hash_vector("0")], n_results=count
    )
    client.close()
    assert found["ids"][0][0] == "0"
    changed = {name for name, record in file_records(tmp_path).items() if before.get(name) != record}
    assert changed <= {"chroma/chroma.sqlite3"}


@pytest.mark.slow
def test_more_vectors_than_chroma_takes_at_once(tmp_path):
    rows = 6001
    vectors = np.random.default_rng(1).standard_normal((rows, 8)).astype(np.float16)
    vectors /= np.linalg.norm(vectors.astype(np.float32), axis=1, keepdims=True).astype(np.float16)
    write_chroma(tmp_path / "chroma", vectors)  # Reads all of them back by itself.


def test_chroma_that_loses_a_vector_is_not_published(home, monkeypatch):
    before = published(home / "index")
    real = store.chroma_client

    class Forgetful:
        def __init__(self, client):
            self.client = client
            self.close = client.close

        def create_collection(self, *args, **options):
            collection = self.client.create_collection(*args, **options)
            upsert = collection.upsert
            collection.upsert = lambda ids, embeddings: upsert(ids=ids[1:], embeddings=embeddings[1:])
            return collection

        def get_collection(self, *args, **options):
            return self.client.get_collection(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(store, "chroma_client", lambda folder: Forgetful(real(folder)))
        write_corpus(home / "corpus", {"d.md": "biển"})
        with pytest.raises(StoreError, match="did not keep"):
            run_ingest(home / "corpus", home / "index", HashEmbedder())
    assert published(home / "index") == before


def test_a_read_only_disk_and_a_forked_process_search_without_chroma(built, monkeypatch):
    with open_index(built / "index") as index:
        expected = index.nearest(hash_vector("x"), 3)
    monkeypatch.setattr(store, "chroma_client", lambda folder: pytest.fail("Chroma was opened"))
    with open_index(built / "index") as index:
        with monkeypatch.context() as patch:
            patch.setattr(os, "access", lambda path, mode: False)
            read_only = index.nearest(hash_vector("x"), 3)
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: -1)
            forked = index.nearest(hash_vector("x"), 3)
    assert [row for row, _ in read_only] == [row for row, _ in forked] == [row for row, _ in expected]


def test_chroma_listens_to_nobody(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(".env").write_text("CHROMA_SERVER_HOST=example.org\n", encoding="utf-8")
    monkeypatch.setenv("ANONYMIZED_TELEMETRY", "True")
    monkeypatch.setenv("CHROMA_API_IMPL", "chromadb.api.fastapi.FastAPI")
    monkeypatch.setenv("CHROMA_OTEL_COLLECTION_ENDPOINT", "http://example.org")
    client = chroma_client(tmp_path / "chroma")
    settings = client.get_settings()
    client.close()
    assert not settings.anonymized_telemetry
    assert settings.chroma_server_host is None
    assert settings.chroma_otel_collection_endpoint == ""
    assert settings.chroma_api_impl == "chromadb.api.rust.RustBindingsAPI"


def test_opening_and_reading_do_not_import_chroma(built):
    code = (
        "import sys; from pathlib import Path; from rag.store import open_index;"
        "index = open_index(Path(sys.argv[1])); index.articles(); index.nearest([1.0] * 16, 2, rows=[0, 1]);"
        "assert 'chromadb' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code, str(built / "index")], check=True)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed on Linux only")
def test_an_index_that_is_forgotten_releases_its_files(built):
    index = open_index(built / "index")
    index.nearest(hash_vector("x"), 1)
    chunks = index.chunks
    del index
    gc.collect()
    assert chunks[0].text  # They outlive the index they came from.
    links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    open_files = [str(link.readlink()) for link in links]
    assert not any("chroma" in name and str(built) in name for name in open_files)


# Moving on


def test_a_reader_moves_to_the_new_generation_and_keeps_the_old_one_until_then(home):
    with open_index(home / "index") as reader:
        assert not reader.stale()
        before = list(reader.chunks)
        for word in ("biển", "núi", "sông"):  # The third publication removes what the reader has open.
            write_corpus(home / "corpus", {"d.md": word})
            run_ingest(home / "corpus", home / "index", HashEmbedder())
        assert reader.stale()
        assert not reader.path.exists()
        assert list(reader.chunks) == before
        assert reader.nearest(hash_vector(before[2].embedded_text), 1)[0][0] == 2
        with open_index(home / "index") as moved:
            assert not moved.stale()
            assert "sông" in moved.article("d.md").text


# Writing


def test_a_second_writer_is_told_to_wait(home):
    with write_lock(home / "index"), pytest.raises(IndexLocked, match="Wait"):
        run_ingest(home / "corpus", home / "index", HashEmbedder())
    run_ingest(home / "corpus", home / "index", HashEmbedder())


def full(*args, **options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def database_full(*args, **options):
    raise sqlite3.OperationalError("database or disk is full")


@pytest.mark.parametrize(
    ("where", "what"),
    [
        ("rag.publish._write_articles", database_full),
        ("rag.publish._write_vectors", full),
        ("rag.publish.write_chroma", full),
        ("rag.publish._sync", full),
        ("rag.lexical.LexicalIndex.save", full),
        ("pathlib.Path.replace", full),
    ],
)
def test_a_full_disk_harms_nothing_and_leaves_nothing_behind(home, monkeypatch, where, what):
    before = published(home / "index")
    write_corpus(home / "corpus", {"d.md": "biển"})
    with monkeypatch.context() as patch:
        patch.setattr(where, what)
        with pytest.raises(StoreError) as caught:
            run_ingest(home / "corpus", home / "index", HashEmbedder())
    assert "disk space" in caught.value.hint
    assert published(home / "index") == before
    assert [path.name for path in (home / "index" / "generations").iterdir()] == [before[0]]
    run_ingest(home / "corpus", home / "index", HashEmbedder())
    assert len(published(home / "index")[1]) == 4


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "--index"),
        (OSError(errno.EROFS, "Read-only file system"), "--index"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "--index"),
        (OSError(errno.EIO, "Input/output error"), "disk is sound"),
        (sqlite3.DatabaseError("database disk image is malformed"), "--rebuild"),
    ],
)
def test_what_the_disk_refuses_becomes_one_line_with_a_hint(tmp_path, error, advice):
    with (
        pytest.raises(StoreError, match="Cannot write the index") as caught,
        store_errors(tmp_path, "write the index"),
    ):
        raise error
    assert advice in caught.value.hint
    with pytest.raises(ZeroDivisionError), store_errors(tmp_path, "write the index"):
        raise ZeroDivisionError


def test_leftovers_of_a_killed_run_are_removed_by_the_next_writer(home):
    half = home / "index" / "generations" / "20200101T000000-half"
    (half / "chroma").mkdir(parents=True)
    (half / "vectors.npy").write_bytes(b"half")
    run_ingest(home / "corpus", home / "index", HashEmbedder())
    assert not half.exists()
    published(home / "index")


def test_leftovers_stay_while_the_published_index_is_damaged(home):
    (generation_of(home / "index") / "manifest.json").unlink()
    publish.remove_leftovers(home / "index")
    assert generation_of(home / "index").exists()


# The cache


def test_the_cache_knows_texts_by_content_and_embedder(tmp_path):
    with EmbeddingCache(tmp_path, "one") as cache:
        assert cache.missing(["a", "b", "a"]) == ["a", "b"]
        cache.put(["a"], np.stack([hash_vector("a")]))
        assert cache.missing(["a", "b"]) == ["b"]
    with EmbeddingCache(tmp_path, "one") as cache:
        found = cache.get(["a", "b"])
        assert list(found) == [content_hash("a")]
        np.testing.assert_allclose(found[content_hash("a")], hash_vector("a"), atol=1e-3)
    with EmbeddingCache(tmp_path, "two") as cache:
        assert cache.missing(["a"]) == ["a"]
        assert cache.count() == 1


def test_the_cache_returns_chunks_with_strange_line_ends_as_they_were(tmp_path):
    text = "một\u2028hai\x85ba\nbốn"
    chunks = [Chunk("i", "a.md", n, 0, len(text), text, "ngữ cảnh", ((0, 3), (4, 7))) for n in range(2)]
    key = split_key(Article("a.md", text, "0"), "1", 48, "one")
    with EmbeddingCache(tmp_path, "one") as cache:
        assert cache.get_split(key) is None
        cache.put_splits({key: chunks, "empty": []})
        assert cache.get_split(key) == chunks
        assert cache.get_split("empty") == []


def test_a_split_depends_on_everything_that_shapes_it():
    article = Article("a.md", "văn bản", "0", title="t")
    keys = {
        split_key(article, "1", 48, "one"),
        split_key(article, "2", 48, "one"),
        split_key(article, "1", 49, "one"),
        split_key(article, "1", 48, "two"),
        split_key(Article("a.md", "văn bản", "0", title="u"), "1", 48, "one"),
    }
    assert len(keys) == 5


def test_pruning_keeps_what_is_used_of_each_embedder(tmp_path):
    for fingerprint in ("one", "two"):
        with EmbeddingCache(tmp_path, fingerprint) as cache:
            cache.put(["a", "b"], np.stack([hash_vector("a"), hash_vector("b")]))
            cache.put_splits({f"key {fingerprint}": []})
    with EmbeddingCache(tmp_path, "one") as cache:
        cache.prune({"one": {content_hash("a")}, "two": {content_hash("b")}}, {"key one"})
        assert cache.missing(["a", "b"]) == ["b"]
        assert cache.get_split("key one") == []
        assert cache.get_split("key two") is None
    with EmbeddingCache(tmp_path, "two") as cache:
        assert cache.missing(["a", "b"]) == ["a"]
