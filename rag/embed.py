"""Texts → unit vectors. The offline model runs in OpenVINO, every other one in Sentence Transformers.

Importing Sentence Transformers takes many seconds, so the offline model, once converted, is run
without it: tokenizer, word embeddings (mapped from disk, so that only the rows a text uses are
read) and the encoder's layers with mean pooling as one OpenVINO graph. The vectors are those
that `SentenceTransformer(folder)` gives for the same folder; a test compares them.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rag.encoder import as_model, build_encoder, from_bert, mean_pooled
from rag.errors import ModelError
from rag.models import (
    EMBEDDER_NAME,
    EMBEDDER_SHA256,
    Progress,
    build_folder,
    import_openvino,
    is_prepared,
    prepare_embedder,
)
from rag.settings import OFFLINE_EMBEDDER, Settings

OFFLINE_MAX_TOKENS = 512
HUB_TIMEOUT = 10.0
"""Seconds until the model hub counts as out of reach."""
BATCH_TOKENS = 4096
"""Padded tokens per forward pass; more does not run faster on two cores and needs more memory."""

Done = Callable[[int, int], None]


class Embedder(Protocol):
    """Turns texts into L2-normalised float32 vectors, so that a dot product is the cosine."""

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int

    def embed_passages(self, texts: Sequence[str], progress: Done | None = None) -> np.ndarray:
        """Vectors [len(texts), dimension] of texts to be found."""

    def embed_questions(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors [len(texts), dimension] of questions."""

    def count_tokens(self, text: str) -> int:
        """Tokens of the text alone, without prefix and special tokens."""


def embedder_name(settings: Settings) -> str:
    """The name shown to people: the model's own, whatever the alias in the settings."""
    return EMBEDDER_NAME if settings.embedding_model == OFFLINE_EMBEDDER else settings.embedding_model


def embedder_fingerprint(settings: Settings) -> str:
    """What decides whether stored vectors can be compared with new ones. Loads no model.

    The backend is no part of it: OpenVINO and torch give the same vectors up to rounding.
    """
    if settings.embedding_model == OFFLINE_EMBEDDER:
        return f"{EMBEDDER_NAME}@{EMBEDDER_SHA256[:12]}"
    return f"{settings.embedding_model}|{settings.query_prefix}|{settings.passage_prefix}"


def load_embedder(settings: Settings, progress: Progress | None = None) -> Embedder:
    """The embedder the settings name, prepared on first use.

    Raises:
        ModelError: it cannot be found, prepared or loaded; the hint says how to mend it.
    """
    if settings.embedding_model != OFFLINE_EMBEDDER:
        return SentenceTransformerEmbedder(
            settings.embedding_model,
            embedder_fingerprint(settings),
            query_prefix=settings.query_prefix,
            passage_prefix=settings.passage_prefix,
        )
    folder = prepare_embedder(settings.cache, progress)
    if settings.embedding_backend == "openvino" and importlib.util.find_spec("openvino"):
        return OpenVinoEmbedder(prepare_openvino(folder, progress), embedder_fingerprint(settings))
    return SentenceTransformerEmbedder(
        str(folder),
        embedder_fingerprint(settings),
        name=EMBEDDER_NAME,
        query_prefix="query: ",
        passage_prefix="passage: ",
    )


def prepare_openvino(folder: Path, progress: Progress | None = None) -> Path:
    """The Sentence Transformers folder of a BERT as OpenVINO graph, word embeddings and tokenizer.

    Raises:
        ModelError: the disk is full or the conversion fails.
    """
    target_folder = folder.with_name(folder.name + "-encoder")
    if is_prepared(target_folder):
        return target_folder
    with build_folder(target_folder, needed_bytes=300 << 20) as target:
        if target is not None:
            if progress:
                progress("converting the embedding model for OpenVINO", 0, 1)
            _export(folder, target)
            shutil.copy(folder / "tokenizer.json", target)
            if progress:
                progress("converting the embedding model for OpenVINO", 1, 1)
    return target_folder


def _export(folder: Path, target: Path) -> None:
    openvino = import_openvino()
    from safetensors.numpy import load_file

    source = load_file(folder / "model.safetensors")
    words = source.pop("embeddings.word_embeddings.weight")
    np.save(target / "word_embeddings.npy", words.astype(np.float16))
    try:
        encoder = build_encoder(from_bert(source))
        graph = as_model(mean_pooled(encoder), encoder, "embedder")
        openvino.save_model(graph, str(target / "encoder.xml"), compress_to_fp16=True)
    except Exception as error:
        raise ModelError(
            f"The embedding model cannot be converted for OpenVINO: {error}",
            "Set RAG_EMBEDDING_BACKEND=torch to run it without.",
        ) from error


