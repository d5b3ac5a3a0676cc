import pytest

from formloom.web.faces import TONES, initials, tone


@pytest.mark.parametrize(
    ("name", "narrow", "wide"),
    [
        ("Amy Chen", "AC", "AC"),
        ("Li Lei 李雷", "雷", "李雷"),
        ("王芳", "芳", "王芳"),
        ("欧阳娜娜", "娜", "娜娜"),
        ("cher", "C", "C"),
        ("José María Núñez", "JN", "JN"),
        ("", "?", "?"),
        ("---", "?", "?"),
    ],
)
def test_a_face_says_a_name_in_two_letters_or_one_character(name: str, narrow: str, wide: str) -> None:
    assert (initials(name), initials(name, wide=True)) == (narrow, wide)


def test_a_name_always_has_the_same_colour() -> None:
    assert tone("李雷") == tone("李雷")
    assert {tone(f"person {number}") for number in range(200)} == set(TONES)
