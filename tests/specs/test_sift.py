"""What speaks against the greatest version, and what is chosen instead."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from octobot.model.ids import Version
from octobot.model.package import Package, UpdateBlock, Upstream
from octobot.model.reasons import ReasonCode
from octobot.model.release import Candidate, Release, Selection
from octobot.model.version import disagreement, order_key
from octobot.specs.select.newest import newest
from octobot.specs.select.sift import Doubts, sift

TAGS = Upstream("github", "example/hello", "tags")
HELLO = Package("hello", Version("1.2.3"), 0, "hello.yaml", UpdateBlock(), TAGS)
NOW = datetime(2026, 8, 22, tzinfo=UTC)


def sifted(
    *releases: Release | str, package: Package = HELLO, doubts: Doubts | None = None
) -> Selection:
    """Choose among releases, then sift."""
    found = newest(package, [r if isinstance(r, Release) else Release(r) for r in releases])
    assert isinstance(found, Selection)
    return sift(package, found, doubts or Doubts())


def chosen(selection: Selection) -> str | None:
    """Name the version that was chosen."""
    return selection.newest.version if selection.newest else None


def codes(selection: Selection) -> dict[str, ReasonCode | None]:
    """Name what was dropped, and why."""
    return {one.name: one.code for one in selection.dropped}


def dated(name: str, days: int) -> Release:
    """Make a release of so many days ago."""
    return Release(name, committed=NOW - timedelta(days=days))


@pytest.mark.parametrize("junk", ["19971201", "99999", "20240101.1", "4.0"])
def test_what_is_unusual_gives_way_to_what_is_usual(junk: str) -> None:
    """A date, a build number and a leap of majors are dropped, and said to be unusual."""
    selection = sifted(junk, "1.2.4", "1.2.3")
    assert chosen(selection) == "1.2.4"
    assert codes(selection) == {junk: ReasonCode.UNUSUAL_JUMP}
    assert "1.2.4 is newer, too" in selection.dropped[0].because


def test_a_lone_unusual_version_stays() -> None:
    """Nobody knows better: it is proposed, and waits for an approval."""
    assert chosen(sifted("4.0", "1.2.3", "1.0")) == "4.0"


def test_a_package_may_be_let_jump_farther() -> None:
    """`largest-jump` says what is usual, more or less than the default."""
    assert chosen(sifted("4.0", "1.2.4", doubts=Doubts(largest_jump=3))) == "4.0"
    assert chosen(sifted("2.0", "1.2.4", doubts=Doubts(largest_jump=0))) == "1.2.4"


def test_old_junk_is_never_chosen() -> None:
    """Unusual and older than the spec's own release: dropped even where it is alone."""
    selection = sifted(dated("19971201", 9999), dated("1.2.3", 30))
    assert chosen(selection) == "1.2.3"
    assert codes(selection) == {"19971201": ReasonCode.UNUSUAL_JUMP}
    assert "older than the spec's own" in selection.dropped[0].because


@pytest.mark.parametrize(
    ("junk", "own"),
    [
        (dated("4.0", 1), dated("1.2.3", 30)),
        (dated("4.0", 30), dated("1.2.3", 30)),
        (dated("4.0", 60), Release("1.2.3")),
        (Release("4.0"), dated("1.2.3", 30)),
        (Release("4.0", published=NOW), dated("1.2.3", 30)),
    ],
)
def test_what_is_not_known_to_be_old_is_not_junk(junk: Release, own: Release) -> None:
    """Later, the same day, or without a date."""
    assert chosen(sifted(junk, own)) == "4.0"


def test_a_usual_version_may_be_older() -> None:
    """A fix release of an old line is tagged after the next minor one: dates say nothing here."""
    assert chosen(sifted(dated("1.3.0", 60), dated("1.2.3", 30))) == "1.3.0"


def test_what_upstream_did_not_tag_gives_way() -> None:
    """The next lower version is taken, and what is missing is said."""
    untagged = Doubts(untagged=lambda one: "no tag" if one.version == "1.4" else "")
    selection = sifted("1.4", "1.3", "1.2.3", doubts=untagged)
    assert chosen(selection) == "1.3"
    assert codes(selection) == {"1.4": ReasonCode.PIN_UNRESOLVED}
    assert chosen(sifted("1.4", "1.2.3", doubts=untagged)) == "1.2.3"
    assert chosen(sifted("1.4", doubts=untagged)) is None


def test_old_tags_of_another_project_are_dropped_without_a_word() -> None:
    """A monorepo is full of them."""
    untagged = Doubts(untagged=lambda one: "no tag" if one.version == "1.4" else "")
    selection = sifted(dated("1.4", 60), dated("1.2.3", 30), doubts=untagged)
    assert (chosen(selection), codes(selection)) == ("1.2.3", {"1.4": None})


