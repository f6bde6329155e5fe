"""What keeps a package that has nothing newer, and what does not."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from octobot.flows.lookup.plausible import Evidence
from octobot.flows.lookup.select import Lookup, select
from octobot.flows.lookup.stuck import tags_at
from octobot.flows.view import VersionOrders
from octobot.model.ids import Sha
from octobot.model.package import Package
from octobot.model.reasons import ReasonCode
from octobot.model.release import Release, WorkingBlock
from octobot.specs.read.package import read
from octobot.specs.select.tag_names import read_name
from octobot.specs.select.working_block import working_block

SPEC = """\
package:
  name: {name}
  version: "{version}"
  epoch: 0

pipeline:
  - uses: git-checkout
    with:
      repository: https://github.com/example/hello
      tag: {tag}
      expected-commit: {commit}

update:
  enabled: true
{extra}  github:
    identifier: example/hello
{block}"""
VERSION = "${{package.version}}"
TAGS = "    use-tag: true\n"
V = "    strip-prefix: v\n" + TAGS
SPRING = datetime(2026, 3, 1, tzinfo=UTC)


def commit(name: str) -> Sha:
    """Return the commit of a tag."""
    return Sha(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest())


class Case:
    """One spec, and what its upstream shows."""

    def __init__(
        self,
        version: str = "1.0",
        *,
        tag: str = "v" + VERSION,
        block: str = V,
        name: str = "hello",
        extra: str = "",
    ) -> None:
        own = tag.replace(VERSION, version)
        self.text = SPEC.format(
            name=name, version=version, tag=tag, commit=commit(own), block=block, extra=extra
        )
        package = read(f"{name}.yaml", self.text)
        assert isinstance(package, Package)
        self.package = package
        self.releases: Sequence[Release] = ()

    def select(
        self,
        *names: str,
        days: int = 0,
        unreleased: Collection[str] = (),
        orders: VersionOrders | None = None,
        gone: Sequence[str] = (),
    ) -> Lookup:
        """Select among names, oldest first, `days` apart; 0: nobody knows their dates."""
        self.releases = [
            Release(
                name,
                commit(name),
                commit(name),
                committed=SPRING + timedelta(days=days * number) if days else None,
                unreleased=name in unreleased,
            )
            for number, name in enumerate(names)
        ]
        evidence = Evidence(self.text, gone=gone)
        return select(self.package, self.releases, orders or VersionOrders(), evidence)

    def block(self, found: Lookup) -> WorkingBlock | None:
        """Return the update block that would work."""
        assert found.stuck
        version = found.stuck.version
        wanted = tags_at(self.package, self.text)(version) if version else ()
        return working_block(self.package, self.text, self.releases, found.stuck, wanted)


@pytest.mark.parametrize(
    ("tag", "block", "names", "there", "checkout"),
    [
        ("v" + VERSION, V, ["v0.9", "v1.0", "1.1"], "1.1", VERSION),
        (VERSION, TAGS, ["0.9", "1.0", "v1.1"], "v1.1", "v" + VERSION),
        ("v" + VERSION, V, ["v1.0", "release-1.1"], "release-1.1", "release-" + VERSION),
        ("v" + VERSION, V, ["v1.0", "hello@1.1"], "hello@1.1", "hello@" + VERSION),
        ("v" + VERSION, V, ["v1.0", "v1_1"], "v1_1", "v1_1"),
        ("v" + VERSION, V, ["v1.0", "v1.1-final"], "v1.1-final", f"v{VERSION}-final"),
        ("v" + VERSION, V + "    tag-filter-prefix: v\n", ["v1.0", "1.1"], "1.1", VERSION),
        ("v" + VERSION, V, ["v1.0", "core-1.1", "core-1.2"], "core-1.2", "core-" + VERSION),
    ],
)
def test_newer_tags_that_are_named_otherwise(
    tag: str, block: str, names: list[str], there: str, checkout: str
) -> None:
    """The name that is there is told, and what the checkout would have to ask for."""
    case = Case(tag=tag, block=block)
    found = case.select(*names)
    assert (found.reason.code, found.target) == (ReasonCode.TAG_SCHEME_CHANGED, None)
    assert f"upstream's tag is named {there}, the spec asks for " in found.reason.detail
    working = case.block(found)
    assert working
    assert (working.name, working.tag) == (there, checkout)


@pytest.mark.parametrize(
    "names",
    [
        ["v0.9", "v1.0", "chart-1.1", "sdk/v1.2"],  # other parts of the repository
        ["v1.0", "plugin-0.9", "plugin-1.1"],  # that was there before
        ["v1.0", "7"],  # a lone number
        ["v1.0", "v1.1-rc1", "v1.1.beta2"],
        ["v1.0", "3.5"],  # too far
        ["1.1", "v1.0"],  # older, with dates
    ],
)
def test_names_that_are_not_this_projects_are_no_alarm(names: list[str]) -> None:
    """Nor are those of no final version, too far away, or older."""
    assert Case().select(*names, days=1).reason.code not in {
        ReasonCode.TAG_SCHEME_CHANGED,
        ReasonCode.FILTERED_OUT,
    }


@pytest.mark.parametrize("other", ["hatchling-v1.1", "v1.1"])
def test_a_part_of_a_repository_is_not_continued_by_another(other: str) -> None:
    """`hello-b/v1.0` is not followed by what is named for other parts, or for the whole."""
    case = Case(tag="b/v" + VERSION, block="    strip-prefix: b/v\n" + TAGS)
    assert case.select("b/v1.0", other).reason.code is not ReasonCode.TAG_SCHEME_CHANGED


def test_the_specs_own_tag_was_deleted() -> None:
    """What is there is told; a version that can be built is proposed."""
    case = Case("6.3.1", tag=VERSION, block=TAGS)
    found = case.select("6.2.0", "6.3.0")
    assert found.reason.code is ReasonCode.TAG_DELETED
    assert found.reason.detail == (
        "the spec's own tag 6.3.1 is not upstream any more; what is there: 6.3.0, 6.2.0"
    )
    assert case.block(found) is None
    assert "no tag is left" in case.select().reason.detail
    assert case.select("6.3.0", "6.3.2").reason.code is ReasonCode.UPDATE_FOUND


def test_all_tags_were_renamed() -> None:
    """The spec's own one among them, and none that it would check out is left."""
    case = Case()
    found = case.select("0.9", "1.0", "1.1")
    assert (found.reason.code, found.target) == (ReasonCode.TAG_SCHEME_CHANGED, None)
    assert found.reason.detail == "upstream's tag is named 1.0, the spec asks for v1.0"
    working = case.block(found)
    assert working
    assert (working.version, working.tag) == ("1.1", VERSION)


