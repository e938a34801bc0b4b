"""A tiny embedder for tests: the same text always gives the same unit vector, other texts other ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.ingest import ingest
from rag.types import IndexReport

DIMENSION = 16


def hash_vector(text: str) -> np.ndarray:
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    vector = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    return vector / np.linalg.norm(vector)


class HashEmbedder:
    name = "hash"
    fingerprint = "hash-1"
    dimension = DIMENSION
    max_tokens = 512

    def __init__(self) -> None:
        self.embedded: list[str] = []
        """Every passage it was asked for, in order."""

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None
    ) -> np.ndarray:
        self.embedded += texts
        return np.stack([hash_vector(text) for text in texts])

    def embed_questions(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([hash_vector(text) for text in texts])

    def count_tokens(self, text: str) -> int:
        return len(text.split())


def run_ingest(corpus: Path, index_dir: Path, embedder: HashEmbedder, **options: Any) -> IndexReport:
    arguments: dict[str, Any] = {
        "fingerprint": embedder.fingerprint,
        "embedder_name": embedder.name,
        "load_embedder": lambda: embedder,
        "chunk_tokens": 48,
    }
    return ingest(corpus, index_dir, **{**arguments, **options})


def no_embedder() -> HashEmbedder:
    raise AssertionError("the model was loaded though nothing new had to be embedded")


def write_corpus(folder: Path, words: dict[str, str]) -> None:
    """One article for each name: a few sentences about its word."""
    for name, word in words.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        sentences = " ".join(f"Câu {n} của bài này kể về {word} trong ngày thứ {n}." for n in range(8))
        (folder / name).write_text(f"---\ntitle: Bài về {word}\n---\n\n{sentences}\n", encoding="utf-8")
