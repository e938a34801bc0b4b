"""Retrievers compared on XQuAD with one embedding model: `python -m eval.rivals --xquad DIR`.

Each gets the same paragraphs, one to a passage, the same questions and the same vectors through its own
embedding interface, prefixes included, and is set up as its documentation does it. The others are no
dependencies of this project; install it and them into an environment of their own:

    python -m venv rivals && rivals/bin/pip install torch==2.13.0 '.[eval]' \\
        langchain-chroma llama-index-core haystack-ai txtai

Vectors are kept by text, and the time of the embedding is taken off: what is left is that of the searching.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from eval.retrieval import Case, MemoryIndex, bootstrap, question_sets
from rag.embed import Embedder, load_embedder
from rag.errors import RagError, SettingsError
from rag.retrieve import Retriever
from rag.settings import load_settings

DEPTH = 10
"""Passages asked for; a paragraph not among them counts as not found."""
QUERY, PASSAGE = "query: ", "passage: "
PACKAGES = ("langchain-chroma", "llama-index-core", "haystack-ai", "txtai")

Search = Callable[[str], list[str]]
"""Question → sources, best first."""


class Vectors:
    """An embedder that remembers: what one retriever had embedded, the next one gets at once."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name, self.fingerprint = embedder.name, embedder.fingerprint
        self.dimension, self.max_tokens = embedder.dimension, embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self.spent = np.zeros(2)
        """On embedding so far: seconds passed, and of processor time."""
        self._known: dict[tuple[str, str], npt.NDArray[np.float32]] = {}

    def embed_passages(self, texts: Sequence[str], progress: object = None) -> npt.NDArray[np.float32]:
        """Vectors [len(texts), dimension] of passages."""
        return self._get(PASSAGE, texts, self._embedder.embed_passages)

    def embed_questions(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Vectors [len(texts), dimension] of questions."""
        return self._get(QUERY, texts, self._embedder.embed_questions)

    def _get(self, kind: str, texts: Sequence[str], embed: Callable[..., Any]) -> npt.NDArray[np.float32]:
        if missing := [text for text in dict.fromkeys(texts) if (kind, text) not in self._known]:
            start = _clocks()
            found = zip(missing, embed(missing), strict=True)
            self.spent += _clocks() - start
            self._known.update({(kind, text): vector for text, vector in found})
        return np.stack([self._known[kind, text] for text in texts])


def _clocks() -> npt.NDArray[np.float64]:
    return np.array([time.perf_counter(), time.process_time()])


def this_project(texts: Sequence[str], sources: Sequence[str], vectors: Vectors, folder: Path) -> Search:
    """The retriever of this project."""
    retriever = Retriever(MemoryIndex(texts, folder, vectors.embed_passages), vectors)
    return lambda question: [found.source for found in retriever.search(question, k=DEPTH).passages]


def langchain_chroma(texts: Sequence[str], sources: Sequence[str], vectors: Vectors, folder: Path) -> Search:
    """Chroma as LangChain's vector store, cosine space."""
    from chromadb.config import Settings
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    class Shared(Embeddings):
        def embed_documents(self, texts: list[str]) -> Any:
            return vectors.embed_passages(texts).tolist()

        def embed_query(self, text: str) -> Any:
            return vectors.embed_questions([text])[0].tolist()

    store = Chroma.from_texts(
        list(texts),
        Shared(),
        ids=list(sources),
        persist_directory=str(folder),
        client_settings=Settings(anonymized_telemetry=False),
        collection_configuration={"hnsw": {"space": "cosine"}},
    )
    retriever = store.as_retriever(search_kwargs={"k": DEPTH})
    return lambda question: [str(found.id) for found in retriever.invoke(question)]


def llama_index(texts: Sequence[str], sources: Sequence[str], vectors: Vectors, folder: Path) -> Search:
    """LlamaIndex's `VectorStoreIndex` and the retriever it makes."""
    from llama_index.core import VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.schema import TextNode

    class Shared(BaseEmbedding):  # type: ignore[misc]
        def _get_text_embedding(self, text: str) -> Any:
            return vectors.embed_passages([text])[0].tolist()

        def _get_query_embedding(self, query: str) -> Any:
            return vectors.embed_questions([query])[0].tolist()

        async def _aget_query_embedding(self, query: str) -> Any:
            return self._get_query_embedding(query)

    nodes = [TextNode(text=text, id_=source) for text, source in zip(texts, sources, strict=True)]
    retriever = VectorStoreIndex(nodes, embed_model=Shared()).as_retriever(similarity_top_k=DEPTH)
    return lambda question: [found.node.node_id for found in retriever.retrieve(question)]


def haystack(
    join_mode: str, texts: Sequence[str], sources: Sequence[str], vectors: Vectors, folder: Path
) -> Search:
    """Haystack's hybrid pipeline: BM25 and embeddings in memory, joined."""
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    from haystack import Document, Pipeline, component
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    @component
    class Shared:
        @component.output_types(embedding=list[float])  # type: ignore[untyped-decorator]
        def run(self, text: str) -> dict[str, Any]:
            return {"embedding": vectors.embed_questions([text])[0].tolist()}

    store = InMemoryDocumentStore()
    embedded = zip(texts, sources, vectors.embed_passages(texts).tolist(), strict=True)
    store.write_documents(
        [Document(id=name, content=text, embedding=vector) for text, name, vector in embedded]
    )
    pipeline = Pipeline()
    pipeline.add_component("embedder", Shared())
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=DEPTH))
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=DEPTH))
    pipeline.add_component("joiner", DocumentJoiner(join_mode=join_mode, top_k=DEPTH))
    pipeline.connect("embedder.embedding", "dense.query_embedding")
    pipeline.connect("dense.documents", "joiner.documents")
    pipeline.connect("words.documents", "joiner.documents")

    def search(question: str) -> list[str]:
        found = pipeline.run({"embedder": {"text": question}, "words": {"query": question}})
        return [document.id for document in found["joiner"]["documents"]]

    return search


