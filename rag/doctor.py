"""What `rag doctor` looks at. Nothing heavy is loaded: packages and folders are only looked for."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from rag import models
from rag.decode import harmless
from rag.errors import IndexMissing, RagError
from rag.manifest import current, damages, generation_path, read_manifest
from rag.settings import EXTRACTIVE, OFFLINE_EMBEDDER, OFFLINE_LLM, Settings

_MEGABYTE = 1 << 20
_SPARE = 512 * _MEGABYTE
_PACKAGES = (
    "langchain-core",
    "chromadb",
    "sentence-transformers",
    "transformers",
    "torch",
    "openvino",
    "gradio",
)
_REINSTALL = "pip install -c constraints.txt '.[local]'"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `ok`, `note` (works, or is done when first needed) or `missing` (essential)."""

    name: str
    status: Literal["ok", "note", "missing"]
    detail: str
    mend: str = ""
    """The command or the step that mends it; empty when nothing is wrong."""


def examine(settings: Settings) -> list[Check]:
    """All checks, in the order in which one would mend them. None of them raises."""
    return [
        _python(),
        *_packages(),
        *_embedder(settings),
        _reader(settings),
        *_reranker(settings),
        *_language_model(settings),
        _corpus(settings),
        _index(settings),
        _threshold(settings),
        _writable("cache folder", settings.cache, "RAG_CACHE"),
        _writable("index folder", settings.index_dir, "--index"),
        _disk(settings),
    ]


def as_text(checks: Sequence[Check]) -> str:
    """One line a check, with what mends it below."""
    lines = []
    for check in checks:
        lines.append(f"{check.status:<8} {check.name:<22} {check.detail}")
        if check.mend:
            lines.append(f"{'':<31} → {check.mend}")
    return harmless("\n".join(lines))


def embedder_folder(cache: Path) -> Path:
    """Where `models.prepare_embedder` puts the offline embedder."""
    return cache / f"{models.EMBEDDER_NAME}-{models.EMBEDDER_SHA256[:12]}"


def llm_folder(cache: Path) -> Path:
    """Where `models.prepare_llm` puts the offline language model."""
    return cache / f"{models.LLM_NAME}-{models.LLM_SHA256[:12]}"


def _python() -> Check:
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return Check("python", "ok", f"{platform.python_version()} on {machine}")


def _packages() -> Iterable[Check]:
    for package in _PACKAGES:
        try:
            yield Check(package, "ok", metadata.version(package))
        except metadata.PackageNotFoundError:
            if package == "openvino":
                yield Check(package, "note", "not installed; torch does its work, more slowly", _REINSTALL)
            else:
                yield Check(package, "missing", "not installed", _REINSTALL)


def _embedder(settings: Settings) -> Iterable[Check]:
    name = "embedding model"
    if settings.embedding_model != OFFLINE_EMBEDDER:
        yield Check(name, "note", f"{settings.embedding_model}, looked for when first needed")
        return
    folder = embedder_folder(settings.cache)
    yield _model(name, folder, [models.EMBEDDER_PACKAGE], models.EMBEDDER_NAME, "rag index")


def _reranker(settings: Settings) -> Iterable[Check]:
    if settings.reranker is None:
        return
    model = Path(settings.reranker).expanduser()
    if model.is_absolute() and not model.is_dir():
        mend = "Mend or unset RAG_RERANKER."
        yield Check("reranker", "missing", f"{model} is no folder", mend)
    else:
        yield Check("reranker", "note", f"{settings.reranker}, loaded when first needed")


def _reader(settings: Settings) -> Check:
    from rag.reader import check_weights, is_installed

    name = "reader"
    if not settings.reader:
        return Check(name, "note", "switched off", "RAG_READER=true switches it on.")
    if settings.embedding_model != OFFLINE_EMBEDDER:
        return Check(name, "note", "not used: it shares its words with the offline embedder")
    if not is_installed():
        return Check(name, "missing", "its weights did not come with this package", _REINSTALL)
    try:
        manifest = check_weights()
    except RagError as error:
        return Check(name, "missing", error.message, error.hint)
    return Check(name, "ok", f"{manifest['name']}, {manifest['trained'].get('steps', '?')} steps of training")


