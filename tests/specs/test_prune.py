"""What a new version makes needless goes; what is not known stays."""

import pytest

from octobot.model.bump import Answer, Ask, ContainedIn, GoModOf
from octobot.specs.bump.bump import bump
from octobot.specs.bump.changes import unexpected_changes
from octobot.specs.bump.go_modules import module_order, satisfied
from tests.specs.bumping import (
    HELLO,
    NEW,
    OLD,
    SPEC,
    bumped,
    candidate,
    contained,
    drive,
    gomod,
    tag,
)

ONE, TWO = "a" * 40, "b" * 40
DEPS = """\
  - uses: go/bump
    with:
      deps: |-
        golang.org/x/net@v0.38.0
        github.com/docker/cli@v29.2.0+incompatible
        example.com/m/v2@v2.0.1-0.20240101000000-abcdefabcdef

"""
BUILD = "  - uses: go/build"


def _with(step: str) -> str:
    return SPEC.replace(BUILD, step + BUILD)


def _after(text: str, answers: dict[Ask, Answer]) -> str:
    result = bumped(text, "2", tag("v2") | answers).text
    assert unexpected_changes("hello.yaml", text, result) == ()
    return result.replace(NEW, OLD).replace('"2"', '"1.2.3"').replace("epoch: 0", "epoch: 4")


ALL = {
    "golang.org/x/net": "v0.40.0",
    "github.com/docker/cli": "v29.2.0+incompatible",
    "example.com/m/v2": "v2.0.1",
}


def test_a_step_goes_when_nothing_is_left_of_it() -> None:
    """With one of the blank lines around it; the rest of the text is as it was."""
    assert _after(_with(DEPS), gomod(ALL, ref="v2")) == SPEC


@pytest.mark.parametrize("option", ["tidy: false", "work: true", "skip-initial-tidy: true"])
def test_options_of_a_step_go_with_it(option: str) -> None:
    """grafana: a step that only says how to tidy would have nothing to do."""
    step = DEPS.replace("      deps:", f"      {option}\n      deps:")
    assert _after(_with(step), gomod(ALL, ref="v2")) == SPEC


def test_only_what_go_mod_satisfies_goes() -> None:
    """A module that go.mod does not name, or names lower, stays."""
    some = {"golang.org/x/net": "v0.37.9", "github.com/docker/cli": "v29.10.0+incompatible"}
    wanted = _with(DEPS).replace("        github.com/docker/cli@v29.2.0+incompatible\n", "")
    assert _after(_with(DEPS), gomod(some, ref="v2")) == wanted


def test_without_go_mod_all_stays() -> None:
    """No answer is no reason to drop anything."""
    assert _after(_with(DEPS), {}) == _with(DEPS)


def test_replaces_stay() -> None:
    """A replace also holds a higher version down: only the deps are dropped."""
    step = DEPS.replace("\n\n", "\n      replaces: a.example/x=b.example/y@v1.0.0\n\n")
    wanted = DEPS.splitlines(keepends=True)
    kept = "".join(wanted[:2]) + "      replaces: a.example/x=b.example/y@v1.0.0\n\n"
    assert _after(_with(step), gomod(ALL, ref="v2")) == _with(kept)


def test_deps_on_one_line_are_dropped_word_by_word() -> None:
    """Plain or quoted, the style stays."""
    for quote in ("", '"', "'"):
        deps = f"{quote}a.example/x@v1.0.0 b.example/y@v1.0.0{quote} # why"
        step = f"  - uses: bump\n    with:\n      deps: {deps}\n"
        wanted = step.replace("a.example/x@v1.0.0 ", "")
        assert _after(_with(step), gomod({"a.example/x": "v1.0.0"}, ref="v2")) == _with(wanted)


def test_what_is_there_twice_is_there_once_afterwards() -> None:
    """A dependency listed twice is listed once when its step is edited anyway."""
    step = (
        "  - uses: bump\n    with:\n      deps: |-\n        a.example/x@v1.0.0\n"
        "        b.example/y@v1.0.0\n        a.example/x@v1.0.0\n"
    )
    wanted = "  - uses: bump\n    with:\n      deps: |-\n        a.example/x@v1.0.0\n"
    assert _after(_with(step), gomod({"b.example/y": "v1.0.0"}, ref="v2")) == _with(wanted)


def test_comments_around_a_dropped_step_stay() -> None:
    """A comment may speak of the step that follows."""
    step = "  # before\n" + DEPS.replace("\n\n", "\n\n  # after, of the build\n")
    assert _after(_with(step), gomod(ALL, ref="v2")) == _with(
        "  # before\n\n  # after, of the build\n"
    )


def test_the_last_step_goes_with_its_blank_line() -> None:
    """At the end of a pipeline the blank line before it goes, not the one after."""
    text = SPEC.replace("      packages: .\n", "      packages: .\n\n" + DEPS.rstrip("\n") + "\n")
    assert _after(text, gomod(ALL, ref="v2")) == SPEC


