"""The lexical index: what matches what, on disk and off."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.abbreviations import learn
from rag.errors import StoreError
from rag.lexical import LexicalIndex, terms
from rag.types import Chunk
from rag.vietnamese import fold

TEXTS = [
    "Sáng 8/12, Ủy ban nhân dân tỉnh Đắk Nông tổ chức hội nghị về quốc phòng.",
    "Bộ Chỉ huy Quân sự (CHQS) tỉnh Hà Tĩnh tiếp 1.200 lượt người dân.",
    "UBND huyện Krông Nô họp bàn về hoà giải ở cơ sở.",
    "Lễ hội đua thuyền diễn ra trên sông Nhật Lệ.",
]


def chunks(texts=TEXTS):
    return [Chunk(str(row), f"{row}.md", 0, 0, len(text), text) for row, text in enumerate(texts)]


@pytest.fixture(scope="module")
def index():
    return LexicalIndex.build(chunks())


def best(index, question, kinds="=~#"):
    scores = index.match([term for term in terms(question) if term[0] in kinds]).scores
    return int(np.argmax(scores)) if scores.any() else None


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("hội nghị quốc phòng", 0),
        ("HỘI NGHỊ QUỐC PHÒNG", 0),
        ("le hoi dua thuyen", 3),
        ("hòa giải", 2),
        ("việc gì xảy ra ngày 8 tháng 12?", 0),
        ("what happened on 8 December?", 0),
        ("1200 lượt", 1),
        ("Bộ CHQS", 1),
        ("sông Nhật Lệ", 3),
    ],
)
def test_a_question_finds_its_chunk(index, question, row):
    assert best(index, question) == row


def test_abbreviations_match_their_long_forms_both_ways(index):
    assert index.match(["=ubnd"]).scores.nonzero()[0].tolist() == [0, 2]
    assert index.match(["=ủy ban", "~nhan dan"]).scores.nonzero()[0].tolist() == [0, 2]
    assert index.match(["=chqs"]).scores.nonzero()[0].tolist() == [1]


def test_abbreviations_are_learned_from_brackets():
    learned = learn(["nhiệm vụ quốc phòng - quân sự địa phương (QP-QSĐP) năm 2023, MTTQ (Mặt trận Tổ quốc)"])
    assert learned == {"QPQSĐP": ("quốc phòng quân sự địa phương",), "MTTQ": ("mặt trận tổ quốc",)}


def test_a_known_abbreviation_needs_both_forms_in_the_corpus():
    assert learn(["UBND tỉnh họp."]) == {}
    assert learn(["UBND tỉnh họp.", "Ủy ban nhân dân tỉnh họp."]) == {"UBND": ("ủy ban nhân dân",)}


def test_brackets_whose_initials_disagree_teach_nothing():
    assert learn(["Đại tá Trần Văn An (CHQS) phát biểu."]) == {}


def test_rare_terms_weigh_more_and_unknown_terms_most(index):
    unknown, rare, frequent, common = index.idf(["=zzz", "=nhật", "=hội", "=của"])
    assert unknown > rare > frequent > common


def test_coverage_counts_the_share_of_idf_mass(index):
    match = index.match(["=nhật", "=zzz"])
    assert match.covered[3] == pytest.approx(match.known) == pytest.approx(index.idf(["=nhật"])[0], rel=1e-5)
    assert match.mass == pytest.approx(index.idf(["=nhật", "=zzz"]).sum(), rel=1e-5)
    assert not match.covered[:3].any()


def test_a_saved_index_answers_like_the_built_one(index, tmp_path):
    index.save(tmp_path / "lexical")
    loaded = LexicalIndex.load(tmp_path / "lexical")
    asked = terms("hội nghị tỉnh Hà Tĩnh 8-12")
    assert np.array_equal(loaded.match(asked).scores, index.match(asked).scores)
    assert loaded.abbreviations == index.abbreviations
    assert loaded.restorer.restore("hoi nghi Dak Nong") == "hội nghị Đắk Nông"


def test_an_index_that_is_damaged_or_from_another_version_is_refused(index, tmp_path):
    with pytest.raises(StoreError):
        LexicalIndex.load(tmp_path / "nothing")
    index.save(tmp_path)
    meta = tmp_path / "meta.json"
    meta.write_text(
        meta.read_text(encoding="utf-8").replace('"version": "', '"version": "other-'), encoding="utf-8"
    )
    with pytest.raises(StoreError, match="another version"):
        LexicalIndex.load(tmp_path)


def test_an_empty_corpus_can_be_indexed_and_saved(tmp_path):
    LexicalIndex.build([]).save(tmp_path)
    assert LexicalIndex.load(tmp_path).match(["=a"]).scores.shape == (0,)


@given(st.text(max_size=60))
def test_no_text_breaks_indexing_or_asking(text):
    small = LexicalIndex.build(chunks([text, "một văn bản khác"]))
    small.match(terms(fold(text)))
    small.restorer.restore(text)