def _language_model(settings: Settings) -> Iterable[Check]:
    name = "language model"
    if settings.llm == EXTRACTIVE:
        yield Check(name, "ok", "none: the answer is quoted from the articles")
    elif settings.llm != OFFLINE_LLM:
        where = f" at {settings.base_url}" if settings.base_url else ""
        yield Check(name, "note", f"{settings.llm}{where}, asked when first needed")
    else:
        yield _model(name, llm_folder(settings.cache), models.LLM_PACKAGES, models.LLM_NAME, "rag ask")
        if _absent(["openvino_genai"]):
            yield Check("language runtime", "missing", "openvino-genai is not installed", _REINSTALL)
        else:
            yield Check("language runtime", "ok", f"openvino-genai {metadata.version('openvino-genai')}")


def _model(name: str, folder: Path, packages: Sequence[str], model: str, command: str) -> Check:
    absent = _absent(packages)
    if models.is_prepared(folder):
        return Check(name, "ok", f"{model}, prepared in {folder}")
    if absent:
        listed = ", ".join(package.replace("_", "-") for package in absent[:3])
        more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
        return Check(name, "missing", f"{model}: package {listed}{more} not installed", _REINSTALL)
    return Check(
        name, "note", f"{model}, installed; prepared when first needed", "rag index prepares it now."
    )


def _absent(packages: Sequence[str]) -> list[str]:
    return [package for package in packages if importlib.util.find_spec(package) is None]


def _corpus(settings: Settings) -> Check:
    if settings.corpus.is_dir():
        return Check("corpus", "ok", str(settings.corpus))
    return Check("corpus", "note", f"{settings.corpus} is no folder", "Name yours with --corpus DIR.")


def _index(settings: Settings) -> Check:
    folder = settings.index_dir
    try:
        generation = generation_path(folder, current(folder))
        manifest = read_manifest(generation)
    except IndexMissing:
        return Check("index", "note", f"nothing indexed yet in {folder}", "rag index")
    except RagError as error:
        return Check("index", "missing", error.message, error.hint)
    if wrong := damages(generation, manifest, hashes=False):
        return Check("index", "missing", f"damaged: {'; '.join(wrong)}", "rag index --rebuild")
    detail = f"{manifest.articles} articles, {manifest.chunks} chunks, made {manifest.created}, in {folder}"
    try:
        from rag.embed import embedder_fingerprint

        fits = manifest.fingerprint == embedder_fingerprint(settings)
    except RagError as error:
        return Check(
            "index", "note", f"{detail}; its embedder cannot be compared: {error.message}", error.hint
        )
    if not fits:
        return Check(
            "index", "missing", f"{detail}, by another embedder ({manifest.embedder})", "rag index --rebuild"
        )
    return Check("index", "ok", detail)


def _threshold(settings: Settings) -> Check:
    from rag.reading import fitted, threshold

    if settings.refuse_below is not None:
        detail = f"{threshold(settings):.2f}, as set by refuse_below"
    else:
        built_in = f"{threshold(settings):.2f}, as installed; rag eval --calibrate fits it"
        detail = str(fitted(settings) or built_in)
    return Check("refusal threshold", "ok", detail)


def _writable(name: str, folder: Path, flag: str) -> Check:
    place = _existing(folder)
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return Check(name, "ok", f"{folder} can be written")
    return Check(name, "missing", f"{folder} cannot be written", f"Choose another folder with {flag}.")


def _disk(settings: Settings) -> Check:
    needed = _SPARE
    if settings.llm == OFFLINE_LLM and not models.is_prepared(llm_folder(settings.cache)):
        needed += 2 * models.LLM_BYTES
    free = shutil.disk_usage(_existing(settings.cache)).free
    detail = f"{free // _MEGABYTE} MB free for {settings.cache}"
    if free < needed:
        mend = f"Free {(needed - free) // _MEGABYTE + 1} MB, or choose another folder with RAG_CACHE."
        return Check("disk", "missing", f"{detail}, {needed // _MEGABYTE} MB wanted", mend)
    return Check("disk", "ok", detail)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    folder = folder.absolute()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