def test_a_lone_unusual_version_without_a_tag_is_not_chosen() -> None:
    """It cannot be proposed, whatever a person would say."""
    selection = sifted("9.0", "1.2.3", doubts=Doubts(untagged=lambda _: "no tag"))
    assert (chosen(selection), codes(selection)) == ("1.2.3", {"9.0": ReasonCode.UNUSUAL_JUMP})


def test_what_was_not_found_a_while_ago_gives_way() -> None:
    """Only to another newer version: alone it may come yet, and is tried."""
    missing = Doubts(missing=lambda one: "not there" if one.version == "1.4" else "")
    selection = sifted("1.4", "1.3", "1.2.3", doubts=missing)
    assert (chosen(selection), codes(selection)) == ("1.3", {"1.4": ReasonCode.PIN_UNRESOLVED})
    assert chosen(sifted("1.4", "1.2.3", doubts=missing)) == "1.4"


def test_what_a_person_ignores_stands_for_nothing() -> None:
    """An ignored usual version does not take an unusual one's place."""
    ignored = Doubts(ignored=lambda one: one.version == "1.2.4")
    selection = sifted("4.0", "1.2.4", "1.2.3", doubts=ignored)
    assert [one.version for one in (selection.newest, *selection.unchosen) if one] == [
        "4.0",
        "1.2.4",
        "1.2.3",
    ]


def test_one_version_after_the_other_passes_over_what_cannot_be() -> None:
    """With `require-sequential` the lowest that is good stays the lowest."""
    package = replace(HELLO, update=UpdateBlock(require_sequential=True))
    untagged = Doubts(untagged=lambda one: "no tag" if one.version == "1.2.4" else "")
    selection = sifted("1.2.6", "1.2.5", "1.2.4", "1.2.3", package=package, doubts=untagged)
    assert [one.version for one in selection.unchosen] == ["1.2.5", "1.2.3"]


@pytest.mark.parametrize(("here", "other"), [("0.027", "0.5.3"), ("0.5.3", "0.027")])
def test_where_apk_and_apko_disagree_nothing_is_chosen(here: str, other: str) -> None:
    """Whichever of the two would take it for greater."""
    selection = sifted(other, here, package=replace(HELLO, version=Version(here)))
    assert chosen(selection) == here
    assert codes(selection) == {other: ReasonCode.NOT_GREATER}
    assert "apk-tools" in selection.dropped[0].because
    assert "apko" in selection.dropped[0].because


def test_no_disagreement_of_the_two_orders_is_overlooked() -> None:
    """Whatever form makes apk-tools and apko differ: the version is dropped, and said to be."""
    forms = ["0.027", "0.5.3", "1.05", "1.5", "1_alpha_p1", "1_alpha1", "1.0", "1.00", "9" * 20]
    forms += [f"1.{'9' * 19}", "2024.09", "2024.10", "3.1a", "3.1.1", "3.01a", "1_p02", "1_p1"]
    found = {
        (here, other)
        for here, other in permutations(forms, 2)
        if disagreement(other, here) and order_key(other) < order_key(here)
    }
    assert len(found) > 10
    block = replace(HELLO.update, enable_prerelease_tags=True)
    for here, other in found:
        package = replace(HELLO, version=Version(here), update=block)
        assert codes(sifted(other, here, package=package)) == {other: ReasonCode.NOT_GREATER}


def test_a_version_that_both_orders_take_is_chosen_beside_it() -> None:
    """0.5.3 is doubtful after 0.027, 0.028 is not."""
    package = replace(HELLO, version=Version("0.027"))
    assert chosen(sifted("0.5.3", "0.028", "0.027", package=package)) == "0.028"


def test_what_is_old_is_no_news_to_apko() -> None:
    """A spec that went from fractions to numbers is not reminded of them for ever."""
    package = replace(HELLO, version=Version("0.5.3"))
    selection = sifted(dated("0.027", 60), dated("0.5.3", 30), package=package)
    assert codes(selection) == {}


def test_very_many_doubtful_tags_are_quickly_weighed() -> None:
    """Where nothing can be made out, the greatest is taken as ever."""
    asked: list[Candidate] = []

    def untagged(one: Candidate) -> str:
        asked.append(one)
        return "no tag"

    releases = [Release(f"1.{minor}.{patch}") for minor in range(3, 23) for patch in range(1000)]
    began = time.process_time()
    selection = sifted(*releases, "1.2.3", doubts=Doubts(untagged=untagged))
    assert time.process_time() - began < 10
    assert chosen(selection) == "1.21.999"
    assert len(asked) == 1000
