"""The index on disk, and reading it. The only module that knows Chroma.

    index_dir/
        CURRENT             name of the published generation
        lock                held by the one process that writes
        embeddings.sqlite   see cache.py
        generations/<name>/ one complete index, never changed once published
            manifest.json   what it was built with; size and hash of every other file
            articles.sqlite articles and chunks; the row of a chunk is its position
            chroma/         nearest-neighbour search over the chunks; ids are rows
            lexical/        see lexical.py
            vectors.npy     float16 [chunks, dimension]
            sentences.npy   float16 [sentences, dimension], in the order of the chunks

The manifest is in manifest.py, writing in publish.py. Readers find their way from CURRENT, so one rename
moves all of them at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, overload

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from rag.cache import store_errors, unpack_article, unpack_chunk
from rag.errors import IndexLocked, StoreError
from rag.manifest import (
    CHROMA_DATABASE,
    REBUILD,
    Manifest,
    check_embedder,
    current,
    damages,
    generation_path,
    read_manifest,
)
from rag.types import Article, Chunk

__all__ = ["Index", "Manifest", "chroma_client", "open_index", "write_chroma", "write_lock"]

_HASHED_AT_OPEN = 16 << 20
"""Bytes. A generation up to this size is hashed when it is opened; of a larger one only the sizes are."""
_COLLECTION = "chunks"
_HASHES = "SELECT source, sha256 FROM articles"
_BATCH = 5000  # Chroma takes 5,461 at most.


@contextlib.contextmanager
def write_lock(index_dir: Path) -> Iterator[None]:
    """Hold the index for writing. The lock goes with the process, however it ends.

    Raises:
        IndexLocked: another process holds it.
        StoreError: the folder cannot be written.
    """
    with store_errors(index_dir, "lock the index"):
        index_dir.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index_dir / "lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise IndexLocked(
                f"Another process is writing the index in {index_dir}.",
                "Wait until it has finished, then run the command again.",
            ) from None
    try:
        yield
    finally:
        lock.release()


def open_index(index_dir: Path, fingerprint: str | None = None, embedder_name: str | None = None) -> Index:
    """Open the published generation. Chroma is imported at the first search, not here.

    Raises:
        IndexMissing: nothing has been indexed.
        IndexMismatch: it was built by another version of this program or, when `fingerprint` is given, by
            another embedder.
        StoreError: it is damaged.
    """
    while True:
        name = current(index_dir)
        try:
            check_embedder(read_manifest(generation_path(index_dir, name)), fingerprint, embedder_name)
            return open_generation(index_dir, name)
        except StoreError:
            # It may have been replaced and removed while it was being opened.
            if current(index_dir) == name:
                raise


def open_generation(index_dir: Path, name: str) -> Index:
    """Open one generation, published or not. Raises what `open_index` raises."""
    return Index(index_dir, name, read_manifest(generation_path(index_dir, name)))


def stored_hashes(index_dir: Path) -> dict[str, str]:
    """Source → SHA-256 in the published index as far as it can still be read, damaged or not."""
    try:
        database = _Database(generation_path(index_dir, current(index_dir)) / "articles.sqlite")
        with contextlib.closing(database):
            return dict(database.query(_HASHES))
    except (StoreError, sqlite3.Error):
        return {}


class ChunkRows(Sequence[Chunk]):
    """The chunks in row order, read from disk when asked for."""

    def __init__(self, database: _Database, length: int) -> None:
        self._database = database
        self._length = length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, row: int) -> Chunk: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Chunk]: ...
    def __getitem__(self, row: int | slice) -> Chunk | Sequence[Chunk]:
        if isinstance(row, slice):
            return [self[position] for position in range(*row.indices(self._length))]
        position = range(self._length)[row]
        ((data,),) = self._database.query("SELECT data FROM chunks WHERE row=?", position)
        return unpack_chunk(data)

    def __iter__(self) -> Iterator[Chunk]:
        for (data,) in self._database.query("SELECT data FROM chunks ORDER BY row"):
            yield unpack_chunk(data)


class _Database:
    """Read-only SQLite that many threads may ask."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # Immutable: a published generation never changes, so no lock files are needed beside it.
        self._connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self.close = weakref.finalize(self, self._connection.close)
        self._lock = threading.Lock()

    def query(self, sql: str, *values: object) -> list[tuple]:
        with store_errors(self._path.parent, "read the index"), self._lock:
            return self._connection.execute(sql, values).fetchall()


