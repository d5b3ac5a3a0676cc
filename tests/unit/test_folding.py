"""Text as it is found and sorted: case, width and white space don't count; Chinese stands by its pinyin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formloom.platform.folding import SORTED_BY, fold, sort_key


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ABC", "abc"),
        ("Ａｂ１", "ab1"),
        ("Straße", "STRASSE"),
        ("a \t b", "a b"),
        (" x ", "x"),
        ("ﬁne", "FINE"),
        ("é", "É"),
    ],
)
def test_texts_that_people_take_for_the_same_fold_alike(left: str, right: str) -> None:
    assert fold(left) == fold(right)


def test_texts_that_differ_stay_different() -> None:
    assert len({fold(text) for text in ("a", "b", "ab", "王", "汪", "a b", "")}) == 7


def test_chinese_is_sorted_by_pinyin_between_latin_letters() -> None:
    names = ["Zoe", "王芳", "Amy", "李雷", "阿明", "重庆", "Bob"]
    assert sorted(names, key=lambda name: sort_key(fold(name))) == ["阿明", "Amy", "Bob", "重庆", "李雷", "王芳", "Zoe"]


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=400))
def test_a_sort_key_has_a_bounded_length_and_never_fails(text: str) -> None:
    assert len(sort_key(fold(text))) <= SORTED_BY


@given(
    st.text(alphabet=st.characters(max_codepoint=127), max_size=80),
    st.text(alphabet=st.characters(max_codepoint=127), max_size=80),
)
def test_latin_text_is_sorted_by_what_it_is_found_by(left: str, right: str) -> None:
    assert (sort_key(fold(left)) < sort_key(fold(right))) == (fold(left) < fold(right))
