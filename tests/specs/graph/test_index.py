import pytest

from octobot.model.memory import SeenIndex
from octobot.specs.graph.index import (
    Built,
    Index,
    believe,
    broken,
    index_of,
    is_published,
    merged,
)


def package(name: str, version: str = "1-r0", *, time: int = 0, origin: str = "") -> Built:
    """Make a package."""
    return Built(name, version, origin or name, time)


def index(*names: str, newest: int = 1000, digest: str = "") -> Index:
    """Make an index of these packages."""
    return index_of([package(name, time=newest) for name in names], digest)


HUNDRED = [f"p{number}" for number in range(100)]


def test_a_version_is_published_when_it_or_a_higher_one_is_there() -> None:
    """By the spec, whichever of its packages; 10 is more than 9."""
    found = index_of([package("libcurl4", "8.10-r0", origin="curl")])
    assert is_published(found, "curl", "8.10-r0")
    assert is_published(found, "curl", "8.9-r3")
    assert not is_published(found, "curl", "8.10-r1")
    assert not is_published(found, "libcurl4", "8.10-r0")


def test_of_two_architectures_both_must_have_it() -> None:
    """What is linked counts on either."""
    one = index_of([package("a", "1-r1"), package("b")])
    other = index_of([package("a", "1-r0"), package("b")])
    both = merged([one, other])
    assert is_published(both, "b", "1-r0")
    assert not is_published(both, "a", "1-r1")
    assert {each.name for each in both.packages} == {"a", "b"}


def test_a_soname_that_nothing_provides_is_broken() -> None:
    """The specs that need it were forgotten."""
    found = index_of(
        [
            Built("a", "1-r0", "spec-a", needs_sonames=frozenset({"libx.so.1", "libc.so.6"})),
            Built("libc", "1-r0", "glibc", sonames=frozenset({"libc.so.6"})),
        ]
    )
    assert broken(found) == {"spec-a": ("libx.so.1",)}


def test_an_index_that_goes_back_is_not_believed_until_it_is_seen_twice() -> None:
    """A mirror that lags must not open or close a wave."""
    seen, doubt = believe(SeenIndex(), index(*HUNDRED, newest=2000, digest="new"))
    assert not doubt
    behind = index(*HUNDRED, newest=1500, digest="old")
    seen, doubt = believe(seen, behind)
    assert "500 s older" in doubt
    assert believe(seen, index(*HUNDRED, newest=1600, digest="other"))[1]
    again, doubt = believe(seen, behind)
    assert not doubt
    assert again.newest == 1500


def test_what_is_believed_in_between_ends_the_doubt() -> None:
    """Twice means two looks after each other."""
    seen, _ = believe(SeenIndex(), index(*HUNDRED, newest=2000, digest="a"))
    behind = index(*HUNDRED, newest=1000, digest="b")
    seen, _ = believe(seen, behind)
    seen, doubt = believe(seen, index(*HUNDRED, newest=2100, digest="c"))
    assert not doubt
    assert believe(seen, behind)[1]


@pytest.mark.parametrize(("gone", "believed"), [(5, True), (6, False)])
def test_an_index_that_loses_many_origins_is_not_believed(gone: int, *, believed: bool) -> None:
    """New ones do not outweigh those that are gone; 5 of 100 may go."""
    seen, _ = believe(SeenIndex(), index(*HUNDRED))
    fewer = index(*HUNDRED[gone:], *(f"new{number}" for number in range(50)), digest="x")
    kept, doubt = believe(seen, fewer)
    assert (not doubt) is believed
    assert doubt in ("", f"{gone} of 100 origins are gone")
    assert believe(kept, fewer)[1] == ""
