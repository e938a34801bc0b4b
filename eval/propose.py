"""A sentence of the corpus → a question about it, or none when no good one was found.

Small models choose poor answers and put them into their questions. So the answer is chosen here, a name, a
date or a number of the sentence, and hidden from the model, which writes the question for the gap. What it
writes is shown to a person only if it stands alone and search leads from it back to the sentence.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from eval.metrics.text import contains, tokens
from rag.asking import kind_of
from rag.dates import find_dates
from rag.errors import RagError
from rag.sentences import sentence_spans
from rag.types import Article
from rag.verify import Claim, covers
from rag.vietnamese import guess_language

SHORTEST, LONGEST = 40, 300
"""Characters of a sentence that is worth asking about."""
WORDIEST = 35
"""Words of a question that a person would still type."""
KNOWN = 0.85
"""Share of a question's words that its sentence, or the title, must hold: the rest is the model's own."""
HIDDEN = "____"

Kind = Literal["who", "when", "how many"]
_ASKS: dict[Kind, dict[str, str]] = {
    "who": {"vi": "ai", "en": "who"},
    "when": {"vi": "ngày nào", "en": "when"},
    "how many": {"vi": "bao nhiêu", "en": "how many"},
}
_NUMBER = re.compile(r"(?<![\w.,/-])\d+(?:[.,]\d+)*(?= [a-zđà-ỹ])(?! (?:năm|tháng|ngày|giờ|phút|đến)\b)")
_NAMED = re.compile(r"(?:khu|số|khóa|lớp|năm|tháng|ngày|quý|lần|thứ|điều|in|No\.|[Nn]umber|Article) $")
"""A number after one of these is part of a name or a date."""
_WORD = re.compile(r"[^\W\d_]+")
_POINTS_BACK = re.compile(
    r"(ông|bà|họ|anh|chị|đây|đó|điều này|việc này|cũng|ngoài ra|tuy nhiên|he|she|they|it|this|these|that)\b",
    re.IGNORECASE,
)
"""How a sentence begins that cannot be understood without the one before."""
_OPENERS = frozenset("ai bao khi ngày lúc ở tại trong vào theo who whom when how on in at what which".split())
"""Words a question begins with, in capitals though they name nothing."""
_WHICH_PERSON = re.compile(r"\b(người|ông|bà|tướng|tá|úy|tịch|thư|trưởng|đốc|lệnh|viên) nào\b")
_VAGUE = re.compile(
    r"\b(bài (báo|viết)|đoạn (văn|trích)|câu (này|trên)|(đăng|cập nhật) lúc"
    r"|(this|the) (article|sentence|passage|text))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Gap:
    """Words of a sentence that a question shall ask for: `sentence[start:end]`."""

    article: Article
    sentence: str
    start: int
    end: int
    kind: Kind

    @property
    def answer(self) -> str:
        """The words to be asked for."""
        return self.sentence[self.start : self.end]

    @property
    def hidden(self) -> str:
        """The sentence without them."""
        return self.sentence[: self.start] + HIDDEN + self.sentence[self.end :]


@dataclass(frozen=True)
class Proposal:
    """A question that a sentence answers, for a person to judge."""

    source: str
    sentence: str
    question: str
    answer: str


Write = Callable[[Gap], str]
"""What the language model writes."""
LeadsBack = Callable[[str, Gap], bool]
"""(question, gap) → whether search finds the sentence by the question."""


def gaps(articles: Iterable[Article], seed: int = 0) -> list[Gap]:
    """One gap a sentence worth asking about, mixed by the seed; one of each article, then a second."""
    draw = random.Random(seed)
    columns = []
    for article in sorted(articles, key=lambda each: each.source):
        texts = [article.text[start:end] for start, end in sentence_spans(article.text)]
        found = [choices for text in texts if (choices := gaps_of(article, text))]
        draw.shuffle(found)
        columns.append([draw.choice(choices) for choices in found])
    draw.shuffle(columns)
    longest = max(map(len, columns), default=0)
    return [column[row] for row in range(longest) for column in columns if row < len(column)]


def gaps_of(article: Article, sentence: str) -> list[Gap]:
    """Names of persons, full dates and counted things of a sentence that can be understood by itself."""
    if not SHORTEST <= len(sentence) <= LONGEST or _POINTS_BACK.match(sentence) or _VAGUE.search(sentence):
        return []
    dates = [(date.start, date.end) for date in find_dates(sentence) if date.day]
    counts = [
        match.span() for match in _NUMBER.finditer(sentence) if not _NAMED.search(sentence[: match.start()])
    ]
    spans: list[tuple[int, int, Kind]] = [(start, end, "who") for start, end in _persons(sentence)]
    spans += [(start, end, "when") for start, end in dates]
    spans += [(start, end, "how many") for start, end in counts if not _inside(start, end, dates)]
    known = f"{article.title} {article.place}"
    return [
        Gap(article, sentence, start, end, kind)
        for start, end, kind in spans
        if not contains(known, [sentence[start:end]])
    ]


def _persons(sentence: str) -> list[tuple[int, int]]:
    """Runs of capitalised words as long as names: three or four syllables in Vietnamese, else two, three."""
    shortest, longest = (3, 4) if guess_language(sentence) == "vi" else (2, 3)
    runs: list[list[tuple[int, int]]] = []
    for match in _WORD.finditer(sentence):
        word = match.group()
        if not word.istitle() or match.start() == 0:
            continue
        if runs and sentence[runs[-1][-1][1] : match.start()] == " ":
            runs[-1].append(match.span())
        else:
            runs.append([match.span()])
    return [(run[0][0], run[-1][1]) for run in runs if shortest <= len(run) <= longest]


def _inside(start: int, end: int, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start < last and first < end for first, last in spans)


def proposals(candidates: Iterable[Gap], write: Write, leads_back: LeadsBack) -> Iterator[Proposal | None]:
    """Ask the model for a question about each gap; None for one that was not good enough to be shown."""
    asked: set[str] = set()
    for gap in candidates:
        question = with_place(parse(write(gap)), gap)
        if question in asked or fault(question, gap) or not leads_back(question, gap):
            yield None
            continue
        asked.add(question)
        yield Proposal(gap.article.source, gap.sentence, question, gap.answer)


def parse(reply: str) -> str:
    """The first question of a model's reply, without a label before it; empty when there is none."""
    lines = (
        re.sub(r"^\W*(?:question|câu hỏi)\W*:\s*", "", line, flags=re.IGNORECASE)
        for line in reply.split("\n")
    )
    return next((line.strip(" *\"'“”") for line in lines if "?" in line), "")