def test_a_tag_that_github_does_not_have_is_gone() -> None:
    """Releases show no tags, so GitHub is asked for it."""
    case = Case(block="    strip-prefix: v\n")
    assert case.select("v0.9").reason.code is ReasonCode.UP_TO_DATE
    assert case.select("v0.9", gone=("v1.0",)).reason.code is ReasonCode.TAG_DELETED


def test_releases_that_stopped() -> None:
    """The block that works follows tags."""
    case = Case(block="    strip-prefix: v\n")
    found = case.select("v1.0", "v1.1", "v1.2", unreleased=["v1.1", "v1.2"])
    assert found.reason.code is ReasonCode.RELEASES_STOPPED
    assert found.reason.detail == "v1.2 has a tag and no release; the newest release is v1.0"
    working = case.block(found)
    assert working
    assert working.version == "1.2"
    assert "    use-tag: true\n" in working.yaml
    assert working.tag == ""


@pytest.mark.parametrize("name", ["v1.1-rc1", "nightly", "v20260101", "chart-1.1", "v0.9.1"])
def test_other_tags_without_a_release_are_no_alarm(name: str) -> None:
    """They are no next versions."""
    case = Case(block="    strip-prefix: v\n")
    assert case.select("v1.0", name, unreleased=[name]).reason.code is ReasonCode.UP_TO_DATE


