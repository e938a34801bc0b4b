"""A folder of files → articles: Markdown, plain text, HTML, PDF and Word.

Each reader turns bytes into paragraphs and what the format itself tells; the rest is the same for
all of them. What a third-party reader raises becomes an `ArticleError` here and nowhere else.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rag.boilerplate import strip_page
from rag.decode import LIST_ITEM, clean_characters, decode, join_lines, paragraphs
from rag.errors import ArticleError, CorpusError
from rag.front_matter import split_front_matter
from rag.metadata import Metadata, read_moment, told_place, words_key
from rag.types import Article, Skipped

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes; larger files are skipped."""
_LARGEST_UNPACKED = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies in a corpus folder: files to read and files passed over, each in order of source."""

    files: list[Path]
    skipped: list[Skipped]


def source_of(path: Path, corpus: Path) -> str:
    """The path below the corpus folder, with forward slashes."""
    return path.relative_to(corpus).as_posix()


def scan(corpus: Path) -> Scan:
    """List a folder and its subfolders. Hidden files and folders and `README.*` are no articles.

    Raises:
        CorpusError: the folder is missing, no folder, or unreadable.
    """
    if not corpus.is_dir():
        what = "is not a folder" if corpus.exists() else "does not exist"
        raise CorpusError(
            f"The corpus folder {corpus} {what}.", "Name a folder of articles with --corpus DIR."
        )
    root = corpus.resolve()
    files: list[Path] = []
    skipped: list[Skipped] = []

    def unreadable(error: OSError) -> None:
        folder = Path(error.filename)
        if folder == corpus:
            raise CorpusError(
                f"The corpus folder {corpus} cannot be read.", "Check its permissions."
            ) from None
        skipped.append(Skipped(_printable(source_of(folder, corpus)), "the folder cannot be read"))

    for folder, folders, names in os.walk(corpus, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in linked + names:
            if name.startswith(".") or (name not in linked and name.split(".")[0].lower() == "readme"):
                continue
            path = Path(folder) / name
            reason = _reason_to_skip(path, root)
            if reason:
                skipped.append(Skipped(_printable(source_of(path, corpus)), reason))
            else:
                files.append(path)
    return Scan(
        sorted(files, key=lambda path: source_of(path, corpus)),
        sorted(skipped, key=lambda entry: entry.source),
    )


def _printable(name: str) -> str:
    name = name.encode("utf-8", "replace").decode("utf-8")
    return "".join("?" if unicodedata.category(c) == "Cc" else c for c in name)


def _reason_to_skip(path: Path, root: Path) -> str:
    if _printable(path.name) != path.name:
        return "its name is not valid UTF-8 or holds control characters"
    try:
        target = path.resolve(strict=True)
        status = target.stat()
    except (OSError, RuntimeError):
        return "the link leads nowhere" if path.is_symlink() else "the file cannot be read"
    if not target.is_relative_to(root):
        return "the link leaves the corpus folder"
    if stat.S_ISDIR(status.st_mode):
        return "a link to a folder; its files are read where they are"
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if path.suffix.lower() not in _READERS:
        return f"files of type '{path.suffix}' are not read" if path.suffix else "a file without a type"
    if status.st_size > LARGEST_FILE:
        return f"larger than {LARGEST_FILE // 1024**2} MB"
    return ""


def read_article(path: Path, corpus: Path) -> Article:
    """Read one file of the corpus.

    Raises:
        ArticleError: the file cannot be read, or holds no article; the message is the reason.
    """
    reason = _reason_to_skip(path, corpus.resolve())
    if reason:
        raise ArticleError(reason)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArticleError(f"the file cannot be read ({error.strerror})", "Check its permissions.") from None
    told, fallback, body = _READERS[path.suffix.lower()](data)
    if not told.title:
        told = replace(told, title=fallback.title)
    found, body = strip_page(body, told)
    found = found.over(fallback)
    text = unicodedata.normalize("NFC", "\n\n".join(body))
    if not any(character.isalnum() for character in text):
        raise ArticleError("no article text was found in the file")
    if not found.place:
        found = replace(found, place=told_place(found.title, text))
    return Article(
        source=source_of(path, corpus),
        text=text,
        sha256=hashlib.sha256(data).hexdigest(),
        title=unicodedata.normalize("NFC", found.title),
        published=found.published or None,
        time=found.time or None,
        outlet=found.outlet,
        author=found.author,
        url=found.url,
        place=found.place,
    )


# A reader returns what the author of the file told (never overruled), what the format's own tags
# say (used where the text is silent; their title is trusted), and the paragraphs.
_Read = tuple[Metadata, Metadata, list[str]]


def _read_text(data: bytes) -> _Read:
    return Metadata(), Metadata(), paragraphs(clean_characters(decode(data)))


# --- Markdown ----------------------------------------------------------------------------------

_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*")
_SETEXT = re.compile(r"=+|-+")
_RULE = re.compile(r"(?:[-*_]\s?){3,}")
_IMAGE = re.compile(r"!\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}(?:\s+\"[^\"\n]{0,500}\")?\)")
_LINK = re.compile(r"(?<!!)\[([^\[\]\n]{1,500})\]\([^()\s]{1,2000}(?:\s+\"[^\"\n]{0,500}\")?\)")
_EMPHASIS = re.compile(r"(?<![\w*_\\])(\*\*\*|\*\*|__|\*|_)(?=\S)([^*_\n]{1,1000})(?<=\S)\1(?![\w*_])")


def _read_markdown(data: bytes) -> _Read:
    told, rest = split_front_matter(clean_characters(decode(data)))
    rest = _without_comments(rest)
    found: list[str] = []
    title = ""
    open_lines: list[str] = []

    def close() -> None:
        if open_lines:
            found.append(join_lines(open_lines))
            open_lines.clear()

    fenced = False
    for line in rest.split("\n"):
        if line.startswith(("```", "~~~")):
            close()
            fenced = not fenced
            continue
        if fenced:
            if line:
                found.append(line)
            continue
        heading = _HEADING.fullmatch(line)
        underlined = len(open_lines) == 1 and len(line) >= 2 and _SETEXT.fullmatch(line) is not None
        if heading or underlined:
            words = _inline(heading[1]) if heading else open_lines.pop()
            close()
            top = line.startswith("# ") or line.startswith("=")
            if top and not found and not title:
                title = words
            elif words:
                found.append(words)
            continue
        if not line or _RULE.fullmatch(line):
            close()
            continue
        if LIST_ITEM.match(line):
            close()
        if plain := _inline(line.removeprefix(">").strip()):
            open_lines.append(plain)
    close()
    if told.title and title and words_key(title) != words_key(told.title):
        found.insert(0, title)
    return told, Metadata(title="" if told.title else title), found


def _without_comments(text: str) -> str:
    kept: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[position:start])
        position = end + 3
    return "".join([*kept, text[position:]])


def _inline(text: str) -> str:
    """Take the marks of links, pictures and emphasis off; what they enclose stays."""
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    return _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", text)).replace("`", "").strip()


# --- HTML --------------------------------------------------------------------------------------

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{2,40})""", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"""(?:article:published_time|datePublished)["']\s*(?:content\s*=|:)\s*["']([^"']{6,40})["']""",
    re.IGNORECASE,
)