def test_each_module_root_is_asked_for_itself() -> None:
    """modroot, working-directory and the checkout's destination name the go.mod."""
    text = _with(DEPS.replace("deps:", "modroot: src/tools\n      deps:"))
    text = text.replace("      tag:", "      destination: src\n      tag:")
    _, asked = drive(bump("hello.yaml", text, candidate("2")), tag("v2"))
    assert asked[1:] == [GoModOf(HELLO, "refs/tags/v2", "tools")]
    outside = text.replace("modroot: src/tools", "modroot: elsewhere")
    _, asked = drive(bump("hello.yaml", outside, candidate("2")), tag("v2"))
    assert asked[1:] == []


def test_a_step_of_several_modules_needs_them_all_to_agree() -> None:
    """openbao: modroot is a list; what one of its modules still needs stays for all."""
    step = DEPS.replace("deps:", "modroot: |-\n        .\n        ./api\n      deps:")
    text = _with(step)
    both = gomod(ALL, ref="v2") | gomod(ALL, ref="v2", directory="api")
    assert _after(text, both) == SPEC
    one = gomod(ALL, ref="v2") | gomod({"golang.org/x/net": "v0.38.0"}, ref="v2", directory="api")
    assert _after(text, one) == text.replace("        golang.org/x/net@v0.38.0\n", "")
    assert _after(text, gomod(ALL, ref="v2")) == text


def test_too_many_modules_are_not_asked() -> None:
    """dagger: one step for 182 of them; all its overrides stay."""
    roots = "".join(f"        m{n}\n" for n in range(182))
    text = _with(DEPS.replace("deps:", f"modroot: |-\n{roots}      deps:"))
    _, asked = drive(bump("hello.yaml", text, candidate("2")), tag("v2"))
    assert len(asked) == 1


def test_nothing_is_asked_about_other_ecosystems() -> None:
    """Crates have no go.mod."""
    step = "  - uses: bump\n    with:\n      deps: openssl@0.10.72 slab@latest\n"
    _, asked = drive(bump("hello.yaml", _with(step), candidate("2")), tag("v2"))
    assert len(asked) == 1


def _picking(picks: str, extra: str = "") -> str:
    return SPEC.replace(
        f"      expected-commit: {OLD}\n", f"      expected-commit: {OLD}\n{picks}{extra}"
    )


PICKS = f"""\
      cherry-picks: |
        main/{ONE}: Fix an overflow (CVE-2026-1)
        main/{TWO}: Fix another: and more
"""


def test_cherry_picks_that_the_tag_contains_go() -> None:
    """All of them with their key, and the depth that they forced."""
    text = _picking(PICKS, "      depth: -1\n")
    assert _after(text, contained((ONE, TWO), {ONE, TWO}, ref="v2")) == SPEC


def test_a_cherry_pick_that_is_not_contained_stays() -> None:
    """With the key and the depth."""
    text = _picking(PICKS, "      depth: -1\n")
    wanted = text.replace(f"        main/{ONE}: Fix an overflow (CVE-2026-1)\n", "")
    assert _after(text, contained((ONE, TWO), {ONE}, ref="v2")) == wanted
    assert _after(text, {}) == text


def test_depth_stays_when_the_build_reads_history() -> None:
    """`git describe` needs it as well."""
    text = _picking(PICKS, "      depth: -1\n").replace(
        BUILD, "  - runs: V=$(git describe --tags)\n\n" + BUILD
    )
    assert "depth: -1" in _after(text, contained((ONE, TWO), {ONE, TWO}, ref="v2"))


def test_comments_among_cherry_picks_are_not_asked_for() -> None:
    """Only lines that name a commit are."""
    text = _picking(f"      cherry-picks: |\n        # needed\n        main/{ONE}: Fix\n")
    _, asked = drive(bump("hello.yaml", text, candidate("2")), tag("v2"))
    assert asked[1:] == [ContainedIn(HELLO, "refs/tags/v2", (ONE,))]


def test_the_order_of_go_modules() -> None:
    """Semantic versions; pre-releases and pseudo-versions are older, metadata does not count."""
    ascending = [
        "v0.0.0-20200101000000-aaaaaaaaaaaa",
        "v0.0.0-20240101000000-aaaaaaaaaaaa",
        "v0.38.0-rc.2",
        "v0.38.0-rc.10",
        "v0.38.0-rc.a",
        "v0.38.0",
        "v0.100.0",
        "v1",
        "v1.0.1",
        "v10.0.0",
    ]
    orders = [module_order(version) for version in ascending]
    known = [order for order in orders if order is not None]
    assert len(known) == len(orders)
    assert sorted(known) == known
    assert module_order("v1.0.0+incompatible") == module_order("v1.0.0")


@pytest.mark.parametrize("version", ["latest", "1.0.0", "main", "v01.0.0", "v1.0.0-", "", "v1x"])
def test_what_has_no_order_is_never_satisfied(version: str) -> None:
    """Branches, commits and other dialects are left alone, on either side."""
    assert not satisfied(f"a.example/x@{version}", {"a.example/x": "v9.0.0"})
    assert not satisfied("a.example/x@v1.0.0", {"a.example/x": version})