def with_place(question: str, gap: Gap) -> str:
    """The question with the article's place at its end, unless it names the place or there is none.

    Articles about the same event in other places are what makes a question ambiguous.
    """
    place, word = gap.article.place, {"vi": "ở", "en": "in"}.get(guess_language(gap.sentence))
    if not (place and word) or not question.endswith("?") or contains(question, [place]):
        return question
    return f"{question[:-1].rstrip(' .')} {word} {place}?"


def fault(question: str, gap: Gap) -> str:
    """Why a question is not worth showing; empty when nothing speaks against it.

    It must be one question of the kind that its answer is, not too long, in the language of the sentence. It
    names something, all that it names is known of the article, and most of its words are the sentence's. It
    does not contain its answer.
    """
    known = " ".join((gap.article.title, gap.article.place, gap.article.published or "", gap.article.text))
    words = " ".join((gap.article.title, gap.article.place, gap.hidden, "bao nhiêu nào how many much"))
    language = guess_language(gap.sentence)
    claim, asks = Claim.of(question, language), kind_of(question)
    if asks == "other" and _WHICH_PERSON.search(question):
        asks = "who"
    if not question.endswith("?") or question.count("?") > 1 or len(question.split()) > WORDIEST:
        return "it is not one short question"
    if _VAGUE.search(question) or HIDDEN.strip() in question:
        return "it speaks of the text instead of the matter"
    if asks != gap.kind or guess_language(question) != language:
        return "it asks for something else"
    if contains(question, [gap.answer]):
        return "it gives its answer away"
    names = _capitalised(question)
    if not (claim.items or names) or claim.items != covers(claim, known).items or names - {*tokens(known)}:
        return "it names nothing, or something the article does not know"
    if len(covers(claim, words).words) < KNOWN * len(claim.words):
        return "its words are not those of the sentence"
    return ""


def _capitalised(question: str) -> set[str]:
    """The capitalised words of a question, in normal form."""
    first, *others = question.split()
    openers = [first] if first.lower().strip("?,") not in _OPENERS else []
    return {token for word in openers + others if word[0].isupper() for token in tokens(word)}


def writer(settings: Any) -> Write:
    """The language model that the settings name, with the prompt `draft`.

    Raises:
        RagError: the settings name no language model.
    """
    from rag.llm import chat_model
    from rag.prompts import load_prompt
    from rag.settings import EXTRACTIVE

    if settings.llm == EXTRACTIVE:
        raise RagError("Drafting questions needs a language model.", "Name one with --llm, or leave it away.")
    model, prompt = chat_model(settings), load_prompt("draft", settings.prompts)

    def write(gap: Gap) -> str:
        article, language = gap.article, guess_language(gap.sentence)
        about = ", ".join(part for part in (article.place, article.published) if part) or "?"
        asks = _ASKS[gap.kind].get(language, gap.kind)
        filled = prompt.fill(about=about, title=article.title, sentence=gap.hidden, asks=asks)
        return str(model.invoke(filled, max_tokens=80).text)

    return write


def round_trip(search: Callable[[str], Any]) -> LeadsBack:
    """Whether the article of the gap comes first, and its sentence stands in one of the first passages.

    Args:
        search: `Assistant.search`.
    """

    def leads_back(question: str, gap: Gap) -> bool:
        passages = search(question).passages
        return (
            bool(passages)
            and passages[0].source == gap.article.source
            and any(
                passage.source == gap.article.source and gap.sentence in passage.text
                for passage in passages[:3]
            )
        )

    return leads_back
