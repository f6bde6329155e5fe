"""What is refused instead of damaged: each with its code, file and line."""

import pytest

from octobot.model.bump import Answer, Ask, Bumped
from octobot.model.reasons import Reason, ReasonCode
from octobot.specs.bump.bump import bump
from tests.specs.bumping import (
    BRANCH,
    FETCH,
    NEW,
    OLD,
    OLD_256,
    OTHER,
    SPEC,
    bumped,
    candidate,
    digest,
    drive,
    head,
    line_of,
    refused,
    tag,
)

_EXTRA = (
    "  - uses: fetch\n    with:\n      uri: https://example.com/data.gz\n"
    f"      expected-sha256: {OLD_256}\n"
)
_WITH_DATA = SPEC.replace("\n  - uses: go/build", _EXTRA + "\n  - uses: go/build")


def test_a_file_that_stays_keeps_its_digest() -> None:
    """Asked for, unchanged or out of reach: not a word of it changes."""
    for answer in (digest("https://example.com/data.gz", OLD_256), {}):
        assert OLD_256 in bumped(_WITH_DATA, "2", tag("v2") | answer).text


REFUSALS: dict[str, tuple[str, str, dict[Ask, Answer], ReasonCode, str]] = {
    "a moved tag": (SPEC, "1.2.3", tag("v1.2.3"), ReasonCode.TAG_MOVED, OLD),
    "nothing moved": (SPEC, "1.2.3", tag("v1.2.3", OLD), ReasonCode.EPOCH_ONLY, "version"),
    "an unmoved branch": (
        BRANCH,
        "1.2.3_git20260822",
        head("main", OLD),
        ReasonCode.PINS_UNCHANGED,
        "version",
    ),
    "a source without the version": (
        SPEC.replace("tag: v${{package.version}}", "tag: fixed"),
        "2",
        tag("fixed", OLD),
        ReasonCode.PINS_UNCHANGED,
        "version",
    ),
    "shell": (SPEC, "2$(id)", {}, ReasonCode.BAD_VERSION, "version"),
    "a full version": (SPEC, "2-r1", {}, ReasonCode.BAD_VERSION, "version"),
    "a newline": (SPEC, "2\n", {}, ReasonCode.BAD_VERSION, "version"),
    "an older version": (SPEC, "1.2.2", {}, ReasonCode.NOT_GREATER, "version"),
    "an equal version": (
        SPEC.replace("1.2.3", "1.2_p1"),
        "1.2_p01",
        {},
        ReasonCode.NOT_GREATER,
        "version",
    ),
    "no such tag": (SPEC, "2", {}, ReasonCode.PIN_UNRESOLVED, OLD),
    "no commit": (SPEC, "2", tag("v2", "main"), ReasonCode.PIN_UNRESOLVED, OLD),
    "no file": (FETCH, "2", {}, ReasonCode.PIN_UNRESOLVED, OLD_256),
    "no digest": (
        FETCH,
        "2",
        digest("https://example.com/hello-2.tar.gz", "not found"),
        ReasonCode.PIN_UNRESOLVED,
        OLD_256,
    ),
    "a changed file": (
        _WITH_DATA,
        "2",
        tag("v2") | digest("https://example.com/data.gz"),
        ReasonCode.CHECKSUM_CHANGED,
        OLD_256,
    ),
    "an unknown template": (
        SPEC.replace("tag: v$", "tag: ${{targets.destdir}}-$"),
        "2",
        {},
        ReasonCode.UNKNOWN_TEMPLATE,
        "git-checkout",
    ),
    "a mixed pin": (
        SPEC.replace(f"expected-commit: {OLD}", "expected-commit: 11${{vars.rest}}")
        + "vars:\n  rest: abc\n",
        "2",
        tag("v2"),
        ReasonCode.UNKNOWN_TEMPLATE,
        "expected-commit",
    ),
    "a block": (
        SPEC.replace(f"expected-commit: {OLD}", f"expected-commit: |-\n        {OLD}"),
        "2",
        tag("v2"),
        ReasonCode.BAD_SPEC,
        "expected-commit",
    ),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_refused_instead_of_damaged(kind: str) -> None:
    """Each refusal has its code, the file and the line."""
    text, version, answers, code, part = REFUSALS[kind]
    reason = refused(text, version, answers)
    assert reason.code is code
    assert reason.where is not None
    assert (reason.where.path, reason.where.line) == ("hello.yaml", line_of(text, part))


def test_a_tag_that_moved_since_the_look_is_refused() -> None:
    """The datasource saw another commit behind the same tag of the same repository."""
    target = candidate("2", name="v2", commit=OTHER)
    outcome, _ = drive(bump("hello.yaml", SPEC, target), tag("v2"))
    assert isinstance(outcome, Reason)
    assert outcome.code is ReasonCode.TAG_MOVED
    agreed, _ = drive(bump("hello.yaml", SPEC, candidate("2", name="v2", commit=NEW)), tag("v2"))
    assert isinstance(agreed, Bumped)


def test_bumping_again_is_refused() -> None:
    """A bump is idempotent: the second time nothing is left to do."""
    result = bumped(SPEC, "2", tag("v2"))
    assert refused(result.text, "2", tag("v2")).code is ReasonCode.EPOCH_ONLY


def test_a_spec_that_cannot_be_read_is_refused() -> None:
    """Before anything is asked."""
    outcome, asked = drive(bump("hello.yaml", SPEC + "a: &b c\n", candidate("2")), {})
    assert isinstance(outcome, Reason)
    assert outcome.code is ReasonCode.BAD_SPEC
    assert asked == []


def test_a_pin_over_an_open_line_names_its_remedy() -> None:
    """`git://` is asked of nobody, so there is no commit; the reason says what to write."""
    text = SPEC.replace("https://github.com/example/hello", "git://git.example.org/hello")
    reason = refused(text, "2", {})
    assert reason.code is ReasonCode.PIN_UNRESOLVED
    assert reason.detail.endswith("only https addresses are asked, write https:// in the spec")
