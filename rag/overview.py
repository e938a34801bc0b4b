"""An overview of the articles that a request names: what their paragraphs begin with. Pure text, no model.

In news the beginning tells what matters (the LEAD baseline of summarisation is hard to beat), and to compare
two events it takes what is told of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from rag.citations import Quote
from rag.dates import date_tokens, find_dates
from rag.hostile import without_instructions
from rag.mentions import find_mentions
from rag.relevance import relevant_articles
from rag.sentences import sentence_spans
from rag.types import Article, Passage, SearchResult
from rag.vietnamese import FUNCTION_WORDS, WORD, fold, guess_language, nfc

SENTENCES = {1: 5, 2: 3}
"""Articles of an overview, and how many sentences of each are shown; of each of more articles MORE."""
MORE = 2
ARTICLES = 6
"""Most articles of an overview."""
NEAR = 0.2
"""An article is meant where its best passage scores so much for the words of the topic."""
SAME_WORDS = 0.6
"""Share of the topic's own words that title and first sentence must hold."""
SHORTEST = 4
"""Words of a sentence that tells something."""

_POLITE = (
    r"(?:hay|xin|vui long|lam on|ban|anh|chi|em|giup|cho|toi|minh|co the|muon|can|viet|cai nhin|mot|ban|"
    r"please|can you|could you|would you|kindly|i want|i need)"
)
_BEFORE = re.compile(
    rf"^\W*(?:{_POLITE} )*(?:tom (?:tat|luoc)|mo ta|trinh bay|so sanh|gioi thieu|ke|"
    r"(?:biet )?tong quan|(?:nhung |cac )?(?:noi dung|y|diem) (?:chinh|chu yeu)|dien bien|noi|"
    r"(?:su|nhung diem|cac diem|diem) khac (?:nhau|biet)|summari[sz]e|describe|compare|"
    r"tell me (?:more )?about|"
    r"(?:(?:give|write|make) me )?(?:an? )?(?:(?:short|brief|quick) )?(?:overview|summary)|"
    r"(?:what (?:are|is|were|was) )?the main points|"
    r"what (?:is|are|was|were) the (?:main )?differences?|what (?:is|was)|what happened|"
    r"(?:chuyen|dieu|viec|su kien) gi (?:da )?(?:xay|dien) ra|how (?:do|does|did))\b"
)
_FILLER = re.compile(
    r" (?:tom tat|ngan gon|lai|ra|giup|cho|toi|minh|em|nghe|noi dung|"
    r"(?:nhung |cac )?(?:y|diem|noi dung) (?:chinh|chu yeu)|chinh|ve|cua|giua|trong|voi|of|between|in|from)\b"
)
_BEHIND = re.compile(
    r"(?: (?:khac|giong) nhau)?(?:[ :]+(?:la gi|ra sao|(?:nhu )?the nao|gom nhung gi|o diem nao|o cho nao|"
    r"(?:nhung |cac )?(?:y|diem|noi dung) (?:chinh|chu yeu)|noi (?:ve )?(?:nhung )?gi|gi|about|differ|please|"
    r"for me|giup (?:toi|minh|em)|voi|nhe|a|khong|(?:trong|bang|khoang) \w+ (?:cau|dong|chu)|"
    r"in \w+ (?:sentences?|words|lines)|bang tieng \w+))*\W*$"
)
LONGEST = 300
"""Characters of a request."""
_GENERIC = frozenset(
    """hoi nghi cuoc hop bai viet bao tin tuc su kien buoi le phien nam thang ngay cua o tai ve va voi
    giua trong hai ba cac nhung nay do tinh thanh pho huyen dien ra sang chieu toi cuoi dau conference
    conferences meeting meetings review reviews event events article articles news report reports province
    provinces city held took place two three both""".split()
)


def overview(
    question: str, search: Callable[[str], SearchResult], article: Callable[[str], Article]
) -> list[Quote]:
    """What is told of the articles that a request is about, article by article; nothing where none is meant.

    Args:
        question: as it stands alone.
        search: finds passages for a topic.
        article: gives an indexed article.
    """
    about = topic(question)
    if not about:
        return []
    found = search(about)
    articles = {passage.source: article(passage.source) for passage in found.passages}
    meant = articles_meant(found.searched_for, found.language, found.passages, articles)
    return [quote for source in meant for quote in outline(articles[source], SENTENCES.get(len(meant), MORE))]


