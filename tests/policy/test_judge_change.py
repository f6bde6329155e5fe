"""One verdict on several packages: each is judged, and the strictest wins."""

from dataclasses import replace
from datetime import timedelta

import pytest

from octobot.model.bump import Proposed
from octobot.model.config import Config, PackageRule
from octobot.model.ids import Sha
from octobot.model.pull_request import TreeChange
from octobot.model.reasons import ReasonCode
from octobot.model.release import Observation
from octobot.model.verdict import Outcome, Snapshot
from octobot.policy.judge import judge, judge_change
from octobot.policy.rules import blob_id
from tests.policy.test_judge import AFTER, BEFORE, GOOD, NOW, OTHER, Change, memory, state

BLOB = Sha(blob_id(AFTER))
CHANGES = tuple(
    TreeChange(path, "100644", "100644", BEFORE, AFTER) for path in ("a.yaml", "b.yaml", "c.yaml")
)


def of(package: str, *changes: Change) -> Snapshot:
    """Return the snapshot of one package of a pull request for a, b and c."""
    old = GOOD.memory.proposed
    assert old
    files = tuple((change.path, BLOB) for change in CHANGES)
    row: Proposed = replace(old, package=package, files=files)
    snapshot = state(changes=CHANGES)(memory(proposed=row)(GOOD))
    for change in changes:
        snapshot = change(snapshot)
    return snapshot


def file(*rules: PackageRule) -> Change:
    """Return the change of a snapshot that sets the rules of the repository's file."""
    return lambda s: replace(s, config=Config(packages=rules))


def test_one_package_is_judged_as_ever() -> None:
    """Nothing is different for a pull request of one package."""
    assert judge_change([GOOD]) == judge(GOOD)


def test_what_all_agree_on_is_said_once() -> None:
    """Three packages that may all be merged are one verdict to merge."""
    verdict = judge_change([of("a"), of("b"), of("c")])
    assert (verdict.outcome, verdict.package) == (Outcome.MERGE, "")
    assert verdict.reason.code is ReasonCode.READY
    assert [ruling.outcome for ruling in verdict.rulings] == [Outcome.MERGE] * len(verdict.rulings)


def test_the_strictest_package_decides_and_is_named() -> None:
    """One package's hold is the group's, and the reason says whose it is."""
    held = file(PackageRule("b", hold="ABI"))
    verdict = judge_change([of("a", held), of("b", held), of("c", held)])
    assert (verdict.outcome, verdict.package) == (Outcome.WAIT, "b")
    assert verdict.reason.code is ReasonCode.ON_HOLD
    assert verdict.reason.detail.startswith("b: held: ABI")


def test_a_block_weighs_more_than_a_wait_of_an_earlier_rule() -> None:
    """As among the rules of one package."""
    moved = memory(tag_now=OTHER)
    held = file(PackageRule("a", hold="ABI"))
    verdict = judge_change([of("a", held), of("b", held), of("c", held, moved)])
    assert (verdict.outcome, verdict.package) == (Outcome.BLOCK, "c")
    assert verdict.reason.code is ReasonCode.TAG_MOVED


def test_what_keeps_all_of_them_is_nobodys_own() -> None:
    """A conflict is the pull request's, and so no package is named."""
    conflict = [
        replace(one, state=replace(one.state, pull=replace(one.state.pull, mergeable=False)))
        for one in (of("a"), of("b"))
    ]
    verdict = judge_change(conflict)
    assert (verdict.reason.code, verdict.package) == (ReasonCode.CONFLICT, "")
    assert verdict.reason == judge(conflict[0]).reason


def test_the_youngest_release_decides_when_to_look_again() -> None:
    """Each has its own age; the group is as old as its youngest."""
    seen = [NOW - timedelta(hours=hours) for hours in (1, 5, 48)]
    each = [
        of(name, memory(observation=Observation("v1.1", GOOD.memory.tag_now, None, first)))
        for name, first in zip("abc", seen, strict=True)
    ]
    verdict = judge_change(each)
    assert (verdict.reason.code, verdict.package) == (ReasonCode.MINIMUM_RELEASE_AGE, "a")
    assert verdict.again == seen[0] + timedelta(hours=24)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (CHANGES[:2], "it changes a.yaml, b.yaml; only a.yaml, b.yaml, c.yaml may"),
        (
            (*CHANGES, replace(CHANGES[0], path="d.yaml")),
            "it changes a.yaml, b.yaml, c.yaml, d.yaml; only",
        ),
        ((CHANGES[0], *CHANGES), "it changes a.yaml, a.yaml, b.yaml, c.yaml; only"),
        ((*CHANGES[:2], replace(CHANGES[2], after_mode="100755")), "c.yaml changes its mode"),
        ((*CHANGES[:2], replace(CHANGES[2], after=BEFORE)), "c.yaml does not change"),
    ],
    ids=["one less", "one more", "one twice", "a mode", "one unchanged"],
)
def test_exactly_the_proposed_files_change(changes: tuple[TreeChange, ...], found: str) -> None:
    """Not one more, not one less, each as a plain edit."""
    verdict = judge_change([of(name, state(changes=changes)) for name in "abc"])
    assert verdict.reason.code is ReasonCode.UNEXPECTED_CHANGE
    assert verdict.reason.detail.startswith(found)


def test_each_file_is_the_one_that_was_proposed_for_it() -> None:
    """Two texts that change places are not what was proposed."""
    other = 'version: "1.2"\n'
    files = (("a.yaml", BLOB), ("b.yaml", Sha(blob_id(other))))
    old = GOOD.memory.proposed
    assert old
    row = replace(old, package="a", files=files)
    swapped = (replace(CHANGES[0], after=other), CHANGES[1])
    verdict = judge(state(changes=swapped)(memory(proposed=row)(GOOD)))
    assert verdict.reason.detail == "the spec's text is not the one that octobot proposed"
    right = (CHANGES[0], replace(CHANGES[1], after=other))
    assert judge(state(changes=right)(memory(proposed=row)(GOOD))).outcome is Outcome.MERGE
