"""Rules asked one by one: none may lean on another, which a later change could take away."""

from dataclasses import replace

import pytest

from octobot.model.pull_request import TreeChange
from octobot.model.reasons import Reason
from octobot.model.verdict import Outcome
from octobot.policy.age import is_old_enough, tag_is_unmoved
from octobot.policy.approvals import version_stays_in_stream
from octobot.policy.checks import required_checks_succeeded, something_is_required
from octobot.policy.config.read import read
from octobot.policy.rules import only_the_spec_changes
from tests.policy.test_judge import AFTER, BEFORE, GOOD


def test_no_required_check_is_no_success_by_itself() -> None:
    """Empty is not green for either of the two rules."""
    nothing = replace(GOOD, state=replace(GOOD.state, required=(), checks=()))
    assert required_checks_succeeded(nothing).outcome is Outcome.WAIT
    assert something_is_required(nothing).outcome is Outcome.BLOCK


def test_a_release_that_was_never_seen_is_too_young_by_itself() -> None:
    """Neither old enough nor unmoved, each without the other's help."""
    unseen = replace(GOOD, memory=replace(GOOD.memory, observation=None))
    assert is_old_enough(unseen).outcome is Outcome.WAIT
    assert tag_is_unmoved(unseen).outcome is Outcome.WAIT


@pytest.mark.parametrize("path", ["curl.yaml.sh", "curl.yaml/x", "x/curl.yaml", "Curl.yaml", ""])
def test_a_path_that_only_resembles_the_specs_is_foreign(path: str) -> None:
    """The path is compared whole: neither by its beginning nor by its end."""
    change = TreeChange(path, "100644", "100644", BEFORE, AFTER)
    changed = replace(GOOD, state=replace(GOOD.state, changes=(change,)))
    assert only_the_spec_changes(changed).outcome is Outcome.BLOCK


@pytest.mark.parametrize(
    "line",
    [
        'open-pull-requests: "5\\n"',
        'open-pull-requests: "5\\n\\n"',
        'minimum-release-age: "0s\\n"',
        'minimum-release-age: "0s\\nx"',
    ],
)
def test_a_value_is_matched_whole(line: str) -> None:
    """A line end behind a number or a duration is not part of one."""
    assert isinstance(read(f"{line}\n"), Reason)


def test_a_stream_that_is_not_known_is_left_by_nobody() -> None:
    """Neither the jump's rule nor the ledger's stands in for it."""
    for snapshot in (
        replace(GOOD, jump=None),
        replace(GOOD, memory=replace(GOOD.memory, proposed=None)),
    ):
        assert version_stays_in_stream(snapshot).outcome is Outcome.BLOCK
        approved = replace(snapshot, state=replace(snapshot.state, approved=True))
        assert version_stays_in_stream(approved).outcome is Outcome.MERGE
