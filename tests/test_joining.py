"""Neighbouring chunks become one passage when the answer straddles them; what the score says."""

import pytest

from rag.retrieve import Retriever
from rag.types import Article, Filters
from tests.test_retrieve import ARTICLES, FakeIndex, HashEmbedder

STRADDLING = Article(
    "hoi-nghi.md",
    "Mùa mưa năm nay đến sớm, nhiều tuyến đường ngập sâu.\n\n"
    "Hội nghị quốc phòng tỉnh khai mạc sáng thứ năm ở hội trường lớn.\n\n"
    "Chủ trì hội nghị quốc phòng tỉnh là Đại tá Nguyễn Văn An.\n\n"
    "Giá lúa ở đồng bằng tăng nhẹ so với tuần trước.",
    "s",
    title="Tin trong tuần",
)
QUESTION = "Đại tá nào chủ trì hội nghị quốc phòng tỉnh ở hội trường lớn?"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return FakeIndex([STRADDLING, *ARTICLES], tmp_path_factory.mktemp("joined"))


@pytest.fixture(scope="module")
def retriever(index):
    return Retriever(index, HashEmbedder())


def test_an_answer_across_two_chunks_is_found_in_one_passage(retriever):
    first = retriever.search(QUESTION, k=1).passages[0]
    assert "hội trường lớn" in first.text
    assert "Đại tá Nguyễn Văn An" in first.text
    assert "Mùa mưa" not in first.text
    assert "Giá lúa" not in first.text


def test_joined_passages_stand_where_they_say(retriever, index):
    for passage in retriever.search(QUESTION, k=8).passages:
        text = index.article(passage.source).text
        assert text[passage.start : passage.end] == passage.text
        assert len(passage.sentences) == len(passage.sentence_scores)
        assert all(passage.start <= start < end <= passage.end for start, end in passage.sentences)


def test_a_joined_chunk_is_not_shown_a_second_time(retriever):
    spans = [(p.source, p.start, p.end) for p in retriever.search(QUESTION, k=8).passages]
    for source, start, end in spans:
        assert not any(
            s == source and start < e and b < end for s, b, e in set(spans) - {(source, start, end)}
        )


def test_explanations_tell_how_many_chunks_were_joined(retriever):
    passages = retriever.search(QUESTION, k=8, explain=True).passages
    assert passages[0].explain["joined"] == 2
    assert {passage.explain["joined"] for passage in passages[1:]} == {1}


def test_neighbours_that_are_far_worse_stay_apart(retriever):
    first = retriever.search("Nhiều tuyến đường ngập sâu vì mùa mưa?", k=1).passages[0]
    assert first.text == "Mùa mưa năm nay đến sớm, nhiều tuyến đường ngập sâu."


def test_the_first_score_is_the_confidence_and_the_others_fall_from_there(retriever):
    result = retriever.search(QUESTION, k=8)
    scores = [passage.score for passage in result.passages]
    assert scores[0] == result.confidence
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] < scores[0] / 2


def test_a_passage_beside_the_point_scores_less_when_the_answer_was_taken_out(retriever):
    absent = retriever.search(QUESTION, filters=Filters(exclude=("hoi-nghi.md",)))
    assert absent.passages[0].score < retriever.search(QUESTION).passages[0].score
