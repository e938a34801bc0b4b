"""Files put into the corpus folder and taken out of it. What was there is never destroyed, only moved aside.

Everything happens in hidden folders first, which `rag.articles.scan` passes over: a file appears in the
corpus whole, readable, and in one rename.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from rag.articles import LARGEST_FILE, read_article
from rag.errors import ArticleError, CorpusError
from rag.types import Article
from rag.vietnamese import nfc

INCOMING, REMOVED = ".incoming", ".removed"
"""Folders inside the corpus folder."""
_LONGEST_NAME = 200
"""Bytes."""
_FORBIDDEN = re.compile(r'[<>:"|?*\\/]')


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file that was offered."""

    source: str
    """Its name in the corpus folder."""
    article: Article
    kept_aside: str = ""
    """Where the earlier file of that name lies now, below the corpus folder; empty if there was none."""
    unchanged: bool = False
    """The corpus held exactly this file already."""


def safe_name(name: str) -> str:
    """A file's name without folders, control characters and characters that some systems refuse.

    Raises:
        ArticleError: nothing usable is left, or files of that name are no articles.
    """
    name = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    name = "".join(
        " " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    name = " ".join(_FORBIDDEN.sub("_", name).split()).lstrip(". ")
    suffix = Path(name).suffix
    stem = name.removesuffix(suffix).rstrip(". ")
    while len((stem + suffix).encode()) > _LONGEST_NAME and stem:
        stem = stem[:-1]
    if not stem or not suffix:
        raise ArticleError("its name cannot be used", "Give it a name such as article.md.")
    if stem.split(".")[0].lower() == "readme":
        raise ArticleError("a README is no article", "Give it another name.")
    return stem + suffix


def add_file(corpus: Path, name: str, data: bytes, *, replace: bool = False) -> Added:
    """Put a file into the corpus folder, once it has been read as an article.

    A file of that name is never overwritten: with `replace` it is moved aside, else the new one is refused.

    Raises:
        ArticleError: it cannot be read, or its name is taken; the message is the reason. Nothing has changed.
        CorpusError: the folder cannot be written.
    """
    name = safe_name(name)
    if len(data) > LARGEST_FILE:
        raise ArticleError(f"larger than {LARGEST_FILE // 1024**2} MB")
    with _disk_errors(corpus):
        there = next((path for path in corpus.iterdir() if nfc(path.name) == name), None)
        folder = corpus / INCOMING / secrets.token_hex(8)
        folder.mkdir(parents=True)
        try:
            new = folder / name
            with new.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            article = read_article(new, corpus)
            if there is None:
                # Claims the name, so that of two writers one is refused.
                (corpus / name).touch(exist_ok=False)
            elif there.is_file() and there.read_bytes() == data:
                return Added(there.name, article, unchanged=True)
            elif not replace:
                raise FileExistsError
            aside = remove_file(corpus, there.name) if there else ""
            new.replace(corpus / name)
        except FileExistsError:
            raise ArticleError(
                f"another file named '{name}' is there already", "Choose to replace it, or rename this one."
            ) from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return Added(name, article, kept_aside=aside)


def remove_file(corpus: Path, source: str) -> str:
    """Move an article's file into `.removed`. Returns its new place below the corpus folder.

    Raises:
        CorpusError: there is no such file, or it cannot be moved.
    """
    parts = PurePosixPath(source).parts
    file = corpus / source
    inside = bool(parts) and not any(part == ".." or part.startswith((".", "/")) for part in parts)
    if not inside or not (file.is_file() or file.is_symlink()):
        raise CorpusError(f"There is no file '{source}' in the corpus folder.", "Update the index.")
    with _disk_errors(corpus):
        place = corpus / REMOVED / f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}" / source
        place.parent.mkdir(parents=True)
        file.replace(place)
    return place.relative_to(corpus).as_posix()


def put_back(corpus: Path, place: str, source: str) -> None:
    """Undo `remove_file`. Raises CorpusError when the name has been taken since, or the disk refuses."""
    with _disk_errors(corpus):
        if (corpus / source).exists():
            raise CorpusError(f"There is a new file '{source}'.", f"The earlier one is kept as {place}.")
        (corpus / place).replace(corpus / source)


@contextmanager
def _disk_errors(corpus: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CorpusError(
            f"The corpus folder {corpus} cannot be changed: {error.strerror}.",
            "Check its permissions and the disk.",
        ) from error
