"""A playlist's rule: required, some of the rest, any or fixed order."""

from datetime import timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from server.playlists.rules import Rule, Stop, counting, is_complete
from tests.cast import NOON

HOURS = st.lists(st.integers(0, 6), max_size=2).map(
    lambda hours: [NOON + timedelta(hours=h) for h in sorted(hours)]
)
STOPS = st.lists(st.booleans(), min_size=1, max_size=5).map(
    lambda required: tuple(Stop(str(n), needed) for n, needed in enumerate(required))
)
RULES = st.builds(Rule, STOPS, st.integers(0, 4), st.sampled_from(["any", "fixed"]))
DONE = st.dictionaries(st.sampled_from("01234"), HOURS)


@given(RULES, DONE)
def test_required_and_chosen_stops_make_it_complete(rule: Rule, done: dict[str, list]) -> None:  # type: ignore[type-arg]
    counted = counting(rule, done)
    required = [stop.activity for stop in rule.stops if stop.required]
    optional = [stop.activity for stop in rule.stops if not stop.required]
    chosen = min(rule.choose, len(optional)) if required or rule.choose else len(optional)
    expected = set(required) <= set(counted) and len(set(counted) & set(optional)) >= chosen
    assert is_complete(rule, done) == expected


@given(RULES, DONE, st.sampled_from("01234"))
def test_doing_more_never_undoes_a_completion(rule: Rule, done: dict[str, list], more: str) -> None:  # type: ignore[type-arg]
    if is_complete(rule, done):
        assert is_complete(rule, {**done, more: [*done.get(more, []), NOON + timedelta(hours=9)]})


@given(STOPS, DONE)
def test_fixed_order_counts_exactly_when_some_moments_are_in_order(
    stops: tuple[Stop, ...], done: dict[str, list]
) -> None:  # type: ignore[type-arg]
    required = tuple(stop for stop in stops if stop.required)
    moments = [done.get(stop.activity, []) for stop in required]
    in_order = any(list(chosen) == sorted(chosen) for chosen in product(*moments))
    if required:
        assert is_complete(Rule(required, order="fixed"), done) == in_order


def test_a_stop_done_too_early_counts_once_it_is_done_again() -> None:
    rule = Rule((Stop("a", True), Stop("b", True)), order="fixed")
    early = {"a": [NOON], "b": [NOON - timedelta(hours=1)]}
    assert counting(rule, early) == ["a"]
    assert is_complete(rule, {**early, "b": [*early["b"], NOON]})


def test_without_any_rule_every_stop_is_needed() -> None:
    rule = Rule((Stop("a", False), Stop("b", False)))
    assert not is_complete(rule, {"a": [NOON]})
    assert is_complete(rule, {"a": [NOON], "b": [NOON]})
    assert not is_complete(Rule(()), {})
