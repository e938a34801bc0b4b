"""Pure text functions for Vietnamese: normalising, folding, syllables, language, diacritics.

Nothing here reads a file or knows of an index. Folding maps `Đắk Nông` to `dak nong`, one character to one
character, so that a match in folded text can be cut out of the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

WORD = re.compile(r"\w+")
"""A syllable, a foreign word or a number, in NFC text."""

_LETTERS = "aăâeêioôơuưy"
_MARKS = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_ACCENTED = frozenset(
    form
    for letter in _LETTERS
    for mark in _MARKS
    for form in (unicodedata.normalize("NFC", base + mark) for base in (letter, letter.upper()))
    if form not in "aeiouyAEIOUY"
) | {"đ", "Đ"}
_SHARED_WITH_OTHERS = frozenset("àáâãèéêìíòóôõùúýÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝ")
_VIETNAMESE_ONLY = _ACCENTED - _SHARED_WITH_OTHERS


class _FoldTable(dict[int, str]):
    """Code point → folded character, worked out when first met. Combining marks fold to nothing."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in "đĐ":
            folded = "d"
        elif unicodedata.combining(char):
            folded = ""
        else:
            parts = unicodedata.normalize("NFD", char)
            folded = (parts[0] if all(map(unicodedata.combining, parts[1:])) else char).lower()
            folded = folded if len(folded) == 1 else char
        self[code] = folded
        return folded


_FOLD = _FoldTable()


def nfc(text: str) -> str:
    """Compose characters (Unicode NFC). `\\w+` on decomposed text would split `Việt`."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Lower-case and strip diacritics, with `đ` to `d`.

    NFC Vietnamese text keeps its length, so offsets stay valid. Text with loose combining marks gets
    shorter: use `fold_with_offsets` where that may happen.
    """
    return text.translate(_FOLD)


def fold_with_offsets(text: str) -> tuple[str, list[int]]:
    """Fold any text, and say where each folded character came from.

    Returns:
        The folded text, and `len(folded) + 1` offsets: folded character `i` stands for
        `text[offsets[i]:offsets[i + 1]]`, and the last offset is `len(text)`.
    """
    folded: list[str] = []
    offsets: list[int] = []
    for position, char in enumerate(text):
        replacement = _FOLD[ord(char)]
        if replacement:
            folded.append(replacement)
            offsets.append(position)
    if offsets:
        offsets[0] = 0
    offsets.append(len(text))
    return "".join(folded), offsets


_OPEN_GLIDE = re.compile(r"(o)([àáảãạ]|[èéẻẽẹ])(?!\w)|(?<![qQ])(u)([ỳýỷỹỵ])(?!\w)", re.IGNORECASE)


def place_tones(text: str) -> str:
    """Write the tone of open `oa`, `oe`, `uy` on the first vowel: `hoà` → `hòa`, `thuý` → `thúy`.

    Both spellings are in use for the same syllable; `quý` and closed syllables (`hoàn`) have only one.
    The length does not change.
    """
    return _OPEN_GLIDE.sub(_move_tone, text)


def _move_tone(match: re.Match[str]) -> str:
    first, second = match.group(1) or match.group(3), match.group(2) or match.group(4)
    parts = unicodedata.normalize("NFD", second)
    return unicodedata.normalize("NFC", first + parts[1]) + parts[0]


_FREE_Y = re.compile(r"\b([hklmst])([yỳýỷỹỵ])\b")
_Y_TO_I = str.maketrans("yỳýỷỹỵ", "iìíỉĩị")


@lru_cache(maxsize=4096)
def normal_form(text: str) -> str:
    """The form in which spellings are compared: NFC, lower case, one tone placement, `ký` as `kí`."""
    text = nfc(place_tones(nfc(text).lower()))
    return _FREE_Y.sub(lambda match: match.group(1) + match.group(2).translate(_Y_TO_I), text)


def syllables(text: str) -> list[str]:
    """Syllables, foreign words and numbers of a text, in `normal_form`, in order."""
    return WORD.findall(normal_form(text))


def has_diacritics(text: str) -> bool:
    """Whether any character is one that Vietnamese writes with a diacritic (`đ` among them)."""
    return not _ACCENTED.isdisjoint(nfc(text))


_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?"
    r"(?:(?:uye|ieu|yeu|oai|oay|oeo|uay|uoi|uou|uya|uyu|uo|ie|ye|oa|oe|oo|ua|ue|uy|ia|ai|ao|au|ay|eo|eu|iu|oi|ui|uu"
    r"|[aeiouy])(?:ch|nh|ng|[cmnpt])?)"
)


