"""A question and passages → the span of each passage that answers it, and how likely it does.

The reader is the offline embedder's architecture with a span head, trained by `eval/reader` (see
`reader_weights/MODEL_CARD.md`). Its word embeddings are the embedder's own; only the twelve layers and the
head come with this package, in int8.
No answer is a span like any other: the first token's. A span's score is the difference to it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.embed import prepare_openvino, readable
from rag.errors import ModelError
from rag.models import Progress, prepare_embedder
from rag.reader_network import in_openvino, in_torch, load_weights
from rag.settings import OFFLINE_EMBEDDER, Settings

WEIGHTS = Path(__file__).with_name("reader_weights")
MANIFEST, WEIGHTS_FILE = "reader.json", "reader.safetensors"
WINDOW_TOKENS = 320
"""Longest piece of a passage that is read at once, in tokens; longer than the default chunk."""
STRIDE_TOKENS = 224
"""From the beginning of one window to the beginning of the next."""
QUESTION_TOKENS = 64
ANSWER_TOKENS = 25
"""Longest span, in tokens."""
LENGTH_COST = 0.03
"""What every further token of a span costs, in logits. With the limit above it was chosen on the development
half of XQuAD."""
BATCH_WINDOWS = 16

_REINSTALL = "Reinstall this package: its reader_weights folder is damaged."


@dataclass(frozen=True, slots=True)
class Span:
    """The best answer a passage has to offer: `passage[start:end] == text`, always."""

    start: int
    end: int
    text: str
    score: float
    """Sum of the span's two logits less that of no answer. Above 0 the reader prefers the span."""


NOTHING = Span(0, 0, "", -math.inf)
"""What an empty passage has to offer."""


@dataclass(frozen=True, slots=True)
class _Window:
    passage: int
    ids: tuple[int, ...]
    first: int
    """Index of the first passage token in `ids`."""
    offsets: tuple[tuple[int, int], ...]
    """Character span of each passage token, in the passage."""


def is_installed() -> bool:
    """Whether this package came with the reader's weights."""
    return (WEIGHTS / MANIFEST).exists()


def is_used(settings: Settings) -> bool:
    """Whether passages are read: only with the offline embedder, whose word embeddings the reader shares."""
    return settings.reader and settings.embedding_model == OFFLINE_EMBEDDER and is_installed()


def load_reader(settings: Settings, progress: Progress | None = None, weights: Path | None = None) -> Reader:
    """The reader, over the offline embedder's word embeddings (prepared on first use).

    `weights` is a folder of weights in place of those that come with this package.

    Raises:
        ModelError: the embedder cannot be prepared, or the reader's own weights are missing or damaged.
    """
    embedder = prepare_embedder(settings.cache, progress)
    if settings.embedding_backend == "openvino" and importlib.util.find_spec("openvino"):
        embedder = prepare_openvino(embedder, progress)
    return Reader(embedder, weights or WEIGHTS)


