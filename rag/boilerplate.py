"""Paragraphs of a scraped page → what they tell about the article, and its body without the page.

Two rules keep facts safe: a line in the body goes only when its words stand elsewhere in the body,
or when it says nothing (`Toàn cảnh hội nghị.`, `Tin xem nhiều`); other lines go only at the
page's head and foot, and only when they are a date, a byline, a source, a number or a menu.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.metadata import Metadata, outlet_of, read_byline, read_moment, read_source, words_key
from rag.sentences import sentence_spans

_HEAD = 8
_FOOT = 8
_LONGEST_TITLE = 300
_ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "।", ".”", '."', ".)", "”", '"', ":", ";")

_LABELLED_DATE = re.compile(r"date:? (?P<date>\d{4}-\d{2}(?:-\d{2})?) (?P<title>.+)", re.IGNORECASE)
_COUNT = re.compile(
    r"(?:(?:lượt (?:xem|đọc|truy cập)|đã xem|views?|bình luận|comments?|likes?)\s*[:(]?\s*)?"
    r"\d{1,3}(?:[.,]?\d{3})*\)?"
    r"(?:\s*(?:lượt (?:xem|đọc|truy cập)|views?|bình luận|comments?|likes?))?",
    re.IGNORECASE,
)
_BREADCRUMBS = re.compile(r"[^.!?>»›]{1,40}(?:\s[>»›]\s[^.!?>»›]{1,40})+")
_AFFILIATION = re.compile(r"\([^()\d]{2,60}\)")
_EMPTY_CAPTION = re.compile(r"(?:toàn cảnh|quang cảnh|một góc)(?: \w+){1,5}\.?", re.IGNORECASE)
_PICTURE_CREDIT = re.compile(
    r"\(?(?:ảnh|hình|photos?|pictures?|image)(?: minh h[oọ]a| tư liệu| by)?(?:\s*:\s*[^.!?:]{2,40})?\.?\)?",
    re.IGNORECASE,
)
_RULE = re.compile(r"[^\w]+")


def _phrases(text: str) -> frozenset[str]:
    return frozenset(words_key(phrase) for phrase in text.split(";"))


_LANGUAGES = _phrases(
    """en; vi; vn; eng; vie; english; vietnamese; tiếng việt; tiếng anh; vi en; en vi; vn en;
    english vietnamese; tiếng việt english; français; deutsch; 中文; 日本語; 한국어; русский"""
)
_RELATED = _phrases(
    """tin xem nhiều; xem nhiều; xem nhiều nhất; đọc nhiều; đọc nhiều nhất; tin đọc nhiều; tin liên quan;
    bài liên quan; bài viết liên quan; tin cùng chuyên mục; cùng chuyên mục; tin khác; các tin khác;
    tin mới; tin mới nhất; tin nổi bật; có thể bạn quan tâm; most read; most viewed; trending; related;
    related news; related stories; related articles; more news; you may also like"""
)
_MENU = _RELATED | _phrases(
    """viết bình luận; viết bình luận mới; gửi bình luận; ý kiến bạn đọc; bình luận; chia sẻ;
    chia sẻ bài viết; chia sẻ facebook; in bài; in bài viết; lưu bài; lưu bài viết; gửi email;
    sao chép liên kết; copy link; quay lại; về đầu trang; trang chủ; đăng nhập; xem thêm; đọc thêm;
    quảng cáo; facebook; twitter; zalo; share; share this; share this article; print; comment; comments;
    leave a comment; add a comment; read more; advertisement; subscribe; sign in; log in; back to top; home"""
)


def strip_page(paragraphs: Sequence[str], known: Metadata) -> tuple[Metadata, list[str]]:
    """Take the page around an article off.

    `known` is what was told outside the text (front matter, tags); it is never overruled.
    Returns all that is known then, and the paragraphs of the body, in order.
    """
    found, body = _read_head([p for p in paragraphs if p], known)
    found, body = _read_foot(found, _cut_related(body))
    body = [p for p in body if words_key(p) not in _MENU and not _RULE.fullmatch(p)]
    if found.url and not found.outlet:
        found = replace(found, outlet=outlet_of(found.url))
    return found, _drop_repeats(_drop_empty_captions(body))


def _is_menu(line: str) -> bool:
    key = words_key(line)
    return (
        key in _MENU
        or key in _LANGUAGES
        or not key
        or _COUNT.fullmatch(line) is not None
        or (len(line) <= 120 and _BREADCRUMBS.fullmatch(line) is not None)
    )


def _read_head(paragraphs: list[str], found: Metadata) -> tuple[Metadata, list[str]]:
    rest = list(paragraphs)
    for _ in range(_HEAD):
        if len(rest) < 2:
            break
        line = rest[0]
        if labelled := _LABELLED_DATE.fullmatch(line):
            moment = read_moment(labelled["date"])
            if moment is not None:
                found = found.over(Metadata(published=moment.published))
                rest[0] = line = labelled["title"]
        if _is_menu(line):
            pass
        elif (moment := read_moment(line)) is not None:
            found = found.over(Metadata(published=moment.published, time=moment.time))
        elif found.title and words_key(line) == words_key(found.title):
            pass
        elif (":" in line or line[:3].lower() == "by ") and (byline := read_byline(line)):
            found = found.over(Metadata(author=byline))
        elif not found.title and _is_title(line):
            found = replace(found, title=line)
        else:
            break
        del rest[0]
    return found, rest


def _is_title(line: str) -> bool:
    return (
        len(line) <= _LONGEST_TITLE
        and " " in line
        and not line.endswith((".", ":", ";", ",", "。", "।"))
        and line[0] not in "-–—•*+(["
        and len(sentence_spans(line)) <= 2
    )


def _cut_related(body: list[str]) -> list[str]:
    """Cut a list of other stories' headlines: everything below its heading is no sentence."""
    cut = len(body)
    for position in range(len(body) - 1, 0, -1):
        line = body[position]
        if words_key(line) in _RELATED:
            cut = position
        elif line.endswith(_ENDS) or read_byline(line) or len(line) > _LONGEST_TITLE:
            break
    return body[:cut]


