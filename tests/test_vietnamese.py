"""Text functions: normalising, folding, tones, syllables, language, restoring diacritics."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.dates import date_tokens, find_dates, normal_number, number_tokens
from rag.restore import DiacriticRestorer
from rag.vietnamese import (
    WORD,
    fold,
    fold_with_offsets,
    guess_language,
    has_diacritics,
    is_syllable,
    nfc,
    normal_form,
    place_tones,
    syllables,
)

VIETNAMESE = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđbcdghklmnpqrstvx"
vietnamese_text = st.text(alphabet=VIETNAMESE + VIETNAMESE.upper() + " .,?0123456789/-", max_size=80)
any_text = st.text(max_size=80)


def test_folding_strips_every_vietnamese_diacritic():
    assert fold("Đắk Nông, ỦY BAN thường trực") == "dak nong, uy ban thuong truc"
    assert set(fold(VIETNAMESE)) <= set("abcdeghiklmnopqrstuvxy")


@given(vietnamese_text)
def test_folding_keeps_the_length_of_vietnamese_text(text):
    assert len(fold(text)) == len(text)


@given(any_text)
def test_fold_offsets_lead_back_to_the_whole_text(text):
    folded, offsets = fold_with_offsets(text)
    assert folded == fold(text)
    assert len(offsets) == len(folded) + 1
    assert offsets[-1] == len(text)
    assert offsets == sorted(offsets)
    if folded:
        pieces = [text[start:end] for start, end in pairwise(offsets)]
        assert "".join(pieces) == text
        assert "".join(map(fold, pieces)) == folded


@given(vietnamese_text)
def test_decomposed_text_folds_like_composed_text(text):
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


def test_folding_leaves_other_scripts_whole():
    assert fold("한국 Ελλάδα 東京") == "한국 ελλαδα 東京"


@pytest.mark.parametrize(
    ("written", "placed"),
    [("hoà", "hòa"), ("khoẻ", "khỏe"), ("thuý", "thúy"), ("THUỶ", "THỦY"), ("quý", "quý"), ("hoàn", "hoàn")],
)
def test_tone_placement(written, placed):
    assert place_tones(written) == placed


@given(any_text)
def test_tone_placement_changes_no_length_and_settles_at_once(text):
    assert len(place_tones(text)) == len(text)
    assert place_tones(place_tones(text)) == place_tones(text)


def test_spellings_of_one_syllable_meet_in_the_normal_form():
    assert normal_form("Hoà KÝ") == normal_form("hòa kí")
    assert normal_form(unicodedata.normalize("NFD", "Thuý")) == normal_form("Thúy")
    assert [normal_form(word) for word in ("quy", "tay")] == ["quy", "tay"]


def test_syllables_of_decomposed_text_are_not_split():
    assert syllables(unicodedata.normalize("NFD", "Quân khu Việt Bắc 4")) == [
        "quân",
        "khu",
        "việt",
        "bắc",
        "4",
    ]


@pytest.mark.parametrize("word", ["nghiêng", "khuya", "Đắk"[:1] + "iện", "uyên", "ở", "thuyền"])
def test_vietnamese_syllables_are_told_by_shape(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["west", "bowl", "street", "2022", "zebra"])
def test_foreign_words_have_another_shape(word):
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ai chủ trì hội nghị?", "vi"),
        ("ai chu tri hoi nghi o Dak Nong?", "vi"),
        ("Hoi nghi dien ra khi nao", "vi"),
        ("Who chaired the meeting in Đắk Nông?", "en"),
        ("Who chaired the meeting?", "en"),
        ("Qui a présidé la réunion et où ?", "fr"),
        ("Wer hat die Sitzung geleitet und wann war das?", "de"),
        ("谁主持了会议？", "zh"),
        ("Кто вёл заседание?", "ru"),
        ("123 !!", "und"),
        ("", "und"),
    ],
)
def test_language_guess(text, language):
    assert guess_language(text) == language


@given(any_text)
def test_no_text_breaks_a_function(text):
    guess_language(text)
    syllables(text)
    has_diacritics(text)
    is_syllable(text)
    find_dates(text)
    number_tokens(text)


CORPUS = [
    "Hội nghị do Ủy ban nhân dân tỉnh Đắk Nông tổ chức sáng nay.",
    "Đại tá Nguyễn Văn Hùng chủ trì hội nghị. Hội nghị thành công tốt đẹp.",
    "Ủy ban nhân dân tỉnh đã ban hành kế hoạch năm 2023.",
]
RESTORER = DiacriticRestorer.from_texts(CORPUS)


def test_diacritics_come_back_as_the_corpus_writes_them():
    assert RESTORER.restore("uy ban nhan dan tinh Dak Nong to chuc hoi nghi khi nao?") == (
        "ủy ban nhân dân tỉnh Đắk Nông tổ chức hội nghị khi nào?"
    )


def test_restored_text_keeps_case_and_punctuation():
    assert RESTORER.restore("HOI NGHI, Dak Nong!") == "HỘI NGHỊ, Đắk Nông!"


def test_partly_written_diacritics_are_completed_and_kept():
    assert (
        RESTORER.restore("hoi nghi do uy ban nhân dan tinh to chuc")
        == "hội nghị do ủy ban nhân dân tỉnh tổ chức"
    )


def test_a_fully_written_question_is_left_alone():
    question = "Ai chủ trì hội nghị do Ủy ban tổ chức?"
    assert RESTORER.restore(question) == question


@given(st.one_of(any_text, vietnamese_text))
def test_restoring_never_changes_what_has_diacritics(text):
    restored = RESTORER.restore(text)
    assert fold(restored) == fold(text)
    before, after = WORD.findall(nfc(text)), WORD.findall(nfc(restored))
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert new == old or not has_diacritics(old)


@pytest.mark.parametrize(
    "text",
    [
        "8/12",
        "08-12",
        "ngày 8 tháng 12",
        "ngay 8 thang 12",
        "8.12",
        "8 December",
        "December 8th",
        "Dec. 8",
        "2022-12-08",
    ],
)
def test_spellings_of_one_day_share_a_token(text):
    assert "#d8/12" in [token for date in find_dates(text) for token in date_tokens(date)]


@pytest.mark.parametrize(
    "text", ["tháng 12/2022", "tháng 12 năm 2022", "12/2022", "December 2022", "ngày 8-12-2022"]
)
def test_spellings_of_one_month_share_a_token(text):
    assert "#m12/2022" in [token for date in find_dates(text) for token in date_tokens(date)]


def test_a_year_is_read_where_it_is_called_one():
    assert [date.year for date in find_dates("trong năm 2023 và từ 4000 người")] == [2023]


@pytest.mark.parametrize(
    ("number", "normal"),
    [("1.200", "1200"), ("1,200,000", "1200000"), ("3,50", "3.5"), ("08", "8"), ("0", "0")],
)
def test_numbers_meet_in_one_spelling(number, normal):
    assert normal_number(number) == normal
