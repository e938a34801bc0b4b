"""Writing a generation beside the published one, checking it, and swapping it in by one rename.

Until the rename, readers see nothing of it; a run that dies leaves a folder that the next writer removes.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.cache import VECTOR, EmbeddingCache, content_hash, pack, store_errors
from rag.errors import StoreError
from rag.manifest import Manifest, current, file_records, generation_path, read_manifest
from rag.store import open_generation, write_chroma
from rag.types import Article, Chunk

_BATCH = 2000
_SCHEMA = """
CREATE TABLE articles(source TEXT PRIMARY KEY, sha256 TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE chunks(row INTEGER PRIMARY KEY, source TEXT NOT NULL, data TEXT NOT NULL,
                    first_sentence INTEGER NOT NULL, sentence_count INTEGER NOT NULL);
CREATE INDEX chunks_by_source ON chunks(source);
"""


def sentence_texts(chunk: Chunk) -> list[str]:
    """The sentences of a chunk, in order."""
    return [chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences]


@contextlib.contextmanager
def new_generation(index_dir: Path) -> Iterator[Path]:
    """An empty generation folder, removed again when the body fails.

    Raises:
        StoreError: something could not be written; what is published is as it was.
    """
    name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"
    path = generation_path(index_dir, name)
    with store_errors(index_dir, "write the index"):
        try:
            path.mkdir(parents=True)
            yield path
        except BaseException:
            # What cannot be removed now is removed by the next writer.
            shutil.rmtree(path, ignore_errors=True)
            raise


def write_generation(
    path: Path, articles: Sequence[Article], chunks: Sequence[Chunk], cache: EmbeddingCache
) -> None:
    """Write articles, chunks and their vectors, all of which the cache must hold, and Chroma's search."""
    _write_articles(path / "articles.sqlite", articles, chunks)
    width = _write_vectors(path / "vectors.npy", [chunk.embedded_text for chunk in chunks], cache)
    sentences = [text for chunk in chunks for text in sentence_texts(chunk)]
    _write_vectors(path / "sentences.npy", sentences, cache, width)
    write_chroma(path / "chroma", np.load(path / "vectors.npy", mmap_mode="r"))


def _write_articles(file: Path, articles: Sequence[Article], chunks: Sequence[Chunk]) -> None:
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        # Nothing reads this file before it is checked and synced as a whole.
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript(_SCHEMA)
        connection.executemany(
            "INSERT INTO articles VALUES (?,?,?)",
            ((item.source, item.sha256, pack(item)) for item in articles),
        )
        first = 0
        for row, chunk in enumerate(chunks):
            count = len(chunk.sentences)
            values = (row, chunk.source, pack(chunk), first, count)
            connection.execute("INSERT INTO chunks VALUES (?,?,?,?,?)", values)
            first += count


def _write_vectors(file: Path, texts: Sequence[str], cache: EmbeddingCache, width: int = 0) -> int:
    """Write the vectors of texts as one .npy file; returns their width, which only no texts need told."""
    with file.open("wb") as stream:
        # Written, not memory-mapped: a full disk is then an error, where a mapping would kill the process.
        for start, block in _vectors(texts, cache, width):
            if start == 0:
                width = block.shape[1]
                descr = np.lib.format.dtype_to_descr(block.dtype)
                header = {"descr": descr, "fortran_order": False, "shape": (len(texts), width)}
                np.lib.format.write_array_header_1_0(stream, header)
            stream.write(block.tobytes())
    return width


def _vectors(
    texts: Sequence[str], cache: EmbeddingCache, width: int
) -> Iterator[tuple[int, npt.NDArray[np.float16]]]:
    if not texts:
        yield 0, np.empty((0, width), VECTOR)
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        known = cache.get(batch)
        try:
            yield start, np.stack([known[content_hash(text)] for text in batch])
        except KeyError:
            raise StoreError("The embedding cache lost a vector.", "Run `rag index` again.") from None


def publish(path: Path, manifest: Manifest, articles: Sequence[Article], chunks: Sequence[Chunk]) -> None:
    """Complete a generation with its manifest, check it as a reader would, sync it, make it the current one.

    Raises:
        StoreError: it does not hold what was meant to be in it; what is published is as it was.
    """
    index_dir = path.parent.parent
    with contextlib.suppress(StoreError):
        manifest = replace(manifest, previous=current(index_dir))
    manifest = replace(manifest, files=file_records(path))
    (path / "manifest.json").write_text(json.dumps(asdict(manifest), ensure_ascii=False), encoding="utf-8")
    with open_generation(index_dir, path.name) as written:
        if written.articles() != list(articles) or list(written.chunks) != list(chunks):
            raise StoreError(
                "The new index does not hold the articles it was built from.", "Run `rag index` again."
            )
    for folder, _, files in os.walk(path):
        for name in files:
            _sync(Path(folder, name))
        _sync(Path(folder))
    _sync(path.parent)
    pointer = index_dir / "CURRENT.new"
    pointer.write_text(path.name + "\n", encoding="ascii")
    _sync(pointer)
    pointer.replace(index_dir / "CURRENT")
    _sync(index_dir)


def _sync(path: Path) -> None:
    """Put a file or the entries of a folder on the disk itself."""
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open folders.
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def kept_generations(index_dir: Path) -> list[str]:
    """The current generation and the one before it, as far as they exist."""
    try:
        name = current(index_dir)
        names = [name, read_manifest(generation_path(index_dir, name)).previous]
    except StoreError:
        return []
    return [name for name in names if name and generation_path(index_dir, name).is_dir()]


def remove_leftovers(index_dir: Path) -> None:
    """Remove generations nobody needs: half-built ones of killed runs, and those before the previous one.

    When the current one is damaged, everything stays until a new one has been published.
    """
    kept = kept_generations(index_dir)
    if kept or not (index_dir / "CURRENT").exists():
        for path in generation_path(index_dir, "").glob("*"):
            if path.name not in kept:
                # What resists is tried again by the next writer.
                shutil.rmtree(path, ignore_errors=True)
