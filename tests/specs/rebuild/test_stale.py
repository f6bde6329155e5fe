import pytest

from octobot.specs.graph.index import Built, index_of
from octobot.specs.rebuild.stale import Age, Stale, stale
from tests.specs.graph.small_distro import builds_with, distro, makes, spec

SPECS = {
    "go": spec("go", "  annotations: {toolchain: 'true'}\n", version="1.26.4", epoch="1"),
    "libx": spec("libx", makes("libx-dev") + "update: {enabled: true, shared: true}\n"),
    "quiet": spec("quiet", makes("quiet-dev")),
    "a": spec("a", builds_with("go")),
    "b": spec("b", builds_with("go", "libx-dev")),
    "c": spec("c", builds_with("quiet-dev")),
}
AGES = {
    "go": Age(version=10, epoch=3),
    "libx": Age(version=20, epoch=20),
    "quiet": Age(version=1, epoch=1),
    "a": Age(version=100, epoch=12),
    "b": Age(version=15, epoch=9),
    "c": Age(version=50, epoch=50),
}


def test_a_spec_that_was_not_raised_since_its_toolchain_changed_is_stale() -> None:
    """By the order of commits; a library that is not `shared` says nothing about its users."""
    found = stale(distro(SPECS).graph, AGES)
    why = "builds with `go`, was not raised since it became 1.26.4-r1"
    assert found == (Stale("a", "go", why),)


def test_a_library_counts_when_it_is_shared() -> None:
    """Its users are those that build with its `-dev` package."""
    found = stale(distro(SPECS).graph, AGES | {"libx": Age(version=5, epoch=5)})
    assert [(each.spec, each.because) for each in found] == [("a", "go"), ("b", "libx")]


@pytest.mark.parametrize(("said", "names"), [("true", ["a", "b"]), ("false", ["a"])])
def test_an_epoch_of_the_toolchain_counts_where_annotations_say_so(
    said: str, names: list[str]
) -> None:
    """Otherwise its version does."""
    notes = f"  annotations: {{toolchain: 'true', toolchain-reconcile-epoch-bumps: '{said}'}}\n"
    found = stale(distro(SPECS | {"go": spec("go", notes)}).graph, AGES)
    assert [each.spec for each in found] == names


def test_what_the_history_does_not_show_is_not_stale() -> None:
    """A shallow clone knows neither when the toolchain nor when its user changed."""
    assert not stale(distro(SPECS).graph, {name: AGES[name] for name in ("a", "b")})
    assert not stale(distro(SPECS).graph, {"go": AGES["go"]})


def test_an_index_shows_who_is_linked_with_what_is_gone() -> None:
    """Whatever the history says; what is no spec here is left out."""
    index = index_of(
        [
            Built("c-bin", "1-r0", "c", needs_sonames=frozenset({"libq.so.1"})),
            Built("other", "1-r0", "other", needs_sonames=frozenset({"libq.so.1"})),
        ]
    )
    found = stale(distro(SPECS).graph, {}, index)
    assert found == (
        Stale("c", "libq.so.1", "is linked with libq.so.1, which no package provides"),
    )
