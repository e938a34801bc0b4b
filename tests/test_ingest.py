"""What a run of `rag index` does: only what changed, every file accounted for, the old index never harmed."""

import dataclasses
import os
import shutil

import numpy as np
import pytest
from hash_embedder import HashEmbedder, hash_vector, no_embedder, run_ingest, write_corpus

from rag import chunks as chunking
from rag import ingest as ingesting
from rag.cache import EmbeddingCache
from rag.errors import CorpusError, IndexMismatch, ModelError
from rag.publish import sentence_texts
from rag.store import open_index
from rag.types import Skipped


@pytest.fixture
def corpus(tmp_path):
    write_corpus(tmp_path / "corpus", {"a.md": "lúa", "b.md": "cá", "sub/c.md": "rừng"})
    return tmp_path / "corpus"


@pytest.fixture
def index_dir(tmp_path):
    return tmp_path / "index"


def counts(report):
    return report.added, report.updated, report.removed, report.unchanged


def everything_embedded(index):
    return {text for chunk in index.chunks for text in (chunk.embedded_text, *sentence_texts(chunk))}


def test_a_first_run_indexes_every_article_and_embeds_each_text_once(corpus, index_dir):
    embedder = HashEmbedder()
    report = run_ingest(corpus, index_dir, embedder)
    assert counts(report) == (3, 0, 0, 0)
    assert report.articles == 3
    with open_index(index_dir) as index:
        assert [article.source for article in index.articles()] == ["a.md", "b.md", "sub/c.md"]
        assert report.chunks == len(index.chunks) >= 3
        assert report.generation == index.generation
        assert sorted(embedder.embedded) == sorted(everything_embedded(index))
        order = [(chunk.source, chunk.ordinal) for chunk in index.chunks]
        assert order == sorted(order)


def test_vectors_belong_to_their_chunks_and_sentences(corpus, index_dir):
    run_ingest(corpus, index_dir, HashEmbedder())
    with open_index(index_dir) as index:
        for row, chunk in enumerate(index.chunks):
            np.testing.assert_allclose(index.vectors()[row], hash_vector(chunk.embedded_text), atol=1e-3)
            expected = np.stack([hash_vector(text) for text in sentence_texts(chunk)])
            np.testing.assert_allclose(index.sentence_vectors(row), expected, atol=1e-3)
            assert index.article(chunk.source).text[chunk.start : chunk.end] == chunk.text
            (best, cosine), *_ = index.nearest(hash_vector(chunk.embedded_text), 2)
            assert best == row
            assert cosine == pytest.approx(1, abs=1e-3)


def test_nothing_changed_means_no_new_generation_and_no_model(corpus, index_dir):
    first = run_ingest(corpus, index_dir, HashEmbedder())
    second = run_ingest(corpus, index_dir, HashEmbedder(), load_embedder=no_embedder)
    assert counts(second) == (0, 0, 0, 3)
    assert (second.generation, second.articles, second.chunks) == (first.generation, 3, first.chunks)
    assert len(list((index_dir / "generations").iterdir())) == 1


def test_touching_a_file_is_no_change(corpus, index_dir):
    first = run_ingest(corpus, index_dir, HashEmbedder())
    os.utime(corpus / "a.md", (1, 1))
    assert run_ingest(corpus, index_dir, HashEmbedder()).generation == first.generation


def test_a_change_is_seen_though_size_and_time_stay_the_same(corpus, index_dir):
    run_ingest(corpus, index_dir, HashEmbedder())
    file = corpus / "a.md"
    times = file.stat().st_atime_ns, file.stat().st_mtime_ns
    file.write_bytes(file.read_bytes().replace(b"1", b"7"))
    os.utime(file, ns=times)
    assert counts(run_ingest(corpus, index_dir, HashEmbedder())) == (0, 1, 0, 2)


def test_only_what_changed_is_embedded(corpus, index_dir):
    run_ingest(corpus, index_dir, HashEmbedder())
    with open_index(index_dir) as index:
        before = everything_embedded(index)
    write_corpus(corpus, {"d.md": "biển", "b.md": "tôm"})
    (corpus / "a.md").unlink()
    embedder = HashEmbedder()
    assert counts(run_ingest(corpus, index_dir, embedder)) == (1, 1, 1, 1)
    with open_index(index_dir) as index:
        assert [article.source for article in index.articles()] == ["b.md", "d.md", "sub/c.md"]
        assert "tôm" in index.article("b.md").text
        assert set(embedder.embedded) == everything_embedded(index) - before
        assert len(embedder.embedded) == len(set(embedder.embedded))


def test_an_appended_sentence_leaves_the_other_sentences_alone(corpus, index_dir):
    run_ingest(corpus, index_dir, HashEmbedder())
    with (corpus / "a.md").open("a", encoding="utf-8") as stream:
        stream.write("\nMột câu hoàn toàn mới ở cuối bài.\n")
    embedder = HashEmbedder()
    run_ingest(corpus, index_dir, embedder)
    new_sentences = [text for text in embedder.embedded if not text.startswith("Bài về")]
    assert new_sentences == ["Một câu hoàn toàn mới ở cuối bài."]


