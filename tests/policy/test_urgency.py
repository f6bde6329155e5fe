"""When the signals for hurrying are asked, and what is said of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from octobot.model.config import Ages
from octobot.model.release import Observation
from octobot.model.verdict import Outcome, Snapshot, Urgency
from octobot.policy.age import is_old_enough, old_enough_at, urgency_would_do
from octobot.policy.final_check import (
    base_is_doubted,
    base_is_next,
    overrides_hold,
    urgency_is_next,
)
from octobot.policy.judge import judge
from tests.policy.test_judge import (
    BAD_CONFIG,
    BOTH,
    GOOD,
    NOW,
    TAG,
    Change,
    all_of,
    config,
    hurried,
    jumped,
    memory,
    proposed,
    pull,
    rule,
    state,
)

HOUR = timedelta(hours=1)


def seen(ago: timedelta) -> Change:
    """Say when octobot first saw the release."""
    return memory(observation=Observation("v1.1", TAG, None, NOW - ago))


def may_hurry(ago: timedelta = 2 * HOUR, **settings: object) -> Snapshot:
    """Return a release that is too young by the full age only, and nobody asked yet."""
    said = {"vulnerability_release_age": HOUR, **settings}
    return all_of(config(**said), seen(ago))(GOOD)


def test_the_signals_are_asked_when_they_would_do() -> None:
    """Nothing but the full age is missing, and the shorter one is reached."""
    assert urgency_is_next(may_hurry(), judge(may_hurry()))
    unlooked = memory(final_check=None)(may_hurry())
    assert urgency_is_next(unlooked, judge(unlooked))


@pytest.mark.parametrize(
    "snapshot",
    [
        may_hurry(HOUR / 2),
        may_hurry(timedelta(hours=24)),
        may_hurry(vulnerability_release_age=None),
        may_hurry(automerge=False),
        memory(urgency=Urgency((), ""))(may_hurry()),
        state(checks=())(may_hurry()),
        memory(observation=None)(may_hurry()),
        replace(may_hurry(), config=BAD_CONFIG),
    ],
    ids=["young", "old", "not wanted", "a person merges", "asked", "checks", "unseen", "unread"],
)
def test_the_signals_are_not_asked_in_vain(snapshot: Snapshot) -> None:
    """Each look costs requests: not before the time, not after it, not twice."""
    assert not urgency_is_next(snapshot, judge(snapshot))


def test_the_exact_moments_count() -> None:
    """From the shorter age on, and until the full one."""
    assert urgency_would_do(may_hurry(HOUR))
    assert not urgency_would_do(may_hurry(24 * HOUR))
    assert old_enough_at(may_hurry(HOUR / 2)) == NOW + HOUR / 2
    assert old_enough_at(may_hurry(HOUR)) == NOW + 23 * HOUR
    assert old_enough_at(may_hurry(HOUR / 2, minimum_release_age=HOUR)) == NOW + HOUR / 2
    assert old_enough_at(replace(GOOD, config=BAD_CONFIG)) is None
    assert old_enough_at(memory(observation=None)(GOOD)) is None


def test_the_ruling_says_which_signal_is_missing() -> None:
    """Whoever waits for a fix reads what it waits for."""
    said = {
        "it fixes no vulnerability that is known": Urgency((), "pypi curl"),
        "it fixes GHSA-1, but no second source confirms": Urgency(("GHSA-1",), ""),
    }
    for words, urgency in said.items():
        assert words in is_old_enough(hurried(urgency)(GOOD)).reason.detail
    detail = is_old_enough(hurried(BOTH)(GOOD)).reason.detail
    assert "sooner, since it fixes GHSA-1 and pypi curl confirms it" in detail
    assert "fixes" not in is_old_enough(hurried(None)(GOOD)).reason.detail
    too_soon = hurried(BOTH, vulnerability_release_age=timedelta(hours=3))(GOOD)
    assert "no second source" not in is_old_enough(too_soon).reason.detail


@pytest.mark.parametrize(
    ("size", "outcome"),
    [("major", Outcome.WAIT), ("minor", Outcome.WAIT), ("patch", Outcome.MERGE)],
)
def test_each_size_has_its_own_age(size: str, outcome: Outcome) -> None:
    """Two days are enough for a patch, not for the others; for an unknown jump the longest."""
    ages = Ages(major=timedelta(days=7), minor=timedelta(days=3), patch=timedelta(days=1))
    sized = all_of(config(minimum_release_age=ages), jumped(size=size))
    assert is_old_enough(sized(GOOD)).outcome is outcome
    unknown = replace(sized(GOOD), jump=None)
    assert old_enough_at(unknown) == NOW + timedelta(days=5)


def test_a_rebuild_takes_nothing_new() -> None:
    """It has no release: neither age nor tag; but what it accepted of a tag has both."""
    rebuild = all_of(proposed(version="1.1-r2"), memory_without_release())
    assert judge(rebuild(GOOD)).outcome is Outcome.MERGE
    accepted = all_of(rebuild, seen(HOUR))
    assert judge(accepted(GOOD)).outcome is Outcome.WAIT


def memory_without_release() -> Change:
    """Take the release away, and keep the proposal."""
    return lambda s: replace(s, memory=replace(s.memory, observation=None, tag_now=None))


def test_a_base_that_seems_edited_is_looked_at_again() -> None:
    """Also where GitHub sees a conflict; not while something else blocks it."""
    edited = memory(base_unchanged=False)
    assert base_is_doubted(judge(edited(GOOD)))
    assert base_is_doubted(judge(pull(mergeable=False)(GOOD)))
    assert not base_is_doubted(judge(memory(base_unchanged=None)(GOOD)))
    assert not base_is_doubted(judge(GOOD))
    assert not base_is_doubted(judge(all_of(edited, pull(state="closed"))(GOOD)))


def test_the_base_is_next_when_it_alone_is_missing() -> None:
    """A branch is recreated for it only when nothing else blocks the merge."""
    behind = state(behind=True)
    assert base_is_next(judge(behind(GOOD)))
    assert base_is_next(judge(all_of(behind, memory(final_check=None))(GOOD)))
    assert not base_is_next(judge(GOOD))
    assert not base_is_next(judge(memory(final_check=None)(GOOD)))
    assert not base_is_next(judge(all_of(behind, rule(automerge=False))(GOOD)))


def test_overrides_wait_for_their_look() -> None:
    """Without the look nothing is known of them."""
    assert overrides_hold(memory(final_check=None)(GOOD)).outcome is Outcome.WAIT
