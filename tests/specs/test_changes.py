"""What a pull request of octobot may change, and what is unexpected in it."""

import pytest

from octobot.specs.bump.changes import unexpected_changes
from tests.specs.bumping import NEW, NEW_256, OLD, OLD_256, OTHER, SPEC

BUMPED = SPEC.replace('"1.2.3"', '"2"').replace("epoch: 4", "epoch: 0").replace(OLD, NEW)
RICH = SPEC.replace(
    "      packages: .\n", "      packages: .\n  - uses: patch\n    with:\n      patches: a\n"
) + (
    f"vars:\n  hash: {OLD_256}\n  other: {OLD_256}\n"
    "subpackages:\n  - name: docs\n    pipeline:\n      - uses: fetch\n        with:\n"
    "          uri: https://example.com/x\n          expected-sha256: ${{vars.hash}}\n"
)


def test_a_bump_is_not_unexpected_changes() -> None:
    """Version, epoch, commit; also with other comments and quotes."""
    assert unexpected_changes("hello.yaml", SPEC, BUMPED) == ()
    assert (
        unexpected_changes("hello.yaml", SPEC, BUMPED.replace("# where it comes from", "# hm"))
        == ()
    )
    assert unexpected_changes("hello.yaml", SPEC, SPEC) == ()


def test_only_a_var_that_holds_a_pin_may_change() -> None:
    """The hash behind the fetch, not the one beside it."""
    assert (
        unexpected_changes("hello.yaml", RICH, RICH.replace(f"hash: {OLD_256}", f"hash: {NEW_256}"))
        == ()
    )
    assert unexpected_changes(
        "hello.yaml", RICH, RICH.replace(f"other: {OLD_256}", f"other: {NEW_256}")
    ) == ("vars.other",)


CHANGES = {
    "the build": (("packages: .", "packages: ./..."), "pipeline[1].with.packages"),
    "a repository": (("example/hello\n", "example/evil\n"), "pipeline[0].with.repository"),
    "a tag": (("tag: v", "tag: w"), "pipeline[0].with.tag"),
    "a commit that is none": ((NEW, "main"), "pipeline[0].with.expected-commit"),
    "a commit with a template": ((NEW, "${{vars.x}}"), "pipeline[0].with.expected-commit"),
    "a version that is none": (('"2"', '"2$(id)"'), "package.version"),
    "an older version": (('"2"', '"1"'), "package.version"),
    "an epoch that is none": (("epoch: 0", "epoch: x"), "package.epoch"),
    "a new key": (("  epoch: 0", "  epoch: 0\n  url: x"), "package.url"),
    "a key less": (("  description: says hello\n", ""), "package.description"),
    "the name": (("name: hello", "name: evil"), "package.name"),
    "a step more": (("  - uses: go/build", "  - runs: id\n  - uses: go/build"), "pipeline[1].runs"),
    "a step at the end": (
        ("      packages: .\n", "      packages: .\n  - runs: id\n"),
        "pipeline[2]",
    ),
    "a step less": (("  - uses: go/build\n    with:\n      packages: .\n", ""), "pipeline[1]"),
    "another kind of value": (("packages: .", "packages: [.]"), "pipeline[1].with.packages"),
    "a new part": (("update:\n", "test:\n  pipeline: []\nupdate:\n"), "test"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_everything_else_is_unexpected_changes(kind: str) -> None:
    """Each with a path that a person can read."""
    (before, after), path = CHANGES[kind]
    changed = BUMPED.replace(before, after, 1)
    assert changed != BUMPED
    assert path in unexpected_changes("hello.yaml", SPEC, changed)


@pytest.mark.parametrize(
    "after",
    ["", "- a", BUMPED + "a: [", BUMPED + "package:\n  name: evil\n", "\ufeff" + BUMPED],
)
def test_what_cannot_be_read_is_unexpected_changes(after: str) -> None:
    """Broken YAML, another version behind the first, a byte order mark."""
    assert unexpected_changes("hello.yaml", SPEC, after) == ("<spec>",)
    assert unexpected_changes("hello.yaml", after, BUMPED) == ("<spec>",)


PRUNABLE = SPEC.replace(
    "  - uses: go/build",
    "  - uses: go/bump\n    with:\n      deps: |-\n        a.example/x@v1\n        b.example/y@v1\n"
    "      modroot: x\n\n  - uses: go/build",
).replace(
    f"expected-commit: {OLD}\n",
    f"expected-commit: {OLD}\n      depth: -1\n      cherry-picks: |\n        main/{OTHER}: x\n",
)


def test_pruning_is_not_unexpected_changes() -> None:
    """A step, a dependency, cherry-picks with their depth."""
    step = PRUNABLE[PRUNABLE.index("  - uses: go/bump") : PRUNABLE.index("  - uses: go/build")]
    picks = f"      depth: -1\n      cherry-picks: |\n        main/{OTHER}: x\n"
    for gone in (step, "        a.example/x@v1\n", picks, picks.replace("      depth: -1\n", "")):
        assert unexpected_changes("hello.yaml", PRUNABLE, PRUNABLE.replace(gone, "")) == ()


def test_pruning_cannot_hide_a_change() -> None:
    """A dependency cannot rise, a pick not be exchanged, the depth not go alone."""
    for before, after, path in (
        ("a.example/x@v1", "a.example/x@v2", "pipeline[1].with.deps"),
        ("b.example/y@v1", "b.example/y@v1\n        c.example/z@v1", "pipeline[1].with.deps"),
        ("modroot: x", "modroot: y", "pipeline[1].with.modroot"),
        (OTHER, NEW, "pipeline[0].with.cherry-picks"),
        ("      depth: -1\n", "", "pipeline[0].with.depth"),
    ):
        changed = unexpected_changes("hello.yaml", PRUNABLE, PRUNABLE.replace(before, after, 1))
        assert path in changed
