"""Groups of which only the number is told."""

import pytest

from rag.counted import only_counted
from rag.types import Citation, Passage

GIVEN = "Trường tặng bằng khen cho 16 tập thể và 48 cá nhân có thành tích."
NAMED = "Ông đề nghị đẩy mạnh hai phong trào: “Đọc sách” cùng “Trồng cây”."
BEFORE = "Bà trao cờ cho Trường Hoa Sen và Trường Hoa Mai, 2 tập thể xuất sắc."
PLACES = "Trường Hoa Sen ký kết với 6 tỉnh miền núi."


def asked(question: str, text: str, behind: str = "") -> bool:
    passage = Passage("p", "a.md", 10, 10 + len(text + behind), text + behind, 1.0, 1.0, 1.0)
    return only_counted(question, [Citation(1, "a.md", text, 10, 10 + len(text), "0" * 64)], [passage])


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Kể tên 16 tập thể được tặng bằng khen.", GIVEN),
        ("16 tập thể được tặng bằng khen là những tập thể nào?", GIVEN),
        ("Bằng khen được tặng cho 48 cá nhân, gồm những ai?", GIVEN),
        ("Liệt kê đủ sáu tỉnh đã ký kết với trường.", PLACES),
        ("Who are the 48 individuals that were given certificates?", GIVEN),
        ("List the 16 collectives.", GIVEN),
        ("Name the six provinces that signed.", PLACES),
    ],
)
def test_their_number_is_no_answer_to_who_they_are(question: str, text: str) -> None:
    assert asked(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Kể tên hai phong trào mà ông đề nghị.", NAMED),
        ("Which two movements did he propose?", NAMED),
        ("Hai tập thể xuất sắc là những tập thể nào?", BEFORE),
        ("Bao nhiêu tập thể được tặng bằng khen?", GIVEN),
        ("Trường tặng bằng khen cho những ai?", GIVEN),
        ("Trường và 6 tỉnh thực hiện những nghị quyết nào?", PLACES),
        ("Hiệu trưởng ký kết với 6 tỉnh là ai?", PLACES),
        ("Kể tên 3 tập thể được tặng bằng khen.", GIVEN),
        ("Quân khu 4 nêu nghị quyết nào?", GIVEN),
        ("Kể tên 16 cá nhân.", GIVEN),
        (
            "Which three countries took part?",
            "France, Spain and Italy were the three countries that took part.",
        ),
        ("Which three countries took part?", "The three countries France, Spain and Italy took part."),
        ("Kể tên hai tập thể được tặng cờ.", "Trường Hoa Sen và Trường Hoa Mai là 2 tập thể được tặng cờ."),
        ("Who were the two leaders who met?", "An and Minh met; the two leaders shook hands."),
        ("What were the two reasons?", "He gave two reasons, cost and time."),
        ("What were the three colours?", "It has three colours - red, white, blue."),
        ("Which two districts got flags?", "Hoa Sen và Hoa Mai được tặng cờ, có hai đại tá dự."),
        ("Which two classes won?", "Two teachers gave the flag to a class that won."),
    ],
)
def test_whoever_is_named_may_be_counted(question: str, text: str) -> None:
    assert not asked(question, text)


def test_a_list_may_follow_in_the_next_sentence() -> None:
    assert not asked("Kể tên sáu tỉnh đã ký kết.", PLACES, " Đó là Sơn La, Lai Châu, Điện Biên, Lào Cai.")
    assert asked("Kể tên sáu tỉnh đã ký kết.", PLACES, " Lễ ký diễn ra buổi sáng.")