def test_what_returns_is_not_embedded_again(corpus, index_dir, tmp_path):
    run_ingest(corpus, index_dir, HashEmbedder())
    shutil.move(corpus / "a.md", tmp_path / "a.md")
    run_ingest(corpus, index_dir, HashEmbedder(), load_embedder=no_embedder)
    shutil.move(tmp_path / "a.md", corpus / "a.md")
    report = run_ingest(corpus, index_dir, HashEmbedder(), load_embedder=no_embedder)
    assert counts(report) == (1, 0, 0, 2)


def test_every_file_is_indexed_or_skipped_with_its_reason(corpus, index_dir):
    (corpus / "picture.png").write_bytes(b"\x89PNG")
    (corpus / "empty.txt").write_bytes(b"")
    report = run_ingest(corpus, index_dir, HashEmbedder())
    assert [entry.source for entry in report.skipped] == ["empty.txt", "picture.png"]
    assert all(entry.reason for entry in report.skipped)
    assert report.articles == 3
    assert run_ingest(corpus, index_dir, HashEmbedder()).skipped == report.skipped


def test_an_article_that_becomes_unreadable_is_reported_and_drops_out(corpus, index_dir):
    run_ingest(corpus, index_dir, HashEmbedder())
    (corpus / "b.md").write_bytes(b"")
    report = run_ingest(corpus, index_dir, HashEmbedder())
    assert counts(report) == (0, 0, 1, 2)
    assert [entry.source for entry in report.skipped] == ["b.md"]
    with open_index(index_dir) as index:
        assert "b.md" not in index.hashes()


def test_a_file_that_vanishes_during_the_run_is_skipped(corpus, index_dir, monkeypatch):
    scan = ingesting.reading.scan

    def scan_then_remove(folder):
        found = scan(folder)
        (folder / "b.md").unlink()
        return found

    monkeypatch.setattr(ingesting.reading, "scan", scan_then_remove)
    report = run_ingest(corpus, index_dir, HashEmbedder())
    assert report.skipped == (Skipped("b.md", "the file cannot be read (No such file or directory)"),)


def test_a_lone_surrogate_does_not_abort_the_run(corpus, index_dir, monkeypatch):
    read = ingesting.reading.read_article

    def broken(path, folder):
        return dataclasses.replace(read(path, folder), title="\udcff" if path.name == "b.md" else "Bài")

    monkeypatch.setattr(ingesting.reading, "read_article", broken)
    report = run_ingest(corpus, index_dir, HashEmbedder())
    assert [entry.source for entry in report.skipped] == ["b.md"]
    assert report.articles == 2


def test_a_folder_without_articles_leaves_the_index_alone(corpus, index_dir):
    run_ingest(corpus, index_dir, HashEmbedder())
    for file in corpus.rglob("*.md"):
        file.unlink()
    with pytest.raises(CorpusError, match="no readable article") as caught:
        run_ingest(corpus, index_dir, HashEmbedder())
    assert caught.value.hint
    with open_index(index_dir) as index:
        assert len(index.articles()) == 3


def test_a_missing_folder_leaves_no_trace(tmp_path, index_dir):
    with pytest.raises(CorpusError):
        run_ingest(tmp_path / "nowhere", index_dir, HashEmbedder())
    assert not index_dir.exists()


def test_another_embedder_is_refused_by_name_and_accepted_with_rebuild(corpus, index_dir):
    run_ingest(corpus, index_dir, HashEmbedder())
    other = HashEmbedder()
    other.name, other.fingerprint = "other", "other-1"
    with pytest.raises(IndexMismatch, match=r"embedder hash, but the settings name other") as caught:
        run_ingest(corpus, index_dir, other)
    assert "rag index --rebuild" in caught.value.hint
    assert not other.embedded
    report = run_ingest(corpus, index_dir, other, rebuild=True)
    assert counts(report) == (0, 0, 0, 3)
    with open_index(index_dir, other.fingerprint, other.name) as index:
        assert index.manifest.embedder == "other"
        assert set(other.embedded) == everything_embedded(index)


def test_an_embedder_that_is_not_what_it_says_is_refused(corpus, index_dir):
    with pytest.raises(ModelError, match="not the one"):
        run_ingest(corpus, index_dir, HashEmbedder(), fingerprint="something else")


def test_vectors_that_are_no_numbers_are_refused(corpus, index_dir):
    embedder = HashEmbedder()
    embedder.embed_passages = lambda texts, progress=None: np.full((len(texts), 16), np.nan, np.float32)
    with pytest.raises(ModelError, match="cannot be used"):
        run_ingest(corpus, index_dir, embedder)
    assert not (index_dir / "CURRENT").exists()