def check_weights(folder: Path = WEIGHTS) -> dict[str, Any]:
    """The manifest of the weights, after comparing every file with its hash there.

    Raises:
        ModelError: a file is missing or not the one that was published.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        for name, expected in manifest["sha256"].items():
            with (folder / name).open("rb") as file:
                actual = hashlib.file_digest(file, "sha256").hexdigest()
            if actual != expected:
                raise ModelError(f"The reader's file {name} is not the one that was published.", _REINSTALL)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"The reader's weights cannot be read: {error}", _REINSTALL) from error
    return manifest


class Reader:
    """Reads passages. Safe to call from several threads; calls run one after the other."""

    def __init__(self, embedder: Path, weights: Path = WEIGHTS) -> None:
        """`embedder` is the folder that `prepare_openvino` gives, or, to read with torch, `prepare_embedder`.

        Raises:
            ModelError: weights are missing, damaged, or cannot be loaded.
        """
        manifest = check_weights(weights)
        from safetensors import safe_open
        from tokenizers import Tokenizer

        self.name: str = manifest["name"]
        try:
            self._tokenizer = Tokenizer.from_file(str(embedder / "tokenizer.json"))
            own = load_weights(weights / WEIGHTS_FILE)
            if (embedder / "word_embeddings.npy").exists():
                self._words = np.load(embedder / "word_embeddings.npy", mmap_mode="r")
                self._network = in_openvino(own)
            else:
                with safe_open(embedder / "model.safetensors", "np") as stored:
                    self._words = stored.get_tensor("embeddings.word_embeddings.weight")
                self._network = in_torch(own)
        except Exception as error:  # `tokenizers` raises nothing narrower
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(f"The reader cannot be loaded: {reason}", _REINSTALL) from error
        self._tokenizer.no_truncation()
        self._begin, self._stop, self._pad = (
            int(self._tokenizer.token_to_id(token) or 0) for token in ("<s>", "</s>", "<pad>")
        )
        self._prefix = self._tokenizer.encode("passage:", add_special_tokens=False).ids
        self._lock = threading.Lock()

    def read(self, question: str, passages: Sequence[str]) -> list[Span]:
        """The best span of every passage, in the passages' order; `NOTHING` for one without words.

        All passages are read in one batch. Offsets count characters of the passage.
        """
        windows = [
            window
            for number, passage in enumerate(passages)
            for window in self._windows(question, number, passage)
        ]
        best = [NOTHING] * len(passages)
        # Windows of like length together: less padding. Four ordinary passages make one batch.
        windows.sort(key=lambda window: len(window.ids))
        for begin in range(0, len(windows), BATCH_WINDOWS):
            batch = windows[begin : begin + BATCH_WINDOWS]
            for window, logits in zip(batch, self._logits(batch), strict=True):
                span = self._span(window, logits, passages[window.passage])
                if span.score > best[window.passage].score:
                    best[window.passage] = span
        return best

    def _windows(self, question: str, number: int, passage: str) -> list[_Window]:
        """The passage as one input, or as several that overlap."""
        asked = self._tokenizer.encode("query: " + readable(question), add_special_tokens=False).ids
        head = (self._begin, *asked[:QUESTION_TOKENS], self._stop, self._stop, *self._prefix)
        encoding = self._tokenizer.encode(readable(passage), add_special_tokens=False)
        ids, offsets = encoding.ids, encoding.offsets
        if not passage.strip():
            return []
        windows = []
        for begin in range(0, max(1, len(ids) - (WINDOW_TOKENS - STRIDE_TOKENS)), STRIDE_TOKENS):
            inside = slice(begin, begin + WINDOW_TOKENS)
            windows.append(
                _Window(number, (*head, *ids[inside], self._stop), len(head), tuple(offsets[inside]))
            )
        return windows

    def _logits(self, windows: Sequence[_Window]) -> np.ndarray:
        """Start and end logits [windows, longest, 2]; meaningless where padded."""
        longest = max(len(window.ids) for window in windows)
        ids = np.full((len(windows), longest), self._pad)
        mask = np.zeros((len(windows), longest), np.int64)
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        embeddings = self._words[ids].astype(np.float32)
        with self._lock:
            return self._network(embeddings, mask)

    def _span(self, window: _Window, logits: np.ndarray, passage: str) -> Span:
        inside = logits[window.first : window.first + len(window.offsets)]
        first, last, score = best_span(inside[:, 0], inside[:, 1])
        start, end = whole_words(passage, window.offsets[first][0], window.offsets[last][1])
        return Span(start, end, passage[start:end], score - float(logits[0].sum()))


def best_span(start: np.ndarray, end: np.ndarray) -> tuple[int, int, float]:
    """First token, last token and score of the best span of at most `ANSWER_TOKENS` tokens.

    `start` and `end` are logits [tokens]; a span's score is the sum of its two, less `LENGTH_COST` a token.
    """
    padded = np.concatenate([end, np.full(ANSWER_TOKENS - 1, -np.inf, end.dtype)])
    scores = start[:, None] + np.lib.stride_tricks.sliding_window_view(padded, ANSWER_TOKENS)
    scores = scores - LENGTH_COST * np.arange(ANSWER_TOKENS, dtype=scores.dtype)
    first, length = np.unravel_index(int(scores.argmax()), scores.shape)
    return int(first), int(first + length), float(scores[first, length])


_EDGES = " \t\r\n\u00a0,.;:!?…\"'“”‘’«»"
_OPENERS = {")": "(", "]": "["}


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without spaces and punctuation at its edges, and not ending inside a word.

    A piece of the tokenizer may end inside a syllable ("thá|ng"); in scripts that do not put spaces
    between words nothing is added.
    """
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    if end > start and text[end - 1] in _OPENERS and _OPENERS[text[end - 1]] not in text[start:end]:
        end -= 1
    while 0 < start < end and _joined(text[start - 1], text[start]):
        start -= 1
    while start < end < len(text) and _joined(text[end - 1], text[end]):
        end += 1
    return start, end


def _joined(left: str, right: str) -> bool:
    """Whether two neighbouring characters belong to one word of a script that has spaces."""
    return all(
        unicodedata.category(character)[0] in "LMN"
        and unicodedata.name(character, "").split(" ")[0]
        in ("LATIN", "CYRILLIC", "GREEK", "DIGIT", "COMBINING")
        for character in (left, right)
    )
