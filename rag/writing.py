"""One answer in the making: choose sentences → prompt → model → resolve citations → check every sentence.

What the model writes counts only as far as the articles carry it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.asking import asks_each, asks_what_happened, kind_of, wants_more, wants_writing
from rag.citations import (
    Draft,
    DraftBuilder,
    Marker,
    Numbering,
    Quote,
    parse_markers,
    with_markers,
)
from rag.counted import only_counted
from rag.deadline import let_wait
from rag.disagreement import disagreement
from rag.errors import EngineError
from rag.evidence import (
    SENTENCES,
    SENTENCES_FOR_MORE,
    Evidence,
    render_evidence,
    select_evidence,
    surroundings,
)
from rag.extract import best_of_each, best_sentences, quoted
from rag.fellows import left_out
from rag.fitting import fits, fits_span, holder
from rag.garbage import refuse_garbage
from rag.phrases import ask_in, phrase
from rag.prompts import NOT_FOUND, Prompt
from rag.reading import Reading, SpanReader, compared, marked, read_passages, short_answer
from rag.stream import is_prose, read
from rag.suggest import suggestion
from rag.support import supported
from rag.types import (
    Answer,
    AnswerEvent,
    Delta,
    Passage,
    SearchResult,
    Sentence,
)
from rag.verify import only_repeats
from rag.vietnamese import guess_language
from rag.wording import joined, refuses

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel
SURE = 0.95
"""Confidence from which retrieval and a reader that leads overrule a model that finds nothing in an article
of another language. In its own, one that finds none is believed only where the reader sees none either, and
is asked only for what no sentence says."""


def _no_overview(question: str) -> Sequence[Quote]:
    return ()


@dataclass(frozen=True, slots=True)
class Setup:
    """What is needed to write answers."""

    engine: str
    model: BaseChatModel | None
    """None: the extractive engine."""
    prompt: Prompt
    article_text: Callable[[str], str]
    """Source → title, place, date and text of the article."""
    threshold: float
    """Below this confidence, of retrieval and reader together, the question counts as not answerable."""
    deadline: float
    """Seconds for one answer."""
    keep_unsupported: bool = False
    reader: SpanReader | None = None
    """None: retrieval decides alone, and whole sentences are the shortest answer."""
    overview: Callable[[str], Sequence[Quote]] = _no_overview
    """The sentences that sum up the articles which a question is about; none if it names none."""
    reader_leads: bool = False
    """Whether the reader reads better than the model, as it does than the small one that comes along. That
    one is then asked only for what the reader cannot give."""


class Writing:
    """One answer in the making."""

    def __init__(
        self,
        setup: Setup,
        question: str,
        standalone: str,
        result: SearchResult,
        usable: tuple[Passage, ...],
        started: float,
        language: str,
    ) -> None:
        self.setup = setup
        self.question = question
        self.standalone = standalone
        self.result = result
        self.usable = usable
        self.started = started
        self.language = language
        self.timings = {"retrieve": _ms_since(started)}
        self.tokens: dict[str, int] = {}
        self.one_fact = kind_of(standalone) != "other"
        self.same_language = bool(usable) and guess_language(usable[0].text) in (result.language, "und")
        self.reading = self._read()
        self.confidence = self.reading.confidence if self.reading else result.confidence
        read_in = guess_language(self.reading.passage.text) if self.reading else "und"
        self.in_own_words = self.same_language and read_in in (result.language, "und")
        surveyed = wants_writing(standalone) or asks_what_happened(standalone)
        self.overview = setup.overview(standalone) if surveyed else ()

    def _read(self) -> Reading | None:
        if not (self.setup.reader and self.usable):
            return None
        begun = time.monotonic()
        reading = read_passages(
            self.setup.reader,
            self.result.searched_for,
            self.usable,
            self.result.confidence,
            self.same_language,
        )
        self.timings["read"] = _ms_since(begun)
        return reading

    @property
    def surveys(self) -> bool:
        """Whether the beginnings of the articles that are meant are shown, rather than what a model writes.

        A small model leaves out most of them. Another one writes from the best sentences, if any are good.
        """
        alone = self.setup.model is None or self.setup.reader_leads
        return bool(self.overview) and (alone or self.confidence < self.setup.threshold)

    @property
    def needs_no_model(self) -> bool:
        """Whether the articles' own sentence is as good an answer as the model's, and there at once.

        In the question's own language the reader finds it better, be it a fact, a list or a reason; of
        several things, one from each article, a small model names one and stops.
        """
        if asks_each(self.standalone):
            return self.setup.reader_leads
        return self._leads_in_own_words and not wants_writing(self.standalone)

    @property
    def _leads_in_own_words(self) -> bool:
        """Whether the reader is believed before the model: in the question's own language."""
        return self.setup.reader_leads and self.reading is not None and self.in_own_words

    def generate(self) -> Iterator[AnswerEvent]:
        """Let the model write, pass on what it writes, then check it."""
        self.started += yield from let_wait()
        # Across languages the best sentence is less often among the first.
        evidence: Sequence[Evidence] = select_evidence(
            self.standalone,
            self.usable,
            SENTENCES if self.one_fact and self.same_language else SENTENCES_FOR_MORE,
            (self.reading.passage.source, self.reading.start) if self.reading else None,
        )
        builder = DraftBuilder()
        try:
            yield from self._written(builder, evidence)
            refused = _refused(builder.draft()) and not self._overrules
            if refused and (closer := self._closer(evidence)):
                builder, evidence = (yield from self._again(closer)) or (builder, evidence)
        except EngineError as error:
            yield self._rescued(builder.draft(), evidence, error)
        else:
            yield self._checked(builder.draft(), evidence)

    def _written(self, builder: DraftBuilder, evidence: Sequence[Evidence]) -> Iterator[Delta]:
        with closing(self._pieces(evidence)) as pieces:  # type: ignore[type-var]
            yield from self._shown(pieces, builder, [e.code for e in evidence])
        known = "\n".join([self.standalone, *(p.text for e in evidence for p in e.passages)])
        refuse_garbage(builder.draft(), known, self.language)

    def _again(
        self, closer: list[Evidence]
    ) -> Generator[Delta, None, tuple[DraftBuilder, Sequence[Evidence]] | None]:
        """Ask once more; when that fails the refusal stands."""
        builder = DraftBuilder()
        try:
            yield from self._written(builder, closer)
        except EngineError:
            return None
        return builder, closer

    def _closer(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Only the sentence in which the reader sees the answer, if the model has read more than that.

        A small model overlooks an answer among several sentences that it finds in one.
        """
        if self.reading is None or not self._reader_leads or "first_token" in self.timings:
            return []  # what was shown cannot be taken back
        place = self.reading.passage.source, self.reading.start
        closer = select_evidence(self.standalone, [self.reading.passage], 1, place)
        sentences = [sum(len(e.sentences) for e in each) for each in (closer, evidence)]
        return closer if sentences[0] < sentences[1] else []

    @property
    def _reader_leads(self) -> bool:
        """Whether the reader is believed against the model: where it sees an answer rather than none."""
        return self.setup.reader_leads and self.reading is not None and self.reading.margin > 0

    @property
    def _overrules(self) -> bool:
        """Whether the best sentences are shown where the model finds no answer, or none that stands."""
        sure = self.setup.reader_leads and self.confidence >= SURE
        return sure or (self.in_own_words and self._reader_leads)

    def _pieces(self, evidence: Sequence[Evidence]) -> Iterator[str]:
        assert self.setup.model is not None
        messages = self.setup.prompt.fill(
            passages=render_evidence(evidence), question=ask_in(self.language, self.standalone)
        )
        left = self.setup.deadline - (time.monotonic() - self.started)
        spent: dict[str, int] = {}
        try:
            yield from read(self.setup.model, messages, left, spent)
        finally:
            for kind, count in spent.items():
                self.tokens[kind] = self.tokens.get(kind, 0) + count

    def _shown(self, pieces: Iterator[str], builder: DraftBuilder, codes: list[str]) -> Iterator[Delta]:
        """Collect what the model writes, and pass it on without its markers."""
        shown = ""
        for piece in parse_markers(pieces, codes):
            builder.add(piece)
            text = builder.draft().text.rstrip()  # a space may yet turn out to stand before a full stop
            # What may turn out to be the word NOT_FOUND is not shown before it is known to be an answer.
            if NOT_FOUND.startswith(text.strip()[: len(NOT_FOUND)]) or isinstance(piece, Marker):
                continue
            new, shown = text[len(shown) :] if text.startswith(shown) else "", text
            if new:
                self.timings.setdefault("first_token", _ms_since(self.started))
                yield Delta(new)

    def _rescued(self, draft: Draft, evidence: Sequence[Evidence], error: EngineError) -> Answer:
        """What the model had finished before it failed, else the best sentences; and what went wrong."""
        reason = phrase(f"engine_{error.reason}", self.language).format(detail=error.detail)
        finished = self._supported(draft.finished(), evidence)
        if finished and is_prose(draft.text):
            return replace(finished, notice=f"{reason} {phrase('so_far', self.language)}")
        extracted = self.extract()
        instead = f" {phrase('instead', self.language)}" if extracted.status == "answered" else ""
        return replace(extracted, notice=reason + instead)

    def _checked(self, draft: Draft, evidence: Sequence[Evidence]) -> Answer:
        otherwise = self.extract if self._overrules else self.not_found
        if _refused(draft):
            return otherwise()
        answer = self._supported(draft, evidence)
        if only_repeats(draft.text, self.result.searched_for):
            return self.extract()
        if answer and self._is_amiss(answer):
            return self.extract()
        return answer or otherwise()

    def _is_amiss(self, answer: Answer) -> bool:
        """Whether the reader knows better than an answer of the model that the articles carry."""
        if self.reading is None or wants_more(self.standalone):
            return False
        # What the reader sees is looked at once more, though the model says the same.
        agreed = any(self.reading.agrees(sentence.text) for sentence in answer.sentences)
        return agreed and not fits_span(self.result.searched_for, *self.reading.place)

    def _supported(self, draft: Draft, evidence: Sequence[Evidence]) -> Answer | None:
        """What of a draft the articles carry; None if nothing."""
        numbering = Numbering()
        asked = self.result.searched_for
        sentences = [
            Sentence(text, tuple(numbering.number(quote) for quote in quotes), verdict)
            for text, quotes, verdict in supported(draft, evidence, asked, self.language)
            if quotes or self.setup.keep_unsupported
        ]
        if self.reading and self.one_fact and self.same_language:
            sentences = compared(sentences, self.reading)
        cited = {citation.source for citation in numbering.citations}
        source = "\n".join(surroundings(passage) for passage in self.usable if passage.source in cited)
        told = any(s.citations for s in sentences)
        if not told or not fits(asked, joined(s.text for s in sentences), source):
            return None
        return self._answer(sentences, numbering)

    def extract(self) -> Answer:
        """The best sentences themselves, without a language model."""
        one_fact = not wants_more(self.standalone)
        if one_fact and self.reading and not self._reading_fits():
            return self.not_found()
        each = best_of_each(self.usable) if asks_each(self.standalone) else []
        listed = len(each) > 1  # the article tells of which place or event a sentence speaks
        if listed:
            self.reading = None  # one span is but one of several answers
        quotes = each if listed else best_sentences(self.usable, self.reading, one_fact)
        return self._quoted(quotes, as_list=listed) if quotes else self.not_found()

    def _quoted(self, quotes: Sequence[Quote], *, as_list: bool) -> Answer:
        numbering = Numbering()
        return self._answer(quoted(quotes, numbering, as_list=as_list), numbering)

    def survey(self) -> Answer:
        """What the articles that a request for a summary or a comparison names begin with."""
        self.reading = None
        self.confidence = max(self.confidence, self.setup.threshold)
        return self._quoted(self.overview, as_list=True)

    def _reading_fits(self) -> bool:
        """Whether the reader's span is of the kind asked for, or gives way to the holder of an office."""
        assert self.reading is not None
        asked, span = self.result.searched_for, self.reading
        if fits_span(asked, *span.place):
            return True
        if held := holder(asked, self.usable):
            passage, start, end = held
            self.reading = replace(span, passage=passage, start=start, end=end)
        return held is not None

    def not_found(self) -> Answer:
        """Says so, in the reader's language; the nearest passages travel along."""
        offered = suggestion(self.result.searched_for, self.result.passages, self.language)
        said = f"{phrase('not_found', self.language)} {offered}".rstrip()
        return replace(self._answer([], Numbering()), status="not_found", answer=said)

    def _answer(self, sentences: Sequence[Sentence], numbering: Numbering) -> Answer:
        asked = self.result.searched_for
        if sentences and only_counted(asked, numbering.citations, self.usable):
            return self.not_found()
        if sentences:
            others = left_out(asked, sentences, numbering.citations, self.language)
            sentences = [
                *sentences,
                *others,
                *disagreement(asked, self.usable, numbering, self.language),
            ]
        searched = self.result.searched_for if self.result.searched_for != self.question else ""
        citations = tuple(marked(citation, self.reading) for citation in numbering.citations)
        weakest = {"supported": 1.0, "partial": 0.7, "unsupported": 0.4}
        support = min((weakest[s.verdict] for s in sentences), default=0.0)
        self.timings.setdefault("first_token", _ms_since(self.started))
        self.timings["total"] = _ms_since(self.started)
        return Answer(
            question=self.question,
            standalone_question=self.standalone,
            language=self.language,
            status="answered",
            answer=joined(with_markers(s.text, s.citations) for s in sentences),
            sentences=tuple(sentences),
            short_answer=short_answer(sentences, citations, self.reading),
            citations=citations,
            retrieved=self.result.passages,
            engine=self.setup.engine,
            timings_ms=self.timings,
            searched_for=searched,
            confidence=self.confidence * (support if sentences else 1.0),
            answerable=self.confidence,
            tokens=self.tokens,
        )


def _refused(draft: Draft) -> bool:
    return refuses(draft.text, cites=bool(draft.markers))


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
