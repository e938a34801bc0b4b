"""The short answer is set off inside its sentence, and stays text."""

from __future__ import annotations

import pytest

from rag.web.fragments import _around


@pytest.mark.parametrize(
    ("text", "short", "parts"),
    [
        ("Bà Trần Thị Mận đánh trống.", "trần thị mận", ("Bà ", "Trần Thị Mận", " đánh trống.")),
        ("Bà Trần Thị Mận đánh trống.", "Lê Văn An", ("Bà Trần Thị Mận đánh trống.", "", "")),
        ("Bà Trần Thị Mận đánh trống.", "", ("Bà Trần Thị Mận đánh trống.", "", "")),
        ("<b>1998</b>", "1998", ("<b>", "1998", "</b>")),
    ],
)
def test_a_sentence_is_split_around_the_short_answer(
    text: str, short: str, parts: tuple[str, str, str]
) -> None:
    assert _around(text, short) == parts
    assert "".join(_around(text, short)) == text