def _read_foot(found: Metadata, body: list[str]) -> tuple[Metadata, list[str]]:
    """Read bylines, sources and menus from the last line up, to the first line of the body."""
    keep = len(body)
    for position in range(len(body) - 1, max(0, len(body) - _FOOT - 1), -1):
        line = body[position]
        above = body[position - 1]
        if _is_menu(line):
            keep = position
        elif (moment := read_moment(line)) is not None:
            if found.published and not found.published.startswith(moment.published[:7]):
                break
            found = found.over(Metadata(published=moment.published, time=moment.time))
            keep = position
        elif (source := read_source(line)) is not None:
            found = found.over(source)
            keep = position
        elif byline := read_byline(line):
            if found.author and words_key(found.author) != words_key(byline):
                break
            if ":" not in line and read_byline(above):  # a list of names, not a byline
                break
            found = found.over(Metadata(author=byline))
            return found, body[:position]
        elif _AFFILIATION.fullmatch(line) and read_byline(above):
            keep = position
        elif not _is_page_rest(line):
            break
    return found, body[:keep]


def _is_page_rest(line: str) -> bool:
    """A short line without an end or a number: it goes if a byline stands above it."""
    return len(line.split()) <= 6 and not line.endswith(_ENDS) and not any(c.isdigit() for c in line)


def _drop_empty_captions(body: list[str]) -> list[str]:
    def says_nothing(line: str) -> bool:
        if len(line) > 80:
            return False
        if _EMPTY_CAPTION.fullmatch(line):
            return line[1:].islower() and not any(c.isdigit() for c in line)
        return _PICTURE_CREDIT.fullmatch(line) is not None

    return [line for line in body if not says_nothing(line)] or body


def _drop_repeats(body: list[str]) -> list[str]:
    """Drop repeated paragraphs, and one-sentence paragraphs whose words another sentence holds.

    A caption often turns the sentence it was taken from around (`X phát biểu tại hội nghị.` beside
    `Phát biểu tại hội nghị, X …`), so its words may also stand there with the two halves swapped.
    Linear in the length of the body.
    """
    seen: set[str] = set()
    unique: list[tuple[str, list[str]]] = []
    for line in body:
        key = words_key(line)
        if key in seen and key.count(" ") >= 2:
            continue
        seen.add(key)
        unique.append((line, [words_key(line[start:end]) for start, end in sentence_spans(line)]))

    captions = {
        position: sentences[0].split()
        for position, (_, sentences) in enumerate(unique)
        if position and len(sentences) == 1 and 5 <= len(sentences[0].split()) <= 60
    }
    hosts = _sentences_with(unique, {tuple(words[:3]) for words in captions.values()})
    dropped: set[int] = set()
    for position, words in captions.items():
        for host, sentence in hosts.get(tuple(words[:3]), ()):
            if host != position and host not in dropped and _holds(sentence, words):
                dropped.add(position)
                break
    return [line for position, (line, _) in enumerate(unique) if position not in dropped]


_HOSTS = 30


def _sentences_with(
    unique: list[tuple[str, list[str]]], wanted: set[tuple[str, ...]]
) -> dict[tuple[str, ...], list[tuple[int, str]]]:
    """For each wanted run of three words, up to `_HOSTS` sentences that hold it, with their paragraph."""
    hosts: dict[tuple[str, ...], list[tuple[int, str]]] = {}
    for position, (_, sentences) in enumerate(unique):
        for sentence in sentences:
            words = sentence.split()
            runs = {run for run in zip(words, words[1:], words[2:], strict=False) if run in wanted}
            for run in runs:
                held = hosts.setdefault(run, [])
                if len(held) < _HOSTS:
                    held.append((position, f" {sentence} "))
    return hosts


def _holds(sentence: str, words: list[str]) -> bool:
    if len(words) > sentence.count(" ") - 1:
        return False
    if f" {' '.join(words)} " in sentence:
        return True
    return any(
        f" {' '.join(words[cut:])} {' '.join(words[:cut])} " in sentence for cut in range(3, len(words) - 2)
    )
