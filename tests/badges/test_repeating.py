"""Criteria that repeat the advertisement are noticed, in any language; honest ones are left alone."""

import pytest

from server.badges.repeating import repeats

OFFER = "Come and see the **famous salt barrel** that was never weighed. It waits in our cellar for you."


@pytest.mark.parametrize(
    ("criteria", "is_too_much"),
    [
        ("- See the famous salt barrel that was never weighed!", True),
        ("SEE THE FAMOUS SALT BARREL THAT WAS NEVER WEIGHED", True),
        ("- Found the barrel without a mark.\n- Wrote why nobody weighed it.", False),
        ("See the salt barrel.", False),  # too short to tell
        ("", False),
        (
            "It waits in our cellar for you.\nFound the one barrel of five that has no mark, and drew it.",
            False,
        ),
    ],
)
def test_a_repetition_is_told_from_what_was_done(criteria: str, is_too_much: bool) -> None:
    assert repeats(criteria, OFFER).is_too_much is is_too_much


def test_it_says_which_sentence() -> None:
    found = repeats("- It waits in our cellar for you.\n- Drew it.", OFFER)
    assert found.sentences == ("It waits in our cellar for you.",)
    assert found.percent == 78


def test_other_scripts_are_compared_too() -> None:
    offer = "Приходите увидеть знаменитую бочку соли, которую никогда не взвешивали."
    assert repeats("Увидеть знаменитую бочку соли, которую никогда не взвешивали", offer).is_too_much
