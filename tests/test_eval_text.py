"""Comparing answers: each figure is worked out by hand beside the call."""

import pytest

from eval.metrics.text import contains, exact_match, f1, facts_told, normalise, strip_markers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hòa Bình", "hoà bình"),
        ("Thuý Hằng", "Thúy Hằng."),
        ("Thanh Ho\u0301a", "Thanh Hóa"),  # decomposed and composed
        ("5.000 người", "5,000 người"),
        ("5.000 người", "5000 người"),
        ("1,5 triệu", "1.5 triệu"),
        ("ngày 03-01-2023", "ngày 3/1/2023"),
        ("“Quân khu 4”", "Quân khu 4"),
        ("quân sự - quốc phòng", "quân sự, quốc phòng"),
        ("10%", "10 %"),
    ],
)
def test_spellings_of_one_thing_are_equal(one, other):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ma", "má"),
        ("đa", "da"),
        ("1,5", "15"),
        ("3-1", "31"),
        ("the Beatles", "Beatles"),  # articles stay
        ("12.2023", "122023"),
    ],
)
def test_different_things_stay_different(one, other):
    assert normalise(one) != normalise(other)


def test_a_script_without_spaces_is_compared_character_by_character():
    assert f1("東京都", ["東京"]) == pytest.approx(2 * 2 / (3 + 2))


def test_exact_match_takes_the_best_accepted_answer():
    assert exact_match("Hà Thọ Bình.", ["Trung tướng Hà Thọ Bình", "hà thọ bình"]) == 1
    assert exact_match("ông Hà Thọ Bình", ["Hà Thọ Bình"]) == 0


def test_f1_counts_shared_words():
    # 3 of 5 words are shared with an accepted answer of 3: P = 3/5, R = 3/3.
    assert f1("Trung tướng Hà Thọ Bình", ["Hà Thọ Bình"]) == pytest.approx(2 * (3 / 5) * 1 / (3 / 5 + 1))
    assert f1("Hà Tĩnh", ["Thanh Hóa", "Hà Nội"]) == pytest.approx(2 * (1 / 2) * (1 / 2) / (1 / 2 + 1 / 2))
    assert f1("không rõ", ["Hà Nội"]) == 0
    assert f1("", ["Hà Nội"]) == 0
    assert f1("Hà Nội", []) == 0


def test_f1_counts_repeated_words_once_for_each_time_both_have_them():
    # Shared: one "xa" only; 2·1 / (3 + 1).
    assert f1("xa xa xa", ["xa"]) == pytest.approx(2 / 4)


def test_contains_wants_whole_words_in_a_row():
    assert contains("Sáng 3-1, hội nghị diễn ra tại TP Vinh.", ["tp Vinh"]) == 1
    assert contains("có 308 người", ["8"]) == 0
    assert contains("Vinh, một thành phố", ["thành phố Vinh"]) == 0
    assert contains("gì cũng được", []) == 0
    assert contains("gì cũng được", ["…"]) == 0


def test_facts_told_is_the_share_of_facts_with_any_way_to_say_them():
    facts = [["Nghệ An", "tỉnh Nghệ An"], ["Hà Tĩnh"], ["Quảng Bình"], ["Thanh Hoá"]]
    assert facts_told("Nghệ An và Thanh Hóa", facts) == 2 / 4
    assert facts_told("Nghệ An", []) == 0


def test_markers_go_but_brackets_of_the_article_stay():
    assert strip_markers("Có 16 tập thể [1], 48 cá nhân [2][3].") == "Có 16 tập thể, 48 cá nhân."
    assert strip_markers("xem chú thích [7] [1]", numbers=[1]) == "xem chú thích [7]"