class Index:
    """One generation, opened for reading; safe to share between threads."""

    def __init__(self, index_dir: Path, generation: str, manifest: Manifest) -> None:
        """Use `open_index`. Raises StoreError when the files are damaged."""
        self.index_dir = index_dir
        self.generation = generation
        self.manifest = manifest
        self.path = generation_path(index_dir, generation)
        total = sum(size for size, _ in manifest.files.values())
        if problems := damages(self.path, manifest, hashes=total <= _HASHED_AT_OPEN):
            raise StoreError(f"The index in {index_dir} is damaged: {'; '.join(problems)}.", REBUILD)
        with store_errors(index_dir, "read the index"):
            self._database = _Database(self.path / "articles.sqlite")
        try:
            self._vectors = self._matrix("vectors.npy", manifest.chunks)
            self._sentences = self._matrix("sentences.npy", manifest.sentences)
            sql = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM chunks)"
            if self._database.query(sql) != [(manifest.articles, manifest.chunks)]:
                raise StoreError(f"The index in {index_dir} does not hold what its manifest says.", REBUILD)
        except BaseException:
            self._database.close()
            raise
        self.chunks: Sequence[Chunk] = ChunkRows(self._database, manifest.chunks)
        self._collection: Any = None
        self._close_chroma: Callable[[], object] | None = None
        self._opening = threading.Lock()
        self._process = os.getpid()

    def _matrix(self, name: str, rows: int) -> npt.NDArray[np.float16]:
        try:
            matrix: npt.NDArray[np.float16] = np.load(self.path / name, mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise StoreError(f"The index in {self.index_dir} is damaged: {error}.", REBUILD) from error
        if matrix.shape != (rows, self.manifest.dimension):
            raise StoreError(f"The index in {self.index_dir} is damaged: {name} has a wrong shape.", REBUILD)
        return matrix

    def close(self) -> None:
        """Release files and memory. Also happens when the index is no longer referred to."""
        self._database.close()
        if self._close_chroma is not None:
            self._close_chroma()

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def article(self, source: str) -> Article:
        """The stored article. Raises StoreError when there is none of that name."""
        found = self._database.query("SELECT data FROM articles WHERE source=?", source)
        if not found:
            raise StoreError(
                f"There is no article '{source}' in the index.", "`rag search` shows the names of sources."
            )
        return unpack_article(found[0][0])

    def articles(self) -> list[Article]:
        """All articles, by source."""
        found = self._database.query("SELECT data FROM articles ORDER BY source")
        return [unpack_article(data) for (data,) in found]

    def hashes(self) -> dict[str, str]:
        """Source → SHA-256 of the file it was read from."""
        return dict(self._database.query(_HASHES))

    def rows_of(self, sources: Collection[str]) -> list[int]:
        """Rows of the chunks of these sources, ascending."""
        asked = json.dumps(list(sources))
        sql = "SELECT row FROM chunks WHERE source IN (SELECT value FROM json_each(?)) ORDER BY row"
        return [row for (row,) in self._database.query(sql, asked)]

    def vectors(self) -> npt.NDArray[np.float16]:
        """Vectors of the chunks, float16 [chunks, dimension], memory-mapped."""
        return self._vectors

    def sentence_vectors(self, row: int) -> npt.NDArray[np.float16]:
        """Vectors of the sentences of one chunk, float16 [its sentences, dimension], memory-mapped."""
        ((first, count),) = self._database.query(
            "SELECT first_sentence, sentence_count FROM chunks WHERE row=?", range(len(self.chunks))[row]
        )
        vectors: npt.NDArray[np.float16] = self._sentences[first : first + count]
        return vectors

    def nearest(
        self, vector: npt.ArrayLike, k: int, rows: Collection[int] | None = None
    ) -> list[tuple[int, float]]:
        """The k chunks nearest to a vector [dimension], as (row, cosine), best first.

        Chroma searches approximately; with `rows`, only these are compared, exactly.

        Raises:
            StoreError: Chroma's files are damaged.
        """
        unit = np.asarray(vector, np.float32)
        if unit.shape != (self.manifest.dimension,) or not (norm := float(np.linalg.norm(unit))) > 0:
            raise ValueError(f"a vector of {self.manifest.dimension} numbers is needed, not all of them 0")
        unit = unit / norm
        k = min(k, len(self.chunks))
        if k < 1:
            return []
        if rows is not None or not self._may_use_chroma():
            return self._exact(unit, k, range(len(self.chunks)) if rows is None else sorted(set(rows)))
        with store_errors(self.index_dir, "search the index"):
            found = self._open_chroma().query(query_embeddings=[unit], n_results=k, include=["distances"])
        pairs = [
            (int(name), 1.0 - float(distance))
            for name, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _exact(self, unit: npt.NDArray[np.float32], k: int, rows: Sequence[int]) -> list[tuple[int, float]]:
        cosines = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), _BATCH):
            block = np.asarray(rows[start : start + _BATCH], np.intp)
            cosines[start : start + _BATCH] = self._vectors[block].astype(np.float32) @ unit
        best = np.argsort(-cosines, kind="stable")[:k]
        return [(int(rows[position]), float(cosines[position])) for position in best]

    def _may_use_chroma(self) -> bool:
        # Chroma writes on opening, so not from a read-only disk; and after a fork its threads are gone, so
        # that it would wait for ever.
        return os.getpid() == self._process and os.access(self.path / CHROMA_DATABASE, os.W_OK)

    def _open_chroma(self) -> Any:
        with self._opening:
            if self._collection is None:
                client = chroma_client(self.path / "chroma")
                self._close_chroma = weakref.finalize(self, client.close)
                self._collection = client.get_collection(_COLLECTION, embedding_function=None)
            return self._collection

    def stale(self) -> bool:
        """Whether another generation has been published since this one was opened."""
        try:
            return current(self.index_dir) != self.generation
        except StoreError:
            return False  # What is open goes on working.


