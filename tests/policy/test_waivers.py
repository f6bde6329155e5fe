"""What a person may waive for one head, and that nothing else is."""

from dataclasses import replace

import pytest

from octobot.model.config import Config
from octobot.model.ids import Sha
from octobot.model.orders import COMMANDS, Issued, Level, Waiver
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.verdict import Outcome
from octobot.policy.config.command_levels import level_for, waivable, waived_rules
from octobot.policy.config.read import read
from octobot.policy.judge import judge
from tests.policy.test_judge import (
    BAD_CONFIG,
    BLOCKS,
    GOOD,
    HEAD,
    NOW,
    OTHER,
    WAITS,
    Change,
    all_of,
    config,
    memory,
    rule,
)

WAIVABLE_CODES = {ReasonCode.AUTOMERGE_OFF, ReasonCode.ON_HOLD, ReasonCode.MINIMUM_RELEASE_AGE}


def waived(level: Level = "admin", head: Sha = HEAD) -> Change:
    """Let somebody of this level have said `merge` for a head."""
    return memory(waiver=Waiver(head, level, Issued(5, "ann", NOW)))


def everything() -> Change:
    """Let the repository's file allow all that may be waived."""
    return lambda s: replace(s, config=_all(s.config) if isinstance(s.config, Config) else s.config)


def _all(config_: Config) -> Config:
    return replace(config_, waive=tuple((name, "write") for name in ("automerge", "hold", "age")))


@pytest.mark.parametrize(("change", "code"), [c[1:] for c in WAITS], ids=[c[0] for c in WAITS])
def test_only_three_reasons_to_wait_are_ever_waived(change: Change, code: ReasonCode) -> None:
    """Merging switched off, a hold, an age; everything else keeps waiting."""
    verdict = judge(all_of(change, everything(), waived())(GOOD))
    merges = verdict.outcome is Outcome.MERGE
    assert not merges or code in WAIVABLE_CODES


@pytest.mark.parametrize("change", [c[1] for c in BLOCKS], ids=[c[0] for c in BLOCKS])
def test_no_reason_to_block_is_ever_waived(change: Change) -> None:
    """Whoever says so."""
    assert judge(all_of(change, everything(), waived())(GOOD)).outcome is Outcome.BLOCK


def test_a_waiver_holds_for_its_head_and_its_level() -> None:
    """Another head, or less than the file asks for, waives nothing; who did it is shown."""
    off = config(automerge=False)
    assert judge(all_of(off, waived())(GOOD)).outcome is Outcome.MERGE
    assert judge(all_of(off, waived(head=OTHER))(GOOD)).outcome is Outcome.WAIT
    assert judge(all_of(off, waived("triage"))(GOOD)).outcome is Outcome.WAIT
    assert judge(all_of(off, waived("none"))(GOOD)).outcome is Outcome.WAIT
    rulings = judge(all_of(off, waived())(GOOD)).rulings
    told = next(ruling for ruling in rulings if ruling.rule == "automerge")
    assert "waived by ann for this commit" in told.reason.detail


def test_by_itself_a_hold_needs_more_and_an_age_is_never_waived() -> None:
    """The defaults are the careful ones."""
    assert judge(all_of(rule(hold="x"), waived("write"))(GOOD)).outcome is Outcome.WAIT
    assert judge(all_of(rule(hold="x"), waived("maintain"))(GOOD)).outcome is Outcome.MERGE
    young = memory(observation=None)
    assert judge(all_of(young, waived())(GOOD)).outcome is Outcome.WAIT


def test_a_release_that_was_never_seen_is_not_waived_in() -> None:
    """Its age may be waived; that its tag is unknown may not, though the reason is the same."""
    verdict = judge(all_of(memory(observation=None), everything(), waived())(GOOD))
    told = {ruling.rule: ruling.outcome for ruling in verdict.rulings}
    assert (told["age"], told["tag"]) == (Outcome.MERGE, Outcome.WAIT)
    assert verdict.outcome is Outcome.WAIT


def test_the_file_says_who_may() -> None:
    """Levels of commands and waivers, nobody among them; unknown rules are waived for nobody."""
    said = read("commands: {bump: admin, merge: nobody}\nwaive: {hold: nobody, age: admin}\n")
    assert isinstance(said, Config)
    assert level_for(said, "bump") == "admin"
    assert level_for(said, "merge") is None
    assert level_for(said, "help") == COMMANDS["help"]
    assert waived_rules(said, "admin") == ("automerge", "age")
    assert waived_rules(BAD_CONFIG, "admin") == ()
    assert waivable(said, "commits") is None


@pytest.mark.parametrize("line", ["commands: {}", "waive: {}", "waive: {commits: admin}"])
def test_what_cannot_be_waived_is_refused(line: str) -> None:
    """An empty mapping says nothing, and no safety rule is a key."""
    assert isinstance(read(f"{line}\n"), Reason)