def txtai(texts: Sequence[str], sources: Sequence[str], vectors: Vectors, folder: Path) -> Search:
    """The hybrid index of txtai: BM25 and embeddings, half and half."""
    from txtai import Embeddings

    def transform(inputs: list[str]) -> npt.NDArray[np.float32]:
        if inputs[0].startswith(QUERY):
            return vectors.embed_questions([text.removeprefix(QUERY) for text in inputs])
        return vectors.embed_passages([text.removeprefix(PASSAGE) for text in inputs])

    index = Embeddings(
        method="external",
        transform=transform,
        instructions={"query": QUERY, "data": PASSAGE},
        hybrid=True,
    )
    index.index(list(zip(sources, texts, strict=True)))
    return lambda question: [str(source) for source, _ in index.search(question, DEPTH)]


RETRIEVERS: dict[str, Callable[..., Search]] = {
    "this project": this_project,
    "LangChain, Chroma": langchain_chroma,
    "LlamaIndex, default": llama_index,
    "Haystack hybrid, joiner's default (concatenate)": lambda *given: haystack("concatenate", *given),
    "Haystack hybrid, reciprocal rank fusion": lambda *given: haystack("reciprocal_rank_fusion", *given),
    "txtai hybrid": txtai,
}


def measure(search: Search, cases: Sequence[Case], vectors: Vectors) -> dict[str, npt.NDArray[np.float64]]:
    """For each question: found at 1 and at 5, reciprocal rank (0 when not found), milliseconds passed and
    of processor time, which tells more on a busy machine."""
    for case in cases[:30]:
        search(case.question)
    ranks, taken = [], []
    for case in cases:
        start = _clocks() - vectors.spent
        found = search(case.question)
        taken.append((_clocks() - vectors.spent - start) * 1000)
        ranks.append(found.index(case.source) + 1.0 if case.source in found else np.inf)
    rank = np.array(ranks)
    return {
        "R@1": (rank <= 1).astype(np.float64),
        "R@5": (rank <= 5).astype(np.float64),
        "MRR": 1 / rank,
        "ms": np.array(taken)[:, 0],
        "cpu": np.array(taken)[:, 1],
    }


def cells(found: dict[str, npt.NDArray[np.float64]]) -> list[str]:
    """What one row of the table says of the figures of some questions."""
    rates = ((found[name].mean(), *bootstrap(found[name])) for name in ("R@1", "R@5", "MRR"))
    return [
        *(f"{mean:.3f} [{low:.3f}, {high:.3f}]" for mean, low, high in rates),
        *(f"{np.median(found[clock]):.1f}" for clock in ("ms", "cpu")),
    ]


def versions() -> str:
    """Names and versions of the packages compared.

    Raises:
        SettingsError: one is not installed.
    """
    try:
        return ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    except metadata.PackageNotFoundError as error:
        raise SettingsError(
            f"The package {error.name} is not installed.",
            f"pip install {' '.join(PACKAGES)}, best into an environment of its own: see eval/rivals.py.",
        ) from None


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--xquad", type=Path, required=True, help="folder of xquad.vi.dev.json and xquad.en.dev.json"
    )
    parser.add_argument("--limit", type=int, help="ask so many questions of each kind, to try it out")
    options = parser.parse_args()
    try:
        print(versions())
        vectors = Vectors(load_embedder(load_settings()))
    except RagError as error:
        sys.exit(str(error))
    texts, sets = question_sets(options.xquad)
    sources = [f"{row:04}.md" for row in range(len(texts))]
    print("\n| retriever | questions | R@1 [95 %] | R@5 [95 %] | MRR [95 %] | median ms | CPU ms |")
    print("|---|---|---|---|---|---|---|")
    for name, build in RETRIEVERS.items():
        try:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                search = build(texts, sources, vectors, Path(folder))
                for kind, cases in sets.items():
                    found = measure(search, cases[: options.limit], vectors)
                    print(f"| {name} | {kind} | {' | '.join(cells(found))} |", flush=True)
        except Exception:  # noqa: BLE001 - whatever stops one of them, the others are still measured
            print(f"{name} failed:", file=sys.stderr)
            traceback.print_exc()


if __name__ == "__main__":
    main()
