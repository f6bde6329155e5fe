"""Whatever the spec: only the intended scalars differ, every other byte is the same."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octobot.model.bump import Bumped
from octobot.model.ids import Version
from octobot.model.package import Package, UpdateBlock
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Release, Selection
from octobot.model.version import compare, parse
from octobot.specs.bump.bump import bump, rebuild
from octobot.specs.bump.changes import unexpected_changes
from octobot.specs.history.history import EDITED, kind_of, side_of
from octobot.specs.read.nodes import Map
from octobot.specs.read.package import read
from octobot.specs.read.parsing import edit_tree, read_tree
from octobot.specs.select.newest import newest
from tests.specs.bumping import NEW, bumped, candidate, drive, refused
from tests.specs.generated import VERSIONS, Pair, pairs


@settings(max_examples=150, deadline=None)
@given(pairs())
def test_a_bump_changes_the_intended_scalars_alone(pair: Pair) -> None:
    """The text after is the one that was written down beforehand, byte for byte."""
    result = bumped(pair.before, pair.new, pair.answers)
    assert result.text == pair.after
    assert isinstance(read("hello.yaml", result.text), Package)
    assert unexpected_changes("hello.yaml", pair.before, result.text) == ()


@settings(max_examples=50, deadline=None)
@given(pairs())
def test_a_bump_is_idempotent(pair: Pair) -> None:
    """The second time there is nothing to do."""
    reason = refused(pair.after, pair.new, pair.answers)
    assert reason.code is ReasonCode.EPOCH_ONLY


@settings(max_examples=50, deadline=None)
@given(pairs())
def test_what_a_bump_did_is_read_from_the_texts(pair: Pair) -> None:
    """History gives our own bumps a mechanical class, and a comment more makes it an edit."""
    before, after = edit_tree("hello.yaml", pair.before), edit_tree("hello.yaml", pair.after)
    assert isinstance(before, Map)
    assert isinstance(after, Map)
    old, new = side_of(pair.before, before), side_of(pair.after, after)
    assert set(kind_of(old, new).split("+")) <= {"commit", "epoch", "sha", "version"}
    commented = f"{pair.after}\n# a word"
    assert kind_of(old, side_of(commented, after)) == EDITED


@settings(max_examples=50, deadline=None)
@given(pairs())
def test_a_rebuild_changes_the_epoch_alone(pair: Pair) -> None:
    """Its own quotes and comment stay."""
    result = rebuild("hello.yaml", pair.before)
    assert isinstance(result, Bumped)
    (change,) = result.changes
    assert (change.field, int(change.after)) == ("package.epoch", int(change.before) + 1)
    assert unexpected_changes("hello.yaml", pair.before, result.text) == ()


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text is a package or a reason; both parsers agree about it."""
    assert isinstance(read("hello.yaml", text), Package | Reason)
    fast, edit = read_tree("hello.yaml", text), edit_tree("hello.yaml", text)
    if isinstance(fast, Reason):
        assert fast.where is not None
    if not isinstance(edit, Reason):
        assert not isinstance(fast, Reason)


@settings(max_examples=120, deadline=None)
@given(pairs(), st.integers(0, 2000), st.text(min_size=1, max_size=6))
def test_a_damaged_spec_is_refused_or_edited_rightly(pair: Pair, place: int, text: str) -> None:
    """Foreign text anywhere in the spec: a reason, or a bump that touches nothing else."""
    damaged = pair.before[:place] + text + pair.before[place:]
    outcome, _ = drive(bump("hello.yaml", damaged, candidate(pair.new)), pair.answers)
    if isinstance(outcome, Bumped):
        assert unexpected_changes("hello.yaml", damaged, outcome.text) == ()


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=5))
def test_no_name_passes_but_versions(target: str, names: list[str]) -> None:
    """Whatever a tag is called, only apk versions come out of it."""
    package = Package("hello", Version("1"), 0, "hello.yaml", UpdateBlock(), None)
    selection = newest(package, [Release(name) for name in (target, *names)])
    assert isinstance(selection, Selection)
    chosen = [c for c in (selection.newest, *selection.unchosen) if c is not None]
    assert all(c.version.isascii() and parse(c.version) for c in chosen)
    assert len(chosen) + len(selection.dropped) == len(names) + 1


@settings(max_examples=150, deadline=None)
@given(VERSIONS, VERSIONS, VERSIONS)
def test_the_order_is_an_order(a: str, b: str, c: str) -> None:
    """Antisymmetric and transitive."""
    assert compare(a, b) == -compare(b, a)
    if compare(a, b) <= 0 and compare(b, c) <= 0:
        assert compare(a, c) <= 0


@pytest.mark.parametrize("name", ["v1.0$(id)", "v1${{package.name}}", "v1\n", "-x", "v" * 10_000])
def test_hostile_targets_are_refused(name: str) -> None:
    """A candidate that slipped through elsewhere stops here."""
    text = f"package:\n  name: hello\n  version: 0\n  epoch: 0\n  x: {NEW}\n"
    outcome, _ = drive(
        bump("hello.yaml", text, Candidate(Release(name), Version(name.removeprefix("v")))), {}
    )
    assert isinstance(outcome, Reason)
    assert outcome.code is ReasonCode.BAD_VERSION
