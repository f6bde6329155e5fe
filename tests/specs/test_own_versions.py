"""Which of an upstream's names are this package's: its stream's, and no aliases."""

import time
from dataclasses import replace

import pytest

from octobot.model.ids import Sha, Version
from octobot.model.package import Filters, Package, UpdateBlock, Upstream
from octobot.model.reasons import ReasonCode
from octobot.model.release import Dropped, Release, Selection
from octobot.specs.select.newest import newest
from octobot.specs.select.second_source import ahead, confirms

ONE, TWO, THREE = Sha("1" * 40), Sha("2" * 40), Sha("3" * 40)
TAGS = Upstream("github", "example/hello", "tags")
BLOCK = UpdateBlock(filters=Filters(strip_prefix="v"))
STREAM = Package("hello-2.0", Version("2.0.1"), 0, "hello-2.0.yaml", BLOCK, TAGS)
PLAIN = replace(STREAM, name="hello", path="hello.yaml")


def choose(package: Package, *releases: Release | str) -> Selection:
    """Choose among releases, or names without a commit."""
    found = newest(package, [r if isinstance(r, Release) else Release(r) for r in releases])
    assert isinstance(found, Selection)
    return found


def chosen(selection: Selection) -> str | None:
    """Name the version that was chosen."""
    return selection.newest.version if selection.newest else None


def test_the_newest_inside_the_stream_is_chosen() -> None:
    """What lies outside is dropped, with the stream's name and a code."""
    selection = choose(STREAM, "v2.1.0", "v2.0.2", "v20.0", "v2.01", "v2.0.1", "v1.9")
    assert chosen(selection) == "2.0.2"
    outside = "outside the version stream 2.0"
    assert [(one.name, one.because, one.code) for one in selection.dropped] == [
        (name, outside, ReasonCode.LEAVES_STREAM) for name in ("v2.1.0", "v20.0", "v2.01", "v1.9")
    ]


@pytest.mark.parametrize(
    ("name", "version"),
    [("hello-2.0", "2.1.0"), ("hello-18", "2.0.1"), ("php-8.3-hello", "2.0.1"), ("hello2", "2.0")],
)
def test_without_a_stream_nothing_is_outside(name: str, version: str) -> None:
    """The wrong version, another thing's number and a word's number bind nobody."""
    package = replace(STREAM, name=name, version=Version(version))
    assert chosen(choose(package, "v3.0", "v2.0.2")) == "3.0"


def test_names_in_other_alphabets_are_no_versions() -> None:
    """Digits are ASCII's; what is not is dropped as ever."""
    selection = choose(STREAM, "v２.0.2", "v2.0.٣", "版2.0.2", "v2.0.2")  # noqa: RUF001
    assert chosen(selection) == "2.0.2"
    assert {one.because for one in selection.dropped} == {"not a version"}


def test_very_many_tags_are_quickly_chosen_from() -> None:
    """Streams and aliases cost little beside the grammar and the order."""
    releases = [
        Release(f"v{major}.{minor}.{patch}", Sha(f"{patch:040x}"))
        for major in (2, 3)
        for minor in range(10)
        for patch in range(1000)
    ]
    began = time.process_time()
    selection = choose(STREAM, *releases)
    assert time.process_time() - began < 10
    assert chosen(selection) == "2.0.999"


def test_the_second_source_of_a_stream_is_compared_within_it() -> None:
    """A registry has all streams; what a person ordered outside is looked for all the same."""
    own, registry = [Release("v2.0.1")], [Release(v) for v in ("2.1.0", "2.0.1")]
    assert ahead(STREAM, own, registry) is None
    assert ahead(STREAM, own, [*registry, Release("2.0.2")]) == "2.0.2"
    assert confirms(STREAM, Version("2.1.0"), registry)
    assert not confirms(STREAM, Version("2.2.0"), registry)


@pytest.mark.parametrize("annotated", [False, True])
def test_a_name_that_goes_along_is_an_alias(*, annotated: bool) -> None:
    """`v2` and `v2.0` stand for `v2.0.1`; the tag objects of annotated tags tell nothing."""
    objects = [TWO, THREE, None] if annotated else [ONE, ONE, ONE]
    names = zip(("v2", "v2.0", "v2.0.1"), objects, strict=True)
    package = replace(PLAIN, version=Version("1.0"))
    selection = choose(package, *(Release(name, ONE, object_) for name, object_ in names))
    assert chosen(selection) == "2.0.1"
    assert selection.unchosen == ()
    assert selection.dropped == tuple(Dropped(n, "alias of v2.0.1") for n in ("v2", "v2.0"))


def test_an_alias_of_a_pre_release_is_no_release() -> None:
    """`v3` on `v3.0.0-rc.1` is not version 3."""
    selection = choose(PLAIN, Release("v3", ONE), Release("v3.0.0-rc.1", ONE), Release("v2.1", TWO))
    assert chosen(selection) == "2.1"


@pytest.mark.parametrize(
    ("names", "version"),
    [
        ({"v2": ONE, "v2.0.1": TWO}, "2.0.1"),  # at another commit: left behind, or ahead
        ({"v3": ONE, "v2.0.1": TWO}, "3"),
        ({"v3": ONE, "v30.1": ONE}, "30.1"),
        ({"v3.0": ONE, "v3.0-rc1": ONE}, "3.0"),  # a release made of its last candidate
        ({"v3.0": ONE, "v3.0.rc1": ONE}, "3.0"),
        ({"v3": ONE, "other/v3.0.1": ONE}, "3"),  # another project of the repository
        ({"v3.1": ONE, "v3.2": ONE}, "3.2"),  # one commit released twice
        ({"latest": ONE, "v3.1": ONE}, "3.1"),
        ({"v3": None, "v3.1": None}, "3.1"),  # releases without commits
    ],
)
def test_only_a_prefix_at_the_same_commit_is_an_alias(
    names: dict[str, Sha | None], version: str
) -> None:
    """Anything else is a release of its own."""
    selection = choose(PLAIN, *(Release(name, commit) for name, commit in names.items()))
    assert chosen(selection) == version


def test_separators_and_suffixes_do_not_hide_an_alias() -> None:
    """Names are compared as the update block reads them."""
    block = UpdateBlock(version_separator="_", filters=Filters("", "", "r", "-ga"))
    package = replace(PLAIN, update=block)
    selection = choose(package, Release("r3-ga", ONE), Release("r3_0_1-ga", ONE))
    assert chosen(selection) == "3.0.1"
    assert selection.dropped == (Dropped("r3-ga", "alias of r3_0_1-ga"),)