@pytest.mark.parametrize(
    ("module", "name"), [(chunking, "CHUNKER_VERSION"), (ingesting.lexical, "LEXICAL_VERSION")]
)
def test_another_version_rebuilds_by_itself(corpus, index_dir, monkeypatch, module, name):
    first = run_ingest(corpus, index_dir, HashEmbedder())
    monkeypatch.setattr(module, name, "next")
    second = run_ingest(corpus, index_dir, HashEmbedder())
    assert counts(second) == (0, 0, 0, 3)
    assert second.generation != first.generation


def test_a_new_reader_reads_every_file_again(corpus, index_dir, monkeypatch):
    run_ingest(corpus, index_dir, HashEmbedder())
    read = []
    original = ingesting.reading.read_article
    monkeypatch.setattr(ingesting.reading, "READER_VERSION", "next", raising=False)
    monkeypatch.setattr(
        ingesting.reading,
        "read_article",
        lambda path, folder: read.append(path.name) or original(path, folder),
    )
    run_ingest(corpus, index_dir, HashEmbedder())
    assert sorted(read) == ["a.md", "b.md", "c.md"]


def test_other_chunk_sizes_rebuild_by_themselves_and_keep_the_sentence_vectors(corpus, index_dir):
    run_ingest(corpus, index_dir, HashEmbedder())
    embedder = HashEmbedder()
    report = run_ingest(corpus, index_dir, embedder, chunk_tokens=400)
    assert report.chunks == 3
    assert len(embedder.embedded) == 3


@pytest.mark.parametrize("damage", ["articles.sqlite", "vectors.npy", "manifest.json", "chroma", "lexical"])
def test_a_damaged_index_is_rebuilt_without_the_model(corpus, index_dir, damage):
    first = run_ingest(corpus, index_dir, HashEmbedder())
    victim = index_dir / "generations" / first.generation / damage
    shutil.rmtree(victim) if victim.is_dir() else victim.unlink()
    report = run_ingest(corpus, index_dir, HashEmbedder(), load_embedder=no_embedder, rebuild=True)
    expected = (3, 0, 0, 0) if damage == "articles.sqlite" else (0, 0, 0, 3)
    assert counts(report) == expected
    with open_index(index_dir) as index:
        assert index.generation != first.generation
        assert index.nearest(hash_vector(index.chunks[1].embedded_text), 1)[0][0] == 1


def test_a_damaged_index_also_heals_without_rebuild(corpus, index_dir):
    first = run_ingest(corpus, index_dir, HashEmbedder())
    (index_dir / "generations" / first.generation / "vectors.npy").unlink()
    run_ingest(corpus, index_dir, HashEmbedder(), load_embedder=no_embedder)
    with open_index(index_dir) as index:
        assert len(index.articles()) == 3


def test_a_damaged_cache_is_only_a_loss_of_time(corpus, index_dir):
    run_ingest(corpus, index_dir, HashEmbedder())
    (index_dir / "embeddings.sqlite").write_bytes(b"no database at all" * 100)
    embedder = HashEmbedder()
    run_ingest(corpus, index_dir, embedder, rebuild=True)
    with open_index(index_dir) as index:
        assert set(embedder.embedded) == everything_embedded(index)


def test_the_current_and_the_previous_generation_are_kept(corpus, index_dir):
    names = []
    for word in ("một", "hai", "ba"):
        write_corpus(corpus, {"a.md": word})
        names.append(run_ingest(corpus, index_dir, HashEmbedder()).generation)
    assert {path.name for path in (index_dir / "generations").iterdir()} == set(names[1:])


def test_the_cache_forgets_what_neither_kept_generation_uses(corpus, index_dir):
    for word in ("một", "hai", "ba", "bốn", "năm"):
        write_corpus(corpus, {name: f"{word} {name[0]}" for name in ("a.md", "b.md")})
        (corpus / "sub" / "c.md").unlink(missing_ok=True)
        run_ingest(corpus, index_dir, HashEmbedder())
    with open_index(index_dir) as index, EmbeddingCache(index_dir, "hash-1") as cache:
        used = everything_embedded(index)
        assert len(used) <= cache.count() <= 2 * len(used)
        assert not cache.missing(used)
    run_ingest(corpus, index_dir, HashEmbedder(), load_embedder=no_embedder, rebuild=True)


def test_progress_tells_stages_in_order_and_ends_each(corpus, index_dir):
    told = []
    run_ingest(corpus, index_dir, HashEmbedder(), progress=lambda *event: told.append(event))
    stages = list(dict.fromkeys(stage for stage, _, _ in told))
    assert stages == ["read", "split", "embed", "write"]
    for stage in stages:
        last = [event for event in told if event[0] == stage][-1]
        assert last[1] == last[2] > 0


def test_the_report_is_the_json_contract(corpus, index_dir):
    (corpus / "x.bin").write_bytes(b"\0")
    data = run_ingest(corpus, index_dir, HashEmbedder()).to_dict()
    assert list(data) == [
        "articles",
        "chunks",
        "added",
        "updated",
        "removed",
        "unchanged",
        "skipped",
        "seconds",
        "generation",
    ]
    assert data["skipped"] == [{"source": "x.bin", "reason": "files of type '.bin' are not read"}]