@lru_cache(maxsize=65536)
def is_syllable(word: str) -> bool:
    """Whether a word, once folded, is spelled as a Vietnamese syllable can be (`nong`, but not `west`)."""
    return _SYLLABLE.fullmatch(fold(word)) is not None


FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": """the of and to in is was were are be been what which who whom whose when where why
            how did does do has have had for from with by on at as that this these those it its their his
            her they he she not or an into about many much between after before during than there can could
            would will should""",
        "fr": """le la les des du de un une et est sont que qui quoi quel quelle quels quelles dans
            pour par sur avec au aux où quand comment pourquoi combien il elle ils ce cette ces ne pas""",
        "de": """der die das den dem des ein eine einen und ist sind war was wer wie wo wann warum
            welche welcher welches mit von für auf im zu zum zur nicht auch aus bei nach wurde hat""",
        "es": """el los las una unos y es son fue que qué quién cuál cuándo dónde cómo cuántos por
            para con del al en se su no más entre como""",
        "id": """yang dan di dari untuk dengan pada adalah itu ini apa siapa kapan mana bagaimana
            berapa tidak dalam oleh sebagai ke akan telah""",
    }.items()
}
_MARKERS = """cua nguoi nhung trong duoc khong nhu bao nhieu nao gi ai dau khi vao ngay thang nam tai
    sao la co da voi cho tren duoi mot hai cac tinh huyen xa thi viec vi the bang theo tu den va hay hoac
    ban chi ong ba anh dong so may lan dien ra o phai bi se dang ten"""
_VIETNAMESE_MARKERS = frozenset(_MARKERS.split())
"""Folded syllables by which Vietnamese is known when its diacritics are left out."""
_SCRIPTS: tuple[tuple[str, str, str], ...] = (
    ("ja", "\u3040", "\u30ff"),
    ("zh", "\u4e00", "\u9fff"),
    ("ko", "\uac00", "\ud7af"),
    ("th", "\u0e00", "\u0e7f"),
    ("km", "\u1780", "\u17ff"),
    ("lo", "\u0e80", "\u0eff"),
    ("ar", "\u0600", "\u06ff"),
    ("he", "\u0590", "\u05ff"),
    ("hi", "\u0900", "\u097f"),
    ("el", "\u0370", "\u03ff"),
    ("ru", "\u0400", "\u04ff"),
)

_OTHER_SCRIPT = re.compile("[\u0370-\u1dff\u3000-\ud7af]")


@lru_cache(maxsize=1 << 12)
def guess_language(text: str) -> str:
    """Guess a BCP 47 language code from script, letters, function words and syllable shapes.

    Vietnamese typed without diacritics is `vi`. Names tell little: "Who is Võ Trọng Hải?" is English.
    Text that gives no hold is `und`.
    """
    text = nfc(text)
    for code, first, last in _SCRIPTS if _OTHER_SCRIPT.search(text) else ():
        if sum(first <= char <= last for char in text) * 3 > len(text):
            return code
    words = [word for word in WORD.findall(text.lower()) if not word.isdigit()]
    if not words:
        return "und"
    plain = [word for word in WORD.findall(text) if not word[0].isupper()] or words
    marked = sum(not _VIETNAMESE_ONLY.isdisjoint(word) for word in (words if text.isupper() else plain))
    # `do` and `the` are Vietnamese syllables too, so they say half as much as `what`.
    weight = {word: 0.5 if is_syllable(word) else 1.0 for word in words}
    hits = {
        code: sum(weight[word] for word in words if word in known) for code, known in FUNCTION_WORDS.items()
    }
    best = max(hits, key=lambda code: hits[code])
    if marked and marked >= hits[best]:
        return "vi"
    if marked == 0 and any(map(has_diacritics, plain)):
        accented = sum(map(has_diacritics, plain))
        if hits[best] < accented and all(is_syllable(word) for word in plain if has_diacritics(word)):
            return "vi"
    foreign = sum(not is_syllable(word) for word in plain)
    if best == "en" and not marked and hits[best] and 2 * foreign >= len(plain):
        other = sum(word in _VIETNAMESE_MARKERS and word not in FUNCTION_WORDS[best] for word in words)
        if hits[best] >= other:
            return best  # `Summarise the Hà Tĩnh meeting`
    shaped = sum(map(is_syllable, words)) / len(words)
    markers = sum(word in _VIETNAMESE_MARKERS for word in words)
    if (shaped >= 0.5 and markers > hits[best]) or (shaped == 1 and markers and markers >= hits[best]):
        return "vi"
    if hits[best]:
        return best
    if any(not _VIETNAMESE_ONLY.isdisjoint(word) for word in words):
        return "vi"
    return "vi" if shaped == 1 and len(words) >= 3 else "und"
