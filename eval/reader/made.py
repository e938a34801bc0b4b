"""Made-up Vietnamese and English paragraphs with questions, from `made.txt` and `words.txt`.

Open reading-comprehension data in Vietnamese is not free to use; these small invented ones show the
reader how Vietnamese and English ask, and where a name, a date or a reason ends. Nothing in them is true.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from eval.reader.data import Example, Source

VI, EN = 0, 1
Pair = tuple[str, str]
MONTHS = "January February March April May June July August September October November December".split()


@dataclass
class Template:
    """One sentence in both languages, and the questions each of its gaps answers."""

    sentence: Pair
    questions: list[tuple[str, tuple[list[str], list[str]]]] = field(default_factory=list)


def read_templates(path: Path) -> list[Template]:
    """`made.txt` → templates."""
    templates: list[Template] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            vietnamese, english = line[2:].split(" | ")
            templates.append(Template((vietnamese.strip(), english.strip())))
        elif " ? " in line and not line.startswith("#"):
            gap, rest = line.split(" ? ", 1)
            sides = [[q.strip() for q in side.split(" / ") if q.strip()] for side in rest.split(" | ")]
            templates[-1].questions.append((gap.strip(), (sides[VI], sides[EN])))
    return templates


def read_words(path: Path) -> dict[str, list[Pair]]:
    """`words.txt` → gap → (Vietnamese, English) fillings."""
    words: dict[str, list[Pair]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if " | " in line and not line.startswith("#"):
            gap, rest = line.split(" | ")
            pairs = [entry.strip().split(" = ") for entry in rest.split(";") if entry.strip()]
            words[gap.strip()] = [(pair[0], pair[-1]) for pair in pairs]
    return words


class Maker:
    """Fills templates and joins them into paragraphs."""

    def __init__(self, folder: Path) -> None:
        self.templates = read_templates(folder / "made.txt")
        self.words = read_words(folder / "words.txt")

    def fill(self, gap: str, rng: random.Random) -> Pair:
        """One filling of a gap, (Vietnamese, English)."""
        kind = gap.rstrip("0123456789") if gap not in ("length2", "length3") else gap
        maker = getattr(self, f"_{kind}", None)
        if maker:
            pair: Pair = maker(rng)
            return pair
        return rng.choice(self.words[kind])

    def example(self, rng: random.Random) -> Example:
        """One question with its paragraph; one in five has no answer there."""
        side = VI if rng.random() < 0.75 else EN
        asked = VI if rng.random() < 0.5 else EN
        chosen = rng.sample(self.templates, rng.randint(2, 4))
        target = chosen[0]
        twins = 1 + (rng.random() < 0.5)
        values = [self._values(target, rng) for _ in range(twins + 1)]
        impossible = rng.random() < 0.2
        gap, text = rng.choice([(g, q) for g, sides in target.questions for q in sides[asked]])
        named = re.findall(r"\{(\w+)\}", text)
        others = values[1:twins] if not impossible else values[:twins]
        own = values[twins if impossible else 0]
        if not all(any(own[name] != other[name] for name in named) for other in others):
            return self.example(rng)  # the question would fit more than one of the sentences
        question = _put(text, own, asked)
        sentences = [_put(target.sentence[side], v, side) for v in values[:twins]]
        answered = sentences[0]
        sentences += [_put(t.sentence[side], self._values(t, rng), side) for t in chosen[1:]]
        sentences += [pair[side] + "." for pair in rng.sample(self.words["filler"], rng.randint(0, 2))]
        rng.shuffle(sentences)
        context = " ".join(_capital(sentence) for sentence in sentences)
        if rng.random() < 0.1:
            question = question.lower()
        question = _capital(question) if rng.random() < 0.9 else question
        answer = values[0][gap][side]
        if impossible:
            return Example(question, context, "", -1, context)
        before = target.sentence[side].split("{" + gap + "}")[0]
        start = context.index(_capital(answered)) + len(_put(before, values[0], side))
        if context[start : start + len(answer)] != answer:
            answer = context[start : start + len(answer)]
        return Example(question, context, answer, start, context)

    def _values(self, template: Template, rng: random.Random) -> dict[str, Pair]:
        values: dict[str, Pair] = {}
        for gap in re.findall(r"\{(\w+)\}", template.sentence[VI]):
            pair = self.fill(gap, rng)
            for _ in range(8):
                if pair not in values.values():
                    break
                pair = self.fill(gap, rng)
            values[gap] = pair
        return values

    def _person(self, rng: random.Random) -> Pair:
        if rng.random() < 0.4:
            return rng.choice(self.words["foreign"])
        name = f"{rng.choice(self.words['surname'])[0]} {rng.choice(self.words['given'])[0]}"
        title = rng.choice([("ông ", "Mr "), ("bà ", "Mrs "), ("", ""), ("", ""), ("", "")])
        return title[0] + name, title[1] + name

    def _date(self, rng: random.Random) -> Pair:
        day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(1890, 2025)
        forms = [
            f"{day}/{month}/{year}",
            f"{day} tháng {month} năm {year}",
            f"{day}/{month}",
            f"{day}-{month}-{year}",
        ]
        name = MONTHS[month - 1]
        form = rng.randrange(4)
        return forms[form], [
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{name} {day}",
            f"{day} {name} {year}",
        ][form]

    def _year(self, rng: random.Random) -> Pair:
        return _same(rng.randint(1010, 2025) if rng.random() < 0.3 else rng.randint(1850, 2025))

    def _month(self, rng: random.Random) -> Pair:
        month, year = rng.randint(1, 12), rng.randint(1960, 2026)
        if rng.random() < 0.3:
            return rng.choice(
                [("đầu năm sau", "early next year"), ("quý 3", "the third quarter"), ("mùa hè", "summer")]
            )
        return (
            f"tháng {month}/{year}" if rng.random() < 0.5 else f"tháng {month} năm {year}",
            f"{MONTHS[month - 1]} {year}",
        )

    def _time(self, rng: random.Random) -> Pair:
        hour, minute = rng.randint(1, 11), rng.choice([0, 15, 20, 30, 45, 50])
        late = rng.random() < 0.5
        text = f"{hour} giờ {minute} " if minute else f"{hour} giờ "
        clock = f"{hour}:{minute:02d} "
        return text + ("chiều" if late else "sáng"), clock + ("pm" if late else "am")

    def _n(self, rng: random.Random) -> Pair:
        n = int(10 ** rng.uniform(1, 5.5))
        n = n if n < 100 else round(n, -1)
        if rng.random() < 0.15:
            m = rng.randint(11, 99) / 10
            return f"{str(m).replace('.', ',')} triệu", f"{m} million"
        return f"{n:,}".replace(",", "."), f"{n:,}"

    def _small(self, rng: random.Random) -> Pair:
        n = rng.randint(2, 40)
        words = {
            2: ("hai", "two"),
            3: ("ba", "three"),
            4: ("bốn", "four"),
            5: ("năm", "five"),
            6: ("sáu", "six"),
        }
        return words[n] if n in words and rng.random() < 0.6 else _same(n)

    def _age(self, rng: random.Random) -> Pair:
        return _same(rng.randint(17, 79))

    def _minute(self, rng: random.Random) -> Pair:
        return _same(rng.randint(2, 90))

    def _percent(self, rng: random.Random) -> Pair:
        value = rng.randint(2, 980) / 10
        sign = rng.choice(["%", " %"])
        return f"{value:g}".replace(".", ",") + sign, f"{value:g}%"

    def _money(self, rng: random.Random) -> Pair:
        n = rng.randint(2, 990)
        unit = rng.choice(
            [("tỷ đồng", "billion dong"), ("triệu đồng", "million dong"), ("triệu USD", "million dollars"),
             ("nghìn đồng", "thousand dong"), ("triệu euro", "million euros"), ("đô la", "dollars")]
        )  # fmt: skip
        return f"{n} {unit[0]}", f"{n} {unit[1]}"

    def _length(self, rng: random.Random) -> Pair:
        n = rng.randint(12, 990) / 10
        return f"{n:g}".replace(".", ",") + " km", f"{n:g} km"

    def _length2(self, rng: random.Random) -> Pair:
        n = rng.randint(15, 400)
        return f"{n} cm", f"{n} cm"

    def _length3(self, rng: random.Random) -> Pair:
        n = rng.randint(40, 8000)
        return f"{n:,}".replace(",", ".") + rng.choice([" m", " mét"]), f"{n:,} metres"

    def _weight(self, rng: random.Random) -> Pair:
        n = rng.randint(2, 300)
        return f"{n} kg", f"{n} kg"

    def _area(self, rng: random.Random) -> Pair:
        n = rng.randint(3, 900)
        return rng.choice([(f"{n} km²", f"{n} km²"), (f"{n} hecta", f"{n} hectares")])

    def _hours(self, rng: random.Random) -> Pair:
        n = rng.randint(2, 12)
        return rng.choice([(f"{n} giờ", f"{n} hours"), (f"{n * 10} phút", f"{n * 10} minutes")])


def _same(value: int) -> Pair:
    return str(value), str(value)


def _put(text: str, values: dict[str, Pair], side: int) -> str:
    return re.sub(r"\{(\w+)\}", lambda gap: values[gap[1]][side], text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def made_source(folder: Path, *, count: int, seed: int, weight: float) -> Source:
    """`count` examples as a source to draw from."""
    maker = Maker(folder)
    rng = random.Random(f"{seed}:made")
    return Source("made", [maker.example(rng) for _ in range(count)], weight=weight)