def chroma_client(folder: Path) -> Any:
    """A Chroma client on a local folder that neither reports to anybody nor listens to the environment."""
    import chromadb
    from chromadb.config import Settings

    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        anonymized_telemetry=False,
        chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
        chroma_otel_collection_endpoint="",
        chroma_otel_granularity="none",
    )
    return chromadb.PersistentClient(str(folder), settings=settings)


def write_chroma(folder: Path, vectors: npt.NDArray) -> None:
    """Fill a new Chroma folder with vectors [n, dimension], ids being rows; then read all of them back.

    Raises:
        StoreError: what was read differs from what was written.
    """
    # Chroma's default keeps up to 1,000 vectors out of the graph on disk, and each reader would write that
    # part anew. The lowest threshold puts all of them there, and readers leave the files alone.
    hnsw = {"space": "cosine", "sync_threshold": 2, "ef_construction": 200, "ef_search": 200}
    options = {"embedding_function": None, "configuration": {"hnsw": hnsw}}
    batches = [range(start, min(start + _BATCH, len(vectors))) for start in range(0, len(vectors), _BATCH)]
    with contextlib.closing(chroma_client(folder)) as client:
        collection = client.create_collection(_COLLECTION, **options)
        # One vector alone would stay below the threshold, so it is written twice.
        for batch in batches if len(vectors) > 1 else batches * 2:
            embeddings = vectors[batch.start : batch.stop].astype(np.float32)
            collection.upsert(ids=[str(row) for row in batch], embeddings=embeddings)
    with contextlib.closing(chroma_client(folder)) as client:
        collection = client.get_collection(_COLLECTION, embedding_function=None)
        intact = collection.count() == len(vectors)
        for batch in batches:
            found = collection.get(ids=[str(row) for row in batch], include=["embeddings"])
            order = [int(name) for name in found["ids"]]
            intact = intact and sorted(order) == list(batch)
            intact = intact and np.allclose(found["embeddings"], vectors[order].astype(np.float32), atol=1e-3)
    if not intact:
        raise StoreError("Chroma did not keep the vectors it was given.", "Run `rag index` again.")
