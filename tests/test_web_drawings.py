"""The timeline and the map."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from fake_assistant import ARTICLES

from rag.types import Article, Chunk
from rag.web.map import MOST_POINTS, map_html, points_of, project
from rag.web.timeline import layout, timeline_html

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>${7*7}{{7*7}}'


def article(published, source="a.md", title="A"):
    return Article(source=source, text="A.", sha256="", title=title, published=published)


def chunk(source, ordinal, text="Text."):
    return Chunk(f"{source}{ordinal}", source, ordinal, 10 * ordinal, 10 * ordinal + 5, text)


def test_dots_stand_in_the_order_of_their_dates():
    dots, ticks = layout(
        [article("2023-12-26"), article("2022-09"), article(None), article("2023-01-03")], "en"
    )
    assert [dot.article.published for dot in dots] == ["2022-09", "2023-01-03", "2023-12-26"]
    assert [dot.x for dot in dots] == sorted(dot.x for dot in dots)
    assert [tick.label for tick in ticks] == ["2022-07", "2023-01", "2023-07", "2024-01"]
    january = next(tick.x for tick in ticks if tick.label == "2023-01")
    assert january < dots[1].x < january + 1


@pytest.mark.parametrize(
    ("dates", "labels"),
    [
        (["2023-12-26"], ["2023-12", "2024-01"]),
        (["2019", "2019-05-05", "2024-01-01"], ["2018", "2020", "2022", "2024", "2026"]),
        (["1900-01-01", "2023-12-31"], ["1900", "1950", "2000", "2050"]),
        (["0001-01-01", "9990-12-31"], None),
    ],
)
def test_the_axis_has_few_ticks_and_holds_every_dot(dates, labels):
    dots, ticks = layout([article(day) for day in dates], "en")
    assert labels is None or [tick.label for tick in ticks] == labels
    assert len(ticks) <= 6
    assert all(ticks[0].x <= dot.x <= ticks[-1].x for dot in dots)


def test_articles_of_one_day_stand_above_each_other():
    dots, _ = layout([article("2023-12-26", f"{n}.md") for n in range(5)], "vi")
    assert len({dot.x for dot in dots}) == 1
    assert sorted(dot.row for dot in dots) == [0, 1, 2, 3, 4]


def test_what_is_not_on_the_timeline_is_told():
    shown = timeline_html([*ARTICLES, article("yesterday"), article("2023-13-45")], "en")
    assert "3 articles without a date." in shown
    assert "Không có bài nào rõ ngày." in timeline_html([article(None)], "vi")
    assert "26/12/2023" in timeline_html(ARTICLES, "vi")


def test_the_timeline_is_well_formed_whatever_the_titles_hold():
    hostile = [replace(ARTICLES[0], title=HOSTILE, outlet=HOSTILE, source=HOSTILE + ".md")]
    shown = timeline_html(hostile, "vi")
    names = {element.tag for element in ElementTree.fromstring(shown).iter()}
    assert names == {"figure", "svg", "line", "text", "g", "title", "circle", "p", "figcaption", "span"}


def test_a_projection_is_the_same_every_time_and_fills_the_map():
    vectors = np.random.default_rng(7).normal(size=(40, 16)).astype(np.float16)
    places = project(vectors)
    assert places.shape == (40, 2)
    assert places.min(axis=0) == pytest.approx([0, 0])
    assert places.max(axis=0) == pytest.approx([1, 1])
    assert np.array_equal(places, project(vectors.copy()))
    assert np.allclose(places, project(np.vstack([vectors, vectors]))[:40], atol=1e-3)


def test_neighbours_in_the_vectors_are_neighbours_on_the_map():
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(3, 32))
    vectors = np.vstack([centre + 0.05 * rng.normal(size=(10, 32)) for centre in centres])
    groups = project(vectors).reshape(3, 10, 2)
    within = max(np.ptp(group, axis=0).max() for group in groups)
    middles = groups.mean(axis=1)
    between = min(np.linalg.norm(middles[a] - middles[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert between > 2 * within


@pytest.mark.parametrize("count", [1, 2, 5])
def test_vectors_that_do_not_differ_stand_in_the_middle(count):
    assert project(np.ones((count, 4), np.float16)).tolist() == [[0.5, 0.5]] * count


def drawn(count, found):
    chunks = [chunk(f"{row // 4}.md", row % 4) for row in range(count)]
    points = points_of(chunks, np.random.default_rng(1).normal(size=(count, 8)))
    return map_html(points, {"0.md": "Đầu"}, found, "vi")


def test_the_passages_of_the_last_answer_light_up_in_their_order():
    shown = drawn(
        12, [{"source": "1.md", "start": 20}, {"source": "0.md", "start": 0}, {"source": "x", "start": 0}]
    )
    lit = re.findall(
        r'<g class="rag-point rag-open lit".*?data-source="(.*?)" data-start="(\d+)".*?>(\d)</text>', shown
    )
    assert lit == [("0.md", "0", "2"), ("1.md", "20", "1")]
    assert shown.count("rag-point") == 12
    assert "đoạn tìm được thứ 2" in shown


def test_each_drawing_is_one_stop_of_the_tab_key():
    best = r'tabindex="0" data-source="1.md" data-start="20"'
    shown = drawn(12, [{"source": "1.md", "start": 20}, {"source": "0.md", "start": 0}])
    assert shown.count('tabindex="0"') == len(re.findall(best, shown)) == 1
    assert drawn(12, []).count('tabindex="0"') == 1
    dots = [article("2023-12-26", f"{n}.md") for n in range(5)]
    assert timeline_html(dots, "vi").count('tabindex="0"') == 1


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_keys_are_told(language):
    for shown in (timeline_html(ARTICLES, language), map_html([], {}, [], language)):
        named = re.search(r'aria-describedby="(.+?)"', shown)[1]
        assert re.search(f'id="{named}">.*Enter', shown)


def test_of_a_large_index_a_part_is_drawn_and_all_that_is_lit():
    shown = drawn(4000, [{"source": "999.md", "start": 30}])
    assert shown.count("rag-point") <= MOST_POINTS + 1
    assert shown.count("rag-point rag-open lit") == 1
    assert "trong 4000 đoạn" in shown


def test_the_map_is_well_formed_whatever_the_texts_hold():
    points = points_of([chunk(HOSTILE, 0, HOSTILE)], np.ones((1, 4)))
    shown = map_html(points, {HOSTILE: HOSTILE}, [{"source": HOSTILE, "start": 0}], "en")
    names = {element.tag for element in ElementTree.fromstring(shown).iter()}
    assert names == {"figure", "svg", "g", "title", "circle", "text", "figcaption", "p", "span"}
