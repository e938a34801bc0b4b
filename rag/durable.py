"""A saved answer, and whether its sources still hold what it cites. Pure: no index, no disk."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rag.errors import SavedAnswerError
from rag.phrases import phrase
from rag.sentences import sentence_spans
from rag.types import Article
from rag.vietnamese import nfc

State = Literal["holds", "moved", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of one citation."""

    n: int
    """The citation's number in the answer."""
    source: str
    quote: str
    state: State
    """`holds`: the quote stands where it stood; `moved`: elsewhere in its article; `changed`: no longer
    there, word for word; `gone`: the article itself is not there any more."""
    words: str
    """The same for the reader, in the answer's language."""
    start: int | None = None
    """Where the quote stands now, as offsets in the article's text; None when it stands nowhere."""
    end: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """One entry of `rag check --json`."""
        return asdict(self)


def check(answer: Mapping[str, Any], article_of: Callable[[str], Article | None]) -> list[Standing]:
    """Say of each citation of a saved answer whether its source still holds it.

    Args:
        answer: one object as `rag ask --json` prints it.
        article_of: source → the article as it is now, None when there is none.

    Raises:
        SavedAnswerError: it is no such object.
    """
    try:
        cited = [
            (int(c["n"]), str(c["source"]), str(c["quote"]), int(c["start"]), str(c.get("sha256", "")))
            for c in answer["citations"]
        ]
        language = str(answer["language"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise SavedAnswerError(
            "This is no saved answer: its citations cannot be read.", "Save one with `rag ask --json`."
        ) from error
    return [_standing(*each, article_of(each[1]), language) for each in cited]


def _standing(
    n: int, source: str, quote: str, start: int, sha256: str, article: Article | None, language: str
) -> Standing:
    if article is None:
        state, span = _GONE
    elif sha256 == article.sha256 and start >= 0 and quote and article.text.startswith(nfc(quote), start):
        state, span = _holds(nfc(quote), start)  # the very file it was cited from
    else:
        state, span = _find(nfc(quote), start, article.text)
    begin, end = span or (None, None)
    return Standing(n, source, quote, state, phrase(f"source_{state}", language), begin, end)


_Found = tuple[State, tuple[int, int] | None]
_GONE: _Found = ("gone", None)


def _holds(quote: str, start: int) -> _Found:
    return "holds", (start, start + len(quote))


_EDGE = r"(?!\w|[.,]\d)"
"""No word and no number goes on here."""


def _goes_on(quote: str, text: str, start: int) -> bool:
    """Whether the last word or number of a quote is but the beginning of what stands there: `12` of `125`."""
    return quote[-1].isalnum() and not re.compile(_EDGE).match(text, start + len(quote))


def _find(quote: str, start: int, text: str) -> tuple[State, tuple[int, int] | None]:
    """The quote where it stood, else nearest to there; white space may differ."""
    if quote and start >= 0 and text.startswith(quote, start) and not _goes_on(quote, text, start):
        return _holds(quote, start)
    words = quote.split()
    if not words:
        return "changed", None
    # Behind another word or in front of one it would say something else: `12 xã` is not in `312 xã`, and
    # what once began a sentence (`Ông Hải đến.`) does not stand in `Không phải Ông Hải đến.`
    edges = rf"(?<!\w){{}}{_EDGE}" if words[-1][-1].isalnum() else r"(?<!\w){}"
    found = [m.span() for m in re.finditer(edges.format(r"\s+".join(map(re.escape, words))), text)]
    if found and not words[0][0].islower():
        begins = {begin for begin, _ in sentence_spans(text)}
        found = [span for span in found if span[0] in begins]
    if not found:
        return "changed", None
    nearest = min(found, key=lambda span: abs(span[0] - start))
    return "holds" if nearest[0] == start else "moved", nearest
