"""What was computed once: vectors of texts by content hash, and chunks of articles.

One SQLite file beside the generations, written batch by batch, so that a run that is killed loses at most
one batch and a broken generation is rebuilt without the model. Only the holder of the write lock uses it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from rag.errors import RagError, StoreError
from rag.types import Article, Chunk

VECTOR = np.float16
"""Stored precision. A cosine of two unit vectors moves by less than 0.001."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_LOOKUP = 500


def content_hash(text: str) -> str:
    """SHA-256 of the text in UTF-8, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def split_key(article: Article, chunker: str, chunk_tokens: int, fingerprint: str) -> str:
    """Everything the chunks of an article depend on, as one hash."""
    parts = {**_fields(article), "chunker": chunker, "chunk_tokens": chunk_tokens, "by": fingerprint}
    return content_hash(json.dumps(parts, sort_keys=True))


def pack(item: Article | Chunk) -> str:
    """One line of JSON; `unpack_article` and `unpack_chunk` turn it back."""
    return json.dumps(_fields(item), ensure_ascii=False)


def unpack_article(line: str) -> Article:
    """Undo `pack`."""
    return Article(**json.loads(line))


def unpack_chunk(line: str) -> Chunk:
    """Undo `pack`."""
    data = json.loads(line)
    for name in ("sentences", "left_out"):
        data[name] = tuple((start, end) for start, end in data.get(name, ()))
    return Chunk(**data)


def _fields(item: Article | Chunk) -> dict[str, object]:
    return {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}


@contextlib.contextmanager
def store_errors(place: Path, action: str) -> Iterator[None]:
    """Turn what the disk, SQLite and Chroma raise into a StoreError that says what to do.

    `action` completes "Cannot …".
    """
    try:
        yield
    except RagError:
        raise
    except BaseException as error:
        if not _is_storage_failure(error):
            raise
        raise StoreError(f"Cannot {action} in {place}: {error}.", _hint(error)) from error


def _is_storage_failure(error: BaseException) -> bool:
    # Chroma's errors are told by their module, so that it need not be imported; a panic inside its native
    # part is no Exception at all.
    home = type(error).__module__.split(".")[0]
    return isinstance(error, OSError | sqlite3.Error) or home in {"chromadb", "pyo3_runtime"}


def _hint(error: BaseException) -> str:
    number = error.errno if isinstance(error, OSError) else None
    said = str(error).lower()
    if number in _FULL or "full" in said or "no space" in said or "too large" in said:
        return "Free some disk space and run `rag index` again; the published index is unharmed."
    if number in _DENIED or "readonly" in said or "read-only" in said or "denied" in said:
        return "Make the folder writable, or name another one with --index."
    if number == errno.EIO or "i/o error" in said:
        return "See that the disk is sound and has free disk space, then run `rag index` again."
    return "Run `rag index --rebuild`; it uses the vectors that were already computed."


class EmbeddingCache:
    """Vectors by content hash for one embedder, and the chunks of articles already split."""

    def __init__(self, index_dir: Path, fingerprint: str) -> None:
        """Open or create `index_dir/embeddings.sqlite`. A damaged file is replaced by an empty one.

        Raises:
            StoreError: the file cannot be opened or created.
        """
        self.fingerprint = fingerprint
        self._path = index_dir / "embeddings.sqlite"
        with store_errors(index_dir, "open the embedding cache"):
            index_dir.mkdir(parents=True, exist_ok=True)
            try:
                self._connection = self._connect()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                # Not a database any more: everything in it can be computed again.
                self._path.unlink()
                self._path.with_name(self._path.name + "-journal").unlink(missing_ok=True)
                self._connection = self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        try:
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors(hash TEXT, fingerprint TEXT, vector BLOB NOT NULL,"
                " PRIMARY KEY (hash, fingerprint)) WITHOUT ROWID"
            )
            connection.execute(
                "CREATE TABLE IF NOT EXISTS splits(key TEXT PRIMARY KEY, chunks TEXT NOT NULL)"
            )
            connection.execute("SELECT 1 FROM vectors LIMIT 1").fetchone()
            if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("the embedding cache is malformed")
            connection.commit()
        except BaseException:
            connection.close()
            raise
        return connection

    def __enter__(self) -> EmbeddingCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def get(self, texts: Iterable[str]) -> dict[str, npt.NDArray[np.float16]]:
        """Known vectors by `content_hash` of the text; texts never embedded are left out."""
        found = self._find([content_hash(text) for text in texts], "hash, vector")
        return {digest: np.frombuffer(blob, VECTOR) for digest, blob in found}

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Those of the texts that have no vector yet, each once, in their order."""
        by_hash = {content_hash(text): text for text in texts}
        known = {row[0] for row in self._find(list(by_hash), "hash")}
        return [text for digest, text in by_hash.items() if digest not in known]

    def _find(self, hashes: Sequence[str], columns: str) -> Iterator[tuple]:
        with store_errors(self._path.parent, "read the embedding cache"):
            for start in range(0, len(hashes), _LOOKUP):
                some = hashes[start : start + _LOOKUP]
                marks = ",".join("?" * len(some))
                query = f"SELECT {columns} FROM vectors WHERE fingerprint=? AND hash IN ({marks})"
                yield from self._connection.execute(query, (self.fingerprint, *some))

    def put(self, texts: Sequence[str], vectors: npt.NDArray) -> None:
        """Store one vector [dimension] for each text; on disk when this returns."""
        rows = [
            (content_hash(text), self.fingerprint, vector.astype(VECTOR).tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        ]
        with store_errors(self._path.parent, "write the embedding cache"), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?,?,?)", rows)

    def get_split(self, key: str) -> list[Chunk] | None:
        """The chunks stored under a `split_key`, if any."""
        with store_errors(self._path.parent, "read the embedding cache"):
            row = self._connection.execute("SELECT chunks FROM splits WHERE key=?", (key,)).fetchone()
        # Only "\n" parts the chunks: JSON escapes it, but not the other line ends that splitlines() knows.
        return None if row is None else [unpack_chunk(line) for line in row[0].split("\n") if line]

    def put_splits(self, splits: Mapping[str, Sequence[Chunk]]) -> None:
        """Store chunks under their `split_key`; on disk when this returns."""
        rows = [(key, "\n".join(pack(chunk) for chunk in chunks)) for key, chunks in splits.items()]
        with store_errors(self._path.parent, "write the embedding cache"), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO splits VALUES (?,?)", rows)

    def count(self) -> int:
        """How many vectors are stored, of every embedder."""
        with store_errors(self._path.parent, "read the embedding cache"):
            (number,) = self._connection.execute("SELECT count(*) FROM vectors").fetchone()
        return int(number)

    def prune(self, used: Mapping[str, Collection[str]], splits: Collection[str]) -> None:
        """Forget every vector but those of `used` (fingerprint → content hashes), and other splits."""
        with store_errors(self._path.parent, "tidy the embedding cache"):
            with self._connection as connection:
                connection.execute("CREATE TEMP TABLE used(hash TEXT, fingerprint TEXT)")
                pairs = ((digest, name) for name, hashes in used.items() for digest in hashes)
                connection.executemany("INSERT INTO used VALUES (?,?)", pairs)
                connection.executemany("INSERT INTO used VALUES (?,'split')", ((key,) for key in splits))
                connection.execute(
                    "DELETE FROM vectors WHERE (hash, fingerprint) NOT IN (SELECT * FROM used)"
                )
                connection.execute("DELETE FROM splits WHERE key NOT IN (SELECT hash FROM used)")
                connection.execute("DROP TABLE used")
            # Shrinking the file needs free space of its own; without it the room is reused later.
            with contextlib.suppress(sqlite3.OperationalError):
                self._connection.execute("VACUUM")
