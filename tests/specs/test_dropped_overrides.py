"""Raised dependencies that must not fall back, found out from the texts alone."""

from collections.abc import Mapping

import pytest

from octobot.model.bump import Answer, Ask, GoModOf
from octobot.model.reasons import Reason, ReasonCode
from octobot.specs.bump.dropped_overrides import dropped
from tests.specs.bumping import HELLO, SPEC

TEXT = "example.com/text"
NET = "example.com/net"
TAG = "refs/tags/v1.2.3"


def raised(step: str, spec: str = SPEC) -> str:
    """Write hello's spec with one more step."""
    return spec.replace("  - uses: go/build", f"{step}\n  - uses: go/build")


def bumps(*deps: str, uses: str = "go/bump", more: str = "") -> str:
    """Write hello's spec with a step that raises these."""
    listed = "".join(f"        {dep}\n" for dep in deps)
    return raised(f"  - uses: {uses}\n    with:\n{more}      deps: |-\n{listed}")


def look(
    before: str, after: str, gomod: Mapping[str, str] | None = None
) -> tuple[Reason | None, list[Ask]]:
    """Drive one comparison; every `go.mod` answers the same."""
    conversation = dropped("hello.yaml", before, after)
    asked: list[Ask] = []
    answer: Answer = None
    while True:
        try:
            ask = conversation.send(answer)
        except StopIteration as end:
            found: Reason | None = end.value
            return found, asked
        asked.append(ask)
        answer = gomod


def code(found: Reason | None) -> ReasonCode | None:
    """Return the code alone."""
    return found.code if found else None


BOTH = bumps(f"{TEXT}@v0.3.8", f"{NET}@v0.33.0")


@pytest.mark.parametrize(
    ("after", "gomod", "expected"),
    [
        (BOTH, None, None),
        (bumps(f"{NET}@v0.33.0", f"{TEXT}@v0.3.8"), None, None),
        # upstream is where the pin was, or past it
        (bumps(f"{NET}@v0.33.0"), {TEXT: "v0.3.8"}, None),
        (bumps(f"{NET}@v0.33.0"), {TEXT: "v0.10.0"}, None),
        (SPEC, {TEXT: "v0.3.8", NET: "v0.40.0"}, None),
        # upstream is behind it, does not name it, or its version cannot be compared
        (bumps(f"{NET}@v0.33.0"), {TEXT: "v0.3.7"}, ReasonCode.OVERRIDE_DROPPED),
        (bumps(f"{NET}@v0.33.0"), {TEXT: "v0.3.8-rc1"}, ReasonCode.OVERRIDE_DROPPED),
        (bumps(f"{NET}@v0.33.0"), {NET: "v0.33.0"}, ReasonCode.OVERRIDE_DROPPED),
        (SPEC, {TEXT: "v0.3.8", NET: "v0.1.0"}, ReasonCode.OVERRIDE_DROPPED),
        (bumps(f"{NET}@v0.33.0"), {TEXT: "latest"}, ReasonCode.OVERRIDE_DROPPED),
        # lowered instead of dropped
        (bumps(f"{TEXT}@v0.3.7", f"{NET}@v0.33.0"), {}, ReasonCode.OVERRIDE_DROPPED),
        (bumps(f"{TEXT}@v0.3.7", f"{NET}@v0.33.0"), {TEXT: "v0.4.0"}, None),
        (bumps(f"{TEXT}@v0.4.0", f"{NET}@v0.33.0"), {}, None),
        (bumps(f"{TEXT}@latest", f"{NET}@v0.33.0"), {}, ReasonCode.OVERRIDE_DROPPED),
        # nobody answers
        (bumps(f"{NET}@v0.33.0"), None, ReasonCode.PIN_UNRESOLVED),
        # the other spelling of the step
        (bumps(f"{TEXT}@v0.3.8", f"{NET}@v0.33.0", uses="bump"), None, None),
    ],
)
def test_a_go_module_may_go_when_upstream_is_past_it(
    after: str, gomod: Mapping[str, str] | None, expected: ReasonCode | None
) -> None:
    """The new version's own `go.mod` decides, and only what goes is asked about."""
    assert code(look(BOTH, after, gomod)[0]) is expected


