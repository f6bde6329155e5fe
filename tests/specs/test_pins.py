"""The second look at the pins of a proposed spec."""

import hashlib
from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest

from octobot.model.bump import Answer, Ask, Bumped, CommitOf, ContainedIn, DigestOf
from octobot.model.ids import Version
from octobot.model.package import Package
from octobot.model.reasons import Reason, ReasonCode
from octobot.model.release import Candidate, Release
from octobot.specs.bump.bump import bump
from octobot.specs.bump.pins import verify
from octobot.specs.read.package import read
from tests.specs.bumping import HELLO, NEW, NEW_256, OLD, OLD_256, OTHER, SPEC, digest, head, tag

T = TypeVar("T")
DISTRO = Path(__file__).parents[2] / "fixtures" / "distro"
ARCHIVE = "https://example.org/hello-1.2.3.tar.gz"
FETCH = f"""\
package:
  name: hello
  version: "1.2.3"
  epoch: 0
pipeline:
  - uses: fetch
    with:
      uri: https://example.org/hello-${{{{package.version}}}}.tar.gz
      expected-sha256: {OLD_256}
"""
TWO = SPEC.replace(
    "  - uses: go/build",
    f"""\
  - uses: git-checkout
    with:
      repository: https://git.example.org/second
      tag: second-${{{{package.version}}}}
      expected-commit: {OTHER}

  - uses: go/build""",
)
BRANCH = SPEC.replace("tag: v${{package.version}}", "branch: main")
MOVED_ON = head("main", NEW)
CONTAINS = ContainedIn(HELLO, "refs/heads/main", (OLD,))


def look(text: str, answers: dict[Ask, Answer]) -> tuple[Reason | None, list[Ask]]:
    """Drive one look over `hello.yaml`."""
    conversation = verify("hello.yaml", text)
    asked: list[Ask] = []
    answer: Answer = None
    while True:
        try:
            ask = conversation.send(answer)
        except StopIteration as end:
            found: Reason | None = end.value
            return found, asked
        asked.append(ask)
        answer = answers.get(ask)


def test_a_tag_that_stayed_is_verified_in_one_look_up() -> None:
    """The commit behind the spec's own tag is the pin."""
    found, asked = look(SPEC, tag("v1.2.3", OLD))
    assert found is None
    assert asked == [CommitOf(HELLO, "refs/tags/v1.2.3")]


@pytest.mark.parametrize(
    ("text", "answers", "code"),
    [
        (SPEC, tag("v1.2.3", NEW), ReasonCode.TAG_MOVED),
        (SPEC, {}, ReasonCode.PIN_UNRESOLVED),
        (FETCH, digest(ARCHIVE, NEW_256), ReasonCode.CHECKSUM_CHANGED),
        (FETCH, {}, ReasonCode.PIN_UNRESOLVED),
        # of two repositories, the second is looked at as well
        (TWO, tag("v1.2.3", OLD), ReasonCode.PIN_UNRESOLVED),
        (
            TWO,
            tag("v1.2.3", OLD) | tag("second-1.2.3", NEW, "https://git.example.org/second"),
            ReasonCode.TAG_MOVED,
        ),
        # moves by nature, but forwards
        (BRANCH, MOVED_ON, ReasonCode.PIN_UNRESOLVED),
        (BRANCH, MOVED_ON | {CONTAINS: frozenset()}, ReasonCode.WITHDRAWN_UPSTREAM),
        ("package: {}\n", {}, ReasonCode.BAD_SPEC),
        ("- 1\n", {}, ReasonCode.BAD_SPEC),
    ],
)
def test_what_does_not_hold_is_named(
    text: str, answers: dict[Ask, Answer], code: ReasonCode
) -> None:
    """Moved and changed are alarms; no answer is not "as it was"."""
    found, _ = look(text, answers)
    assert found is not None
    assert found.code is code


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (FETCH, digest(ARCHIVE, OLD_256)),
        (
            TWO,
            tag("v1.2.3", OLD) | tag("second-1.2.3", OTHER, "https://git.example.org/second"),
        ),
        (BRANCH, head("main", OLD)),
        (BRANCH, MOVED_ON | {CONTAINS: frozenset({OLD})}),
        ("package:\n  name: hello\n  version: '1'\n  epoch: 0\n", {}),
    ],
)
def test_what_holds_is_not_reported(text: str, answers: dict[Ask, Answer]) -> None:
    """Every pin was asked for and is as it is written."""
    assert look(text, answers)[0] is None


def made_up(ask: Ask) -> Answer:
    """Answer with something that only depends on the question."""
    match ask:
        case CommitOf():
            return hashlib.sha1(repr(ask).encode(), usedforsecurity=False).hexdigest()
        case DigestOf(uri=uri, algorithm=algorithm):
            return hashlib.new(algorithm, uri.encode()).hexdigest()
        case _:
            return None


def run(conversation: Generator[Ask, Answer, T]) -> T:
    """Drive a conversation with made-up answers."""
    try:
        ask = next(conversation)
        while True:
            ask = conversation.send(made_up(ask))
    except StopIteration as end:
        result: T = end.value
        return result


@pytest.mark.parametrize("path", sorted(DISTRO.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_a_bump_wrote_holds_while_the_answers_stay(path: Path) -> None:
    """The second look never cries wolf over a spec of octobot's own making."""
    package = read(path.name, path.read_text())
    assert isinstance(package, Package)
    version = Version(f"{package.version.partition('_')[0]}.1")
    outcome = run(bump(path.name, path.read_text(), Candidate(Release(version), version)))
    if isinstance(outcome, Bumped):
        assert run(verify(path.name, outcome.text)) is None
