"""A made-up bump, recorded and made again, comes out with the same bytes."""

from hypothesis import given, settings

from octobot.flows.backtest.backtest import Commit, Outcome, case_of, replay
from tests.specs.generated import Pair, pairs


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_what_two_texts_show_is_enough_to_bump_again(pair: Pair) -> None:
    """Facts read from the text after answer every question of the bump."""
    case = case_of(Commit("id", 0, "hello.yaml", "by hand", pair.before, pair.after))
    assert case is not None
    result = replay(case)
    assert result.outcome is Outcome.SAME, result.diff or result.reason
    assert result.as_wanted