def test_the_file_is_that_of_the_new_version() -> None:
    """Asked at the ref that the new text checks out, in each directory of the step."""
    roots = "      modroot: |\n        cmd\n        lib\n"
    before = bumps(f"{TEXT}@v0.3.8", more=roots)
    after = SPEC.replace("1.2.3", "1.3.0")
    _, asked = look(before, after, {TEXT: "v1.0.0"})
    tag = "refs/tags/v1.3.0"
    assert asked == [GoModOf(HELLO, tag, "cmd"), GoModOf(HELLO, tag, "lib")]


def test_one_directory_that_still_needs_it_is_enough() -> None:
    """A step with two modules, of which one was left out."""
    roots = "      modroot: |\n        cmd\n        lib\n"
    before = bumps(f"{TEXT}@v0.3.8", more=roots)
    after = bumps(f"{TEXT}@v0.3.8", more="      modroot: lib\n")
    found, asked = look(before, after, {TEXT: "v0.1.0"})
    assert code(found) is ReasonCode.OVERRIDE_DROPPED
    assert asked == [GoModOf(HELLO, TAG, "cmd")]


@pytest.mark.parametrize(
    "step",
    [
        "  - uses: rust/cargobump\n    with:\n      deps: serde@1.0.217\n",
        "  - uses: maven/pombump\n    with:\n      patches: io.netty@netty@4.1.94.Final\n",
        "  - uses: uv/bump\n    with:\n      packages: urllib3==2.7.0\n",
        "  - uses: bump\n    with:\n      replaces: a.example/b=c.example/d@v1.0.0\n",
        "  - uses: npm/override\n    with:\n      packages: left-pad@1.3.0\n",
    ],
)
def test_what_nobody_can_know_waits_for_a_person(step: str) -> None:
    """No `go.mod` lists other kinds of dependencies; what stays is not asked about."""
    found, asked = look(raised(step), SPEC)
    assert code(found) is ReasonCode.OVERRIDE_DROPPED
    assert asked == []
    assert look(raised(step), raised(step)) == (None, [])


def test_a_module_outside_the_checkout_waits_for_a_person() -> None:
    """Where a step works in a folder that the source does not have, nothing is known."""
    before = bumps(f"{TEXT}@v0.3.8", more="      modroot: ../elsewhere\n")
    found, asked = look(before, SPEC, {TEXT: "v1.0.0"})
    assert code(found) is ReasonCode.OVERRIDE_DROPPED
    assert asked == []


def test_without_a_checkout_nothing_is_known() -> None:
    """A spec whose sources are archives has no `go.mod` to ask."""
    start = SPEC.index("  - uses: git-checkout")
    bare = SPEC[:start] + SPEC[SPEC.index("  - uses: go/build") :]
    step = f"  - uses: go/bump\n    with:\n      deps: {TEXT}@v0.3.8\n"
    found, asked = look(raised(step, bare), bare)
    assert code(found) is ReasonCode.OVERRIDE_DROPPED
    assert asked == []


def test_steps_of_tests_raise_nothing() -> None:
    """What a test does with dependencies is not in the package."""
    tested = (
        SPEC + "\ntest:\n  pipeline:\n    - uses: uv/bump\n      with:\n        packages: a==1\n"
    )
    assert look(tested, SPEC) == (None, [])


@pytest.mark.parametrize(("before", "after"), [("a: [", SPEC), (SPEC, "a: ["), (SPEC, "a: b\n")])
def test_what_cannot_be_read_is_no_yes(before: str, after: str) -> None:
    """A text that is not understood is answered with the reason."""
    assert look(before, after)[0] is not None