def _read_html(data: bytes) -> _Read:
    import trafilatura

    charset = _CHARSET.search(data[:4096])
    page = decode(data, charset[1].decode("ascii") if charset else None)
    # A str with an encoding declaration is refused by lxml.
    page = re.sub(r"^\s*<\?xml[^>]*\?>", "", page)
    try:
        document = trafilatura.bare_extraction(
            page,
            include_comments=False,
            with_metadata=True,
            date_extraction_params={"original_date": True, "extensive_search": False},
        )
    except Exception as error:
        raise ArticleError(f"the page cannot be read ({type(error).__name__})") from error
    if document is None or isinstance(document, dict) or not document.text:
        raise ArticleError("no article text was found in the page")
    # Its own date search guesses from anything on the page; take only what a tag states.
    stated = _PUBLISHED.search(page)
    moment = read_moment(stated[1]) if stated else None
    url = document.url or ""
    tags = Metadata(
        title=_one_line(document.title),
        published=moment.published if moment else "",
        time=moment.time if moment else "",
        outlet=_one_line(document.sitename),
        author=_one_line(document.author),
        url=url if url.startswith(("http://", "https://")) else "",
    )
    return Metadata(), tags, paragraphs(clean_characters(document.text), wrapped=False)


def _one_line(value: str | None) -> str:
    return " ".join(clean_characters(value or "").split())[:300]


