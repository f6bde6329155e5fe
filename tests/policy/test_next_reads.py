"""What is read next, or not at all, for a pull request as it stands."""

from dataclasses import replace

import pytest

from octobot.model.pull_request import RequiredCheck
from octobot.model.verdict import Snapshot
from octobot.policy.checks import names_a_status
from octobot.policy.final_check import is_being_computed, mergeable_is_next
from octobot.policy.judge import judge
from octobot.policy.requirements import way_of
from tests.policy.test_judge import (
    BAD_CONFIG,
    GOOD,
    LEGAL,
    Change,
    all_of,
    config,
    memory,
    pull,
    state,
)

UNKNOWN = pull(mergeable=None)


def unreadable(snapshot: Snapshot) -> Snapshot:
    """Break the repository's file."""
    return replace(snapshot, config=BAD_CONFIG)


def test_whether_github_can_merge_is_read_when_it_alone_is_missing() -> None:
    """Beside the final check, which comes after it; not where something else is missing."""
    for change in (UNKNOWN, all_of(UNKNOWN, memory(final_check=None))):
        assert mergeable_is_next(change(GOOD), judge(change(GOOD)))
    closed = all_of(UNKNOWN, pull(state="closed"))(GOOD)
    assert not mergeable_is_next(closed, judge(closed))
    assert not mergeable_is_next(GOOD, judge(GOOD))


def test_what_github_computes_is_waited_for() -> None:
    """Only where nothing comes before it."""
    assert is_being_computed(judge(UNKNOWN(GOOD)))
    assert not is_being_computed(judge(pull(mergeable=False)(GOOD)))
    assert not is_being_computed(judge(GOOD))


@pytest.mark.parametrize(
    ("change", "way"),
    [
        (unreadable, None),
        (config(merge_by="queue"), "queue"),
        (all_of(config(merge_by="queue"), state(hidden=frozenset({"queue"}))), "api"),
        (all_of(config(merge_by="auto"), state(hidden=frozenset({"queue"}))), "auto"),
    ],
)
def test_the_way_of_merging_is_one_that_github_shows(change: Change, way: str | None) -> None:
    """What cannot be seen could not be cancelled; unreadable settings have none."""
    assert way_of(change(GOOD)) == way


def test_statuses_matter_where_the_file_names_one() -> None:
    """A check run is none."""
    assert names_a_status(config(required_checks=(RequiredCheck("a", 1), LEGAL))(GOOD).config)
    assert not names_a_status(config(required_checks=(RequiredCheck("a", 1),))(GOOD).config)
    assert not names_a_status(BAD_CONFIG)