class OpenVinoEmbedder:
    """The offline embedder. Safe to call from several threads; calls run one after the other."""

    name = EMBEDDER_NAME
    query_prefix = "query: "
    passage_prefix = "passage: "

    def __init__(self, folder: Path, fingerprint: str) -> None:
        openvino = import_openvino()
        from tokenizers import Tokenizer

        self.fingerprint = fingerprint
        self.max_tokens = OFFLINE_MAX_TOKENS
        try:
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self.words = np.load(folder / "word_embeddings.npy", mmap_mode="r")
            model = openvino.Core().compile_model(
                str(folder / "encoder.xml"), "CPU", {"PERFORMANCE_HINT": "LATENCY"}
            )
        except Exception as error:  # `tokenizers` raises nothing narrower
            raise ModelError(
                f"The embedding model in {folder} cannot be loaded: {_first_line(error)}",
                "Remove that folder to prepare it anew, or set RAG_EMBEDDING_BACKEND=torch.",
            ) from error
        self.dimension = int(self.words.shape[1])
        self._pad = self.tokenizer.token_to_id("<pad>")
        self._lock = threading.Lock()
        self._request = model.create_infer_request()
        self._output = model.output(0)

    def embed_passages(self, texts: Sequence[str], progress: Done | None = None) -> np.ndarray:
        """Vectors [len(texts), 384] of passages."""
        return self._embed([self.passage_prefix + text for text in texts], progress)

    def embed_questions(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors [len(texts), 384] of questions."""
        return self._embed([self.query_prefix + text for text in texts])

    def count_tokens(self, text: str) -> int:
        """Tokens of the text alone."""
        return len(self.tokenizer.encode(readable(text), add_special_tokens=False).ids)

    def _embed(self, texts: list[str], progress: Done | None = None) -> np.ndarray:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        clean = [readable(text) for text in texts]
        encodings = [_cut(encoding.ids) for encoding in self.tokenizer.encode_batch(clean)]
        done = 0
        for batch in _batches([len(ids) for ids in encodings]):
            vectors[batch] = self._forward([encodings[i] for i in batch])
            done += len(batch)
            if progress:
                progress(done, len(texts))
        return vectors

    def _forward(self, batch: list[list[int]]) -> np.ndarray:
        length = max(map(len, batch))
        ids = np.full((len(batch), length), self._pad, np.int64)
        mask = np.zeros((len(batch), length), np.int64)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        embeddings = self.words[ids].astype(np.float32)
        with self._lock:
            outputs = self._request.infer({"embeddings": embeddings, "mask": mask})
            result: np.ndarray = outputs[self._output].copy()
        return result


def readable(text: str) -> str:
    """Lone surrogates, which bytes that are no UTF-8 become on a command line, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _cut(ids: list[int]) -> list[int]:
    """At most as many tokens as the model takes, the closing one included."""
    return ids if len(ids) <= OFFLINE_MAX_TOKENS else [*ids[: OFFLINE_MAX_TOKENS - 1], ids[-1]]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices grouped so that texts of like length share a batch of at most BATCH_TOKENS padded tokens."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


class SentenceTransformerEmbedder:
    """Any Sentence Transformers model, by name or path."""

    def __init__(
        self,
        model: str,
        fingerprint: str,
        *,
        name: str | None = None,
        query_prefix: str = "",
        passage_prefix: str = "",
    ) -> None:
        self.name = name or model
        self.fingerprint = fingerprint
        self.query_prefix = query_prefix
        self.passage_prefix = passage_prefix
        self._model = load_by_name(
            model,
            _sentence_transformer,
            "embedding model",
            "or use the one that comes along: RAG_EMBEDDING_MODEL=offline.",
        )
        self.dimension = int(self._model.get_embedding_dimension())
        self.max_tokens = int(self._model.get_max_seq_length() or OFFLINE_MAX_TOKENS)

    def embed_passages(self, texts: Sequence[str], progress: Done | None = None) -> np.ndarray:
        """Vectors [len(texts), dimension] of passages."""
        block = 256
        parts = [np.zeros((0, self.dimension), np.float32)]
        for start in range(0, len(texts), block):
            parts.append(self._encode(texts[start : start + block], self.passage_prefix, "document"))
            if progress:
                progress(min(start + block, len(texts)), len(texts))
        return np.concatenate(parts)

    def embed_questions(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors [len(texts), dimension] of questions."""
        return self._encode(texts, self.query_prefix, "query")

    def count_tokens(self, text: str) -> int:
        """Tokens of the text alone."""
        return len(self._model.tokenizer.encode(readable(text), add_special_tokens=False))

    def _encode(self, texts: Sequence[str], prefix: str, task: str) -> np.ndarray:
        """A prefix from the settings wins; without one the model's own prompt for the task is used."""
        encode = self._model.encode if prefix else getattr(self._model, f"encode_{task}")
        vectors = encode(
            [readable(prefix + text) for text in texts],
            normalize_embeddings=True,
            show_progress_bar=False,
            batch_size=16,
        )
        return np.asarray(vectors, np.float32).reshape(len(texts), self.dimension)


def _sentence_transformer(model: str, local_files_only: bool) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(model, local_files_only=local_files_only)


def load_by_name(model: str, load: Callable[[str, bool], Any], kind: str, otherwise: str) -> Any:
    """Load from a folder, from the hub, or, when the hub is out of reach, from what was fetched before.

    Args:
        model: name or path.
        load: called with the name and whether to look on this machine only.
        kind: what the model is, for the error.
        otherwise: end of the error's hint.

    Raises:
        ModelError: it cannot be found or loaded.
    """
    on_disk = Path(model).expanduser().is_dir()
    reachable = not on_disk and _hub_answers()
    try:
        _quiet_transformers()
        return load(str(Path(model).expanduser()) if on_disk else model, not reachable)
    except Exception as error:  # what a strange model's own code raises is anyone's guess
        reason = _first_line(error)
        if not on_disk and not reachable:
            reason = "there is no such folder, it was not fetched before, and the model hub cannot be reached"
        raise ModelError(
            f"The {kind} '{model}' cannot be loaded: {reason}",
            f"Check the name or path and the connection to the model hub, {otherwise}",
        ) from error


def _hub_answers() -> bool:
    """Whether the model hub can be reached: left to itself, its client tries each file for half a minute."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import constants, get_session

    try:
        get_session().head(constants.ENDPOINT, timeout=HUB_TIMEOUT)
    except Exception:  # noqa: BLE001 - whatever stands in the way, the hub is out of reach
        return False
    return True


def _quiet_transformers() -> None:
    """No progress bar for reading weights, no word about long texts being cut off: both are expected."""
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