# --- PDF ---------------------------------------------------------------------------------------


def _read_pdf(data: bytes) -> _Read:
    import pypdf

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ArticleError("the PDF is locked with a password", "Save a copy without one.")
        pages = [clean_characters(page.extract_text()).split("\n") for page in reader.pages]
        title = _one_line(reader.metadata.title if reader.metadata else "")
    except ArticleError:
        raise
    except Exception as error:
        raise ArticleError(f"the PDF cannot be read ({type(error).__name__})") from error
    text = "\n".join("\n".join(page) for page in _without_running_lines(pages))
    if not text.strip():
        raise ArticleError("the PDF has no text layer", "If it is a scan, run text recognition over it.")
    body = paragraphs(text.replace("\u00ad", ""), wrapped=True)
    # A title tag is often the name of a template: trust it only where the text repeats it.
    stated = bool(title) and words_key(title) in words_key(" ".join(body[:5]))
    return Metadata(), Metadata(title=title if stated else ""), body


def _without_running_lines(pages: list[list[str]]) -> list[list[str]]:
    """Drop page numbers and the headers and footers that stand on most pages."""

    def masked(line: str) -> str:
        return re.sub(r"\d+", "#", words_key(line))

    pages = [[line for line in page if line] for page in pages]
    edges = Counter(key for page in pages for key in {masked(line) for line in page[:1] + page[-1:]})
    running = {key for key, count in edges.items() if count >= 3 and count * 2 > len(pages)} | {"#"}
    kept = []
    for page in pages:
        start = 1 if page and masked(page[0]) in running else 0
        end = len(page) - 1 if len(page) > start and masked(page[-1]) in running else len(page)
        kept.append(page[start:end])
    return kept


# --- Word --------------------------------------------------------------------------------------


def _read_docx(data: bytes) -> _Read:
    import docx
    from docx.table import Table

    found: list[str] = []
    title = ""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            if sum(entry.file_size for entry in package.infolist()) > _LARGEST_UNPACKED:
                raise ArticleError("the Word file unpacks to more than 200 MB")
        for block in docx.Document(io.BytesIO(data)).iter_inner_content():
            if isinstance(block, Table):
                for row in block.rows:
                    found.append(" | ".join(" ".join(cell.text.split()) for cell in row.cells))
                continue
            style = (block.style.name or "") if block.style else ""
            text = "\n".join(clean_characters(block.text).split("\n")).strip()
            if style == "Title" and not title and not found:
                title = " ".join(text.split())
            elif text:
                found.extend(
                    f"- {line}" if style.startswith("List") else line for line in text.split("\n") if line
                )
    except ArticleError:
        raise
    except Exception as error:
        raise ArticleError(f"the Word file cannot be read ({type(error).__name__})") from error
    return Metadata(), Metadata(title=title), [clean_characters(line) for line in found if line.strip(" |")]


_READERS: dict[str, Callable[[bytes], _Read]] = {
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_text,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
    ".docx": _read_docx,
}