def topic(question: str) -> str:
    """What a request for a summary or a comparison is about; empty where that cannot be told."""
    question = " ".join(nfc(question).split())
    folded = fold(question).lower()
    if len(question) > LONGEST or len(folded) != len(question):
        return ""
    before, behind = _BEFORE.match(folded), _BEHIND.search(folded)
    begin, end = before.end() if before else 0, behind.start() if behind else len(question)
    # Names are never fillers: `Lai Châu`, `Cửa Lò`.
    while before and (filler := _FILLER.match(folded, begin)) and question[begin + 1].islower():
        begin = filler.end()
    about = question[begin:end].strip(" ,:?.") if begin < end else ""
    # A word that is capitalised only because it begins the sentence would be taken for a name.
    small = not before and fold(about.partition(" ")[0]).lower() in _GENERIC
    return f"{about[0].lower()}{about[1:]}" if small else about


def articles_meant(
    topic: str, language: str, passages: Sequence[Passage], articles: Mapping[str, Article]
) -> list[str]:
    """The articles that a topic names, the likeliest first; none where it is about something else.

    Args:
        topic: as searched.
        passages: found for the topic, the best first.
        articles: those of the passages, by source.
    """
    texts = {source: _about(article) for source, article in articles.items()}
    whole = {source: f"{texts[source]}\n{article.text}" for source, article in articles.items()}
    relevant = relevant_articles(topic, language, whole)
    mentions = find_mentions(f", {topic}")
    names = {fold(mention.name).lower() for mention in mentions if mention.kind != "time"}
    best: dict[str, float] = {}
    for passage in passages:
        best[passage.source] = max(best.get(passage.source, 0.0), passage.score)
    days = _days(topic)
    titles = [source for source in best if _holds_title(topic, articles[source].title)]
    if titles:
        return titles[:ARTICLES]
    meant: list[str] = []
    told: set[str] = set()
    for source, score in sorted(best.items(), key=lambda each: -each[1]):
        if source not in relevant or not _is_about(topic, texts[source], articles[source].text):
            continue
        if not days <= _days(whole[source]):
            continue
        known = {name for name in names if name in fold(texts[source]).lower()}
        # A comparison names one thing of each article; what several articles tell of one thing is near.
        if known - told or (mentions and known == names and score >= NEAR):
            meant.append(source)
            told |= known
    return meant[:ARTICLES] if told == names else []


def outline(article: Article, sentences: int) -> list[Quote]:
    """The first two sentences of an article, then the first of each paragraph: so many at most."""
    passage = without_instructions(
        Passage(
            id=article.source,
            source=article.source,
            start=0,
            end=len(article.text),
            text=article.text,
            score=1.0,
            dense=1.0,
            lexical=1.0,
            title=article.title,
            published=article.published,
            outlet=article.outlet,
            url=article.url,
            sha256=article.sha256,
            place=article.place,
            sentences=tuple(sentence_spans(article.text)),
        )
    )
    told = [span for span in passage.sentences if len(article.text[slice(*span)].split()) >= SHORTEST]
    leading = [
        span for at, span in enumerate(told) if at < 2 or "\n" in article.text[told[at - 1][1] : span[0]]
    ]
    return [Quote(passage, *span) for span in leading[:sentences]]


def _days(text: str) -> set[str]:
    """The days and months that a text names."""
    return {token for date in find_dates(nfc(text)) for token in date_tokens(date)}


def _holds_title(topic: str, title: str) -> bool:
    plain = " ".join(WORD.findall(fold(title).lower()))
    return len(plain.split()) >= SHORTEST and plain in " ".join(WORD.findall(fold(topic).lower()))


def _about(article: Article) -> str:
    first = next(iter(sentence_spans(article.text)), (0, 0))
    told = (article.title, article.place, article.published or "", article.text[slice(*first)])
    return "\n".join(part for part in told if part)


def _is_about(topic: str, about: str, text: str) -> bool:
    """Whether the beginning of an article speaks of what a topic adds to its names, if anything."""
    own = [word for word in WORD.findall(nfc(topic)) if word == word.lower() and not word.isdigit()]
    language = guess_language(text)
    stop = FUNCTION_WORDS.get("en", frozenset())
    telling = [word for word in own if fold(word) not in _GENERIC and word not in stop]
    if not telling:
        return True
    if guess_language(topic) not in (language, "und"):
        return False
    known = set(WORD.findall(fold(about).lower()))
    return sum(fold(word) in known for word in telling) >= SAME_WORDS * len(telling)
