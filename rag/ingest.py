"""A folder of articles becomes a new generation of the index; what did not change is not done again."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rag import articles as reading
from rag import chunks as chunking
from rag import lexical, publish
from rag.cache import EmbeddingCache, content_hash, pack, split_key
from rag.embed import Embedder
from rag.errors import ArticleError, CorpusError, ModelError, StoreError
from rag.hostile import instruction_spans
from rag.manifest import SCHEMA, Manifest, check_embedder, current, generation_path, read_manifest
from rag.store import Index, open_generation, open_index, stored_hashes, write_lock
from rag.types import Article, Chunk, IndexReport, Skipped

Progress = Callable[[str, int, int], None]
"""Called with a stage (`read`, `split`, `embed`, `write`), how much is done, and of how much."""
_BATCH_CHARACTERS = 60_000
"""Embedded between two writes of the cache: a few seconds of work on two cores."""
_BATCH_ARTICLES = 200
_GROWTH = 2
"""The cache is tidied when it holds more than this many times what is in use."""


class Versions(NamedTuple):
    """What decides how articles become an index, apart from the embedder."""

    reader: str
    chunker: str
    lexical: str
    chunk_tokens: int


@dataclass(frozen=True, slots=True)
class _Folder:
    """What the corpus folder holds now, compared with the index."""

    digests: dict[str, str]
    """Source → SHA-256 of every file that could be read."""
    fresh: dict[str, Article]
    """Those that the index does not hold in this form."""
    skipped: tuple[Skipped, ...]
    added: int
    updated: int
    removed: int
    unchanged: int

    @property
    def changed(self) -> bool:
        return bool(self.added or self.updated or self.removed)


def ingest(
    corpus: Path,
    index_dir: Path,
    *,
    fingerprint: str,
    embedder_name: str,
    load_embedder: Callable[[], Embedder],
    chunk_tokens: int,
    progress: Progress | None = None,
    rebuild: bool = False,
) -> IndexReport:
    """Bring the index in step with the folder. Readers see the old index until the new one is complete.

    `load_embedder` is called only when something has to be cut or embedded that never was before.
    `chunk_tokens` is the longest chunk, in tokens of the embedder. `rebuild` builds everything anew, from
    stored vectors where they fit, and accepts another embedder.

    Raises:
        CorpusError: the folder is missing or holds no readable article; the index stays as it was.
        IndexMismatch: the index was built by another embedder, and `rebuild` is not set.
        IndexLocked: another process is writing it.
        StoreError: it could not be written; the published index is unharmed.
        ModelError: the embedder cannot be used.
    """
    started = time.monotonic()
    tell = progress or (lambda stage, done, total: None)
    versions = Versions(
        getattr(reading, "READER_VERSION", "1"),
        chunking.CHUNKER_VERSION,
        lexical.LEXICAL_VERSION,
        chunk_tokens,
    )
    scan = reading.scan(corpus)
    with write_lock(index_dir):
        publish.remove_leftovers(index_dir)
        earlier = None if rebuild else _open_earlier(index_dir, fingerprint, embedder_name)
        with earlier or contextlib.nullcontext():
            folder = _read(corpus, scan, earlier or stored_hashes(index_dir), versions.reader, tell)
            if earlier and _versions(earlier.manifest) == versions and not folder.changed:
                return _report(folder, earlier.manifest.chunks, started, earlier.generation)
            kept = earlier.articles() if earlier and len(folder.fresh) < len(folder.digests) else []
        articles = [folder.fresh.get(item.source, item) for item in kept if item.source in folder.digests]
        known = {item.source for item in articles}
        articles += [item for item in folder.fresh.values() if item.source not in known]
        articles.sort(key=lambda item: item.source)
        loader = _Loader(load_embedder, fingerprint)
        with EmbeddingCache(index_dir, fingerprint) as cache:
            chunks = _split(articles, cache, loader, versions, tell)
            _embed(chunks, cache, loader, tell)
            tell("write", 0, len(chunks))
            with publish.new_generation(index_dir) as path:
                publish.write_generation(path, articles, chunks, cache)
                lexical.LexicalIndex.build(chunks).save(path / "lexical")
                manifest = _manifest(path, articles, chunks, versions, fingerprint, embedder_name, corpus)
                publish.publish(path, manifest, articles, chunks)
            publish.remove_leftovers(index_dir)
            with contextlib.suppress(StoreError):  # The index is published; tidying can wait.
                _tidy(cache, index_dir, articles, chunks, versions)
        tell("write", len(chunks), len(chunks))
    return _report(folder, len(chunks), started, path.name)


def _versions(manifest: Manifest) -> Versions:
    return Versions(manifest.reader, manifest.chunker, manifest.lexical, manifest.chunk_tokens)


def _open_earlier(index_dir: Path, fingerprint: str, embedder_name: str) -> Index | None:
    """The published index, or None when there is none to build upon: missing, damaged, of another layout."""
    try:
        manifest = read_manifest(generation_path(index_dir, current(index_dir)))
    except StoreError:
        return None
    check_embedder(manifest, fingerprint, embedder_name)
    try:
        return open_index(index_dir)
    except StoreError:
        return None


def _read(
    corpus: Path, scan: reading.Scan, earlier: Index | dict[str, str], reader: str, tell: Progress
) -> _Folder:
    """Compare every file with the index by its SHA-256, and read those that are new to it.

    `earlier` is an index whose articles can be kept, or merely the hashes of one.
    """
    before = earlier.hashes() if isinstance(earlier, Index) else earlier
    trusted = before if isinstance(earlier, Index) and earlier.manifest.reader == reader else {}
    digests: dict[str, str] = {}
    fresh: dict[str, Article] = {}
    skipped = list(scan.skipped)
    for done, file in enumerate(scan.files):
        tell("read", done, len(scan.files))
        source = reading.source_of(file, corpus)
        try:
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            if trusted.get(source) != digest:
                fresh[source] = reading.read_article(file, corpus)
                pack(fresh[source]).encode()
                digest = fresh[source].sha256
            digests[source] = digest
        except ArticleError as error:
            skipped.append(Skipped(source, error.message))
        except UnicodeEncodeError:
            del fresh[source]
            skipped.append(Skipped(source, "it holds characters that are no text"))
        except OSError as error:
            skipped.append(Skipped(source, f"the file cannot be read ({error.strerror})"))
    tell("read", len(scan.files), len(scan.files))
    skipped.sort(key=lambda entry: entry.source)
    if not digests:
        reasons = f" {skipped[0].source}: {skipped[0].reason}." if skipped else ""
        raise CorpusError(
            f"There is no readable article in {corpus}.{reasons}",
            "Put .md, .txt, .html, .pdf or .docx files there, or name another folder. Nothing was changed.",
        )
    return _Folder(
        digests=digests,
        fresh=fresh,
        skipped=tuple(skipped),
        added=sum(source not in before for source in digests),
        updated=sum(before.get(source, digest) != digest for source, digest in digests.items()),
        removed=sum(source not in digests for source in before),
        unchanged=sum(before.get(source) == digest for source, digest in digests.items()),
    )


class _Loader:
    """The embedder, loaded when it is first needed."""

    def __init__(self, load: Callable[[], Embedder], fingerprint: str) -> None:
        self._load = load
        self._fingerprint = fingerprint
        self._embedder: Embedder | None = None

    def __call__(self) -> Embedder:
        if self._embedder is None:
            embedder = self._load()
            if embedder.fingerprint != self._fingerprint:
                raise ModelError(
                    f"The embedder that was loaded ({embedder.fingerprint}) is not the one that was asked for"
                    f" ({self._fingerprint}).",
                    "Check embedding_model; `rag doctor` shows what is set.",
                )
            self._embedder = embedder
        return self._embedder


def _split(
    articles: Sequence[Article], cache: EmbeddingCache, loader: _Loader, versions: Versions, tell: Progress
) -> list[Chunk]:
    """Chunks by (source, ordinal); articles cut before are not cut again."""
    chunks: list[Chunk] = []
    splits: dict[str, list[Chunk]] = {}
    for done, article in enumerate(articles):
        tell("split", done, len(articles))
        key = split_key(article, versions.chunker, versions.chunk_tokens, cache.fingerprint)
        pieces = cache.get_split(key)
        if pieces is None:
            pieces = splits[key] = chunking.split_article(
                article, max_tokens=versions.chunk_tokens, count_tokens=loader().count_tokens
            )
        chunks += pieces
        if len(splits) >= _BATCH_ARTICLES:
            cache.put_splits(splits)
            splits = {}
    cache.put_splits(splits)
    if not chunks:
        raise CorpusError("The articles hold no text.", "Nothing was changed.")
    tell("split", len(articles), len(articles))
    return chunks


def _texts(chunks: Iterable[Chunk]) -> Iterator[str]:
    """Everything of the chunks that has a vector."""
    for chunk in chunks:
        yield chunk.embedded_text
        yield from publish.sentence_texts(chunk)


def _embed(chunks: Sequence[Chunk], cache: EmbeddingCache, loader: _Loader, tell: Progress) -> None:
    """Put a vector of every chunk and every sentence into the cache, batch by batch."""
    # Texts of like length share a batch, so that little is computed for padding.
    missing = sorted(cache.missing(_texts(chunks)), key=len, reverse=True)
    done = 0
    while done < len(missing):
        tell("embed", done, len(missing))
        end, characters = done, 0
        while end < len(missing) and (characters < _BATCH_CHARACTERS or end == done):
            characters += len(missing[end])
            end += 1
        batch = missing[done:end]
        vectors = np.asarray(loader().embed_passages(batch), np.float32)
        lengths = np.linalg.norm(vectors, axis=-1)
        if vectors.shape != (len(batch), loader().dimension) or not np.allclose(lengths, 1, atol=1e-2):
            raise ModelError(
                f"The embedder {loader().name} gave vectors that cannot be used.",
                "Check embedding_model, or try the default, `offline`.",
            )
        cache.put(batch, vectors)
        done = end
    tell("embed", len(missing), len(missing))


def _manifest(
    path: Path,
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    versions: Versions,
    fingerprint: str,
    embedder_name: str,
    corpus: Path,
) -> Manifest:
    return Manifest(
        schema=SCHEMA,
        embedder=embedder_name,
        fingerprint=fingerprint,
        dimension=int(np.load(path / "vectors.npy", mmap_mode="r").shape[1]),
        **versions._asdict(),
        corpus=str(corpus.resolve()),
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        articles=len(articles),
        chunks=len(chunks),
        sentences=sum(len(chunk.sentences) for chunk in chunks),
    )


def _tidy(
    cache: EmbeddingCache,
    index_dir: Path,
    articles: Sequence[Article],
    chunks: Sequence[Chunk],
    versions: Versions,
) -> None:
    """Forget vectors that neither kept generation uses, once they outnumber those in use."""
    used = {cache.fingerprint: {content_hash(text) for text in _texts(chunks)}}
    if cache.count() <= _GROWTH * len(used[cache.fingerprint]):
        return
    splits = {
        split_key(item, versions.chunker, versions.chunk_tokens, cache.fingerprint) for item in articles
    }
    for name in publish.kept_generations(index_dir)[1:]:
        # A damaged earlier generation needs no vectors.
        with contextlib.suppress(StoreError), open_generation(index_dir, name) as index:
            before = index.manifest
            hashes = {content_hash(text) for text in _texts(index.chunks)}
            used[before.fingerprint] = used.get(before.fingerprint, set()) | hashes
            splits |= {
                split_key(item, before.chunker, before.chunk_tokens, before.fingerprint)
                for item in index.articles()
            }
    cache.prune(used, splits)


def _report(folder: _Folder, chunks: int, started: float, generation: str) -> IndexReport:
    return IndexReport(
        articles=len(folder.digests),
        chunks=chunks,
        added=folder.added,
        updated=folder.updated,
        removed=folder.removed,
        unchanged=folder.unchanged,
        skipped=folder.skipped,
        seconds=time.monotonic() - started,
        generation=generation,
        withheld={
            source: len(orders)
            for source, article in folder.fresh.items()
            if (orders := instruction_spans(article.text))
        },
    )