@pytest.mark.parametrize(
    ("tag", "block", "extra", "names"),
    [
        ("v" + VERSION, TAGS, "", ["v1.0", "v1.1"]),  # strip-prefix forgotten
        ("v" + VERSION, V + "    tag-filter-contains: stable\n", "", ["v0.9-stable", "v1.1"]),
        ("source-" + VERSION, "    use-tag: true\n", "", ["source-1.0", "source-1.1"]),
        (
            "v" + VERSION,
            V,
            "  ignore-regex-patterns:\n    - ^[^x]+$\n",
            ["v1.0", "v1.1"],
        ),
    ],
)
def test_a_filter_that_drops_the_next_versions(
    tag: str, block: str, extra: str, names: list[str]
) -> None:
    """The very tag that the spec would check out is there."""
    case = Case(tag=tag, block=block, extra=extra)
    found = case.select(*names, tag.replace(VERSION, "1.0"))
    assert found.reason.code is ReasonCode.FILTERED_OUT
    assert names[-1] in found.reason.detail
    working = case.block(found)
    assert working
    assert (working.version, working.tag) == ("1.1", "")


def test_a_filter_with_digits_is_meant_unless_it_is_silent() -> None:
    """A branch of versions may be followed on purpose; half a year without any is too long."""
    case = Case("1.0.0", block=V + "    tag-filter-prefix: v1.\n")
    names = ["v1.0.0", "v2.0.0", "v2.0.1", "v2.1.0"]
    assert case.select(*names).reason.code is ReasonCode.UP_TO_DATE
    assert case.select(*names, days=30).reason.code is ReasonCode.UP_TO_DATE
    assert case.select(*names, days=90).reason.code is ReasonCode.FILTERED_OUT
    stream = Case("1.0.0", name="hello-1", block=V + "    tag-filter-prefix: v1.\n")
    assert stream.select(*names, days=90).reason.code is ReasonCode.UP_TO_DATE


def test_a_pattern_that_drops_aliases_is_meant() -> None:
    """A lone `v3` moves with each `v3.x.y`."""
    case = Case("2.5.3", extra='  ignore-regex-patterns:\n    - "^\\\\d$"\n')
    assert case.select("v2.5.3", "v3").reason.code is ReasonCode.UP_TO_DATE


def test_numbers_that_began_again() -> None:
    """Newer by date; without dates the history must prove it."""
    case = Case("2024.1", tag=VERSION, block=TAGS)
    names = ["2023.1", "2024.1", "1.0", "1.1"]
    found = case.select(*names, days=1)
    assert found.reason.code is ReasonCode.NUMBERING_RESTARTED
    assert found.reason.detail.startswith("1.1 is newer than the spec's 2024.1")
    assert case.block(found) is None
    unproven = case.select(*names)
    assert unproven.reason.code is ReasonCode.UP_TO_DATE
    assert unproven.stuck
    assert unproven.stuck.unproven


@pytest.mark.parametrize(
    ("version", "names"),
    [
        ("2024.1", ["0.9", "1.0", "2023.1", "2024.1"]),
        ("2024.1", ["2023.1", "1.0", "2024.1", "1.1"]),  # two lines side by side
        ("12.0", ["9.0", "11.0", "12.0", "9.1", "11.1"]),  # kept for long
        ("3.0", ["2.0", "3.0", "2.1"]),
    ],
)
def test_older_lines_of_versions_are_no_alarm(version: str, names: list[str]) -> None:
    """A fix for an old version is newer in time, too."""
    case = Case(version, tag=VERSION, block=TAGS)
    assert case.select(*names, days=1).reason.code is ReasonCode.UP_TO_DATE


def test_an_ignored_version_is_no_alarm() -> None:
    """A person knows of it."""
    case = Case()
    orders = VersionOrders(ignored=(("1.1", "ann"),))
    assert case.select("v1.0", "1.1", orders=orders).reason.code not in {
        ReasonCode.TAG_SCHEME_CHANGED,
        ReasonCode.FILTERED_OUT,
    }


@pytest.mark.parametrize(
    "name",
    ["", "v", "v1.0-rc1", "1.0.0-beta", "v" * 300, "9" * 300, "\u0661.\u0662", "v1.0+k3s1"],
)
def test_what_is_no_final_version_is_not_read(name: str) -> None:
    """Pre-releases, builds, no numbers, and names that are too long."""
    assert read_name(name) is None


def test_a_hundred_thousand_names_are_read_soon() -> None:
    """And none of them takes long by itself."""
    case = Case()
    names = [f"build-{number}" for number in range(100_000)]
    assert case.select("v1.0", *names).reason.code is ReasonCode.UP_TO_DATE
    assert read_name("1-" * 120 + "x") is None
