"""Packages whose versions come from elsewhere than their repository, and second sources."""

import hashlib
import json
from collections.abc import Sequence

from octobot.model.ids import Sha
from octobot.model.reasons import ReasonCode
from tests.stories.story import HELLO, NAME, Story

MONITOR = "https://release-monitoring.org/api/v2/versions/?project_id=1234"
PYPI = "https://pypi.org/simple/hello/"
TARBALL = "https://downloads.example.org/hello-{}.tar.gz"

HEAD = """\
package:
  name: hello
  version: "{version}"
  epoch: 0
  description: A greeting

pipeline:
{step}
update:
  enabled: true
  release-monitor:
    identifier: 1234
"""
CHECKOUT = f"""\
  - uses: git-checkout
    with:
      repository: {HELLO}
      tag: v${{{{package.version}}}}
      expected-commit: %s
"""
FETCH = f"""\
  - uses: fetch
    with:
      uri: {TARBALL.format("${{package.version}}")}
      expected-sha256: %s
"""


async def monitor(tale: Story, step: str) -> None:
    """Let hello 1.0 be a package that release-monitoring.org watches."""
    announce(tale, ["1.0"])
    text = HEAD.format(version="1.0", step=step)
    await tale.sandbox.commit_files(NAME, "main", {"hello.yaml": text.encode()}, "By hand")


def announce(tale: Story, versions: Sequence[str]) -> None:
    """Let release-monitoring.org list these versions, newest first."""
    told = {"latest_version": versions[0], "versions": versions, "stable_versions": versions}
    tale.upstreams.put_file(MONITOR, json.dumps(told).encode())


def publish(tale: Story, version: str, content: bytes) -> str:
    """Put hello's source archive up; return its digest."""
    tale.upstreams.put_file(TARBALL.format(version), content)
    return hashlib.sha256(content).hexdigest()


def register(tale: Story, versions: Sequence[str], *, yanked: Sequence[str] = ()) -> None:
    """Let PyPI list these versions."""
    files = [
        {"filename": f"hello-{version}.tar.gz", "yanked": version in yanked} for version in versions
    ]
    told = {"meta": {"api-version": "1.4"}, "versions": list(versions), "files": files}
    tale.upstreams.put_file(PYPI, json.dumps(told).encode())


async def with_checkout(tale: Story) -> Sha:
    """Let hello 1.0 come from a tag, its versions from the monitor; give 1.0's commit."""
    commit = await tale.release("1.0")
    await monitor(tale, CHECKOUT % commit)
    return commit


async def test_a_monitored_package_merges_with_its_own_repositorys_commit(tale: Story) -> None:
    """The monitor knows no commits: the pin comes from the tag of the spec's own checkout."""
    await with_checkout(tale)
    assert await tale.look() is ReasonCode.UP_TO_DATE
    announce(tale, ["1.1", "1.0"])
    commit = await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    assert await tale.check() is ReasonCode.MERGED
    spec = await tale.spec()
    assert 'version: "1.1"' in spec
    assert f"expected-commit: {commit}" in spec


async def test_a_version_announced_before_its_tag_waits_for_it(tale: Story) -> None:
    """Nothing is proposed while the pin cannot be had, and it is by itself once it can be."""
    await with_checkout(tale)
    announce(tale, ["1.1", "1.0"])
    assert await tale.look() is ReasonCode.PIN_UNRESOLVED
    assert await tale.pulls() == ()
    await tale.release("1.1")
    assert await tale.later(minutes=15) is ReasonCode.CHECKS_PENDING
    assert await tale.check() is ReasonCode.MERGED


async def test_a_monitored_version_is_as_old_as_its_proposal(tale: Story) -> None:
    """A version announced for days must not lend its age to a tag that came today."""
    await with_checkout(tale)
    await tale.configure("minimum-release-age: 24h\n")
    announce(tale, ["1.1", "1.0"])
    await tale.look()
    await tale.later(hours=48)
    await tale.release("1.1")
    assert await tale.later(minutes=15) is ReasonCode.CHECKS_PENDING
    assert await tale.check() is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=23) is ReasonCode.MINIMUM_RELEASE_AGE
    assert await tale.later(hours=1) is ReasonCode.MERGED


async def test_a_monitored_tag_that_moves_is_quarantined(tale: Story) -> None:
    """The pin is looked up again before the merge: another commit closes the pull request."""
    await with_checkout(tale)
    announce(tale, ["1.1", "1.0"])
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    other = await tale.release("9.9-somewhere-else")
    await tale.sandbox.publish_tag("example/hello", "v1.1", commit=other, force=True)
    assert await tale.check() is ReasonCode.TAG_MOVED
    assert await tale.pulls() == ()
    assert 'version: "1.0"' in await tale.spec()
    assert (await tale.row()).issue


async def test_a_file_that_changes_after_the_proposal_is_not_merged(tale: Story) -> None:
    """Two equal looks at the archive, or no merge; after the same bytes again it continues."""
    await monitor(tale, FETCH % publish(tale, "1.0", b"one"))
    announce(tale, ["1.1", "1.0"])
    good = publish(tale, "1.1", b"two")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    publish(tale, "1.1", b"something else")
    assert await tale.check() is ReasonCode.CHECKSUM_CHANGED
    assert 'version: "1.0"' in await tale.spec()
    publish(tale, "1.1", b"two")
    assert await tale.later(hours=2) is ReasonCode.MERGED
    assert f"expected-sha256: {good}" in await tale.spec()


SECOND_SOURCE = """\
minimum-release-age: 0s
packages:
  - match: hello
    datasource: pypi
    identifier: hello
"""


async def test_a_tag_that_the_registry_lacks_is_held(tale: Story) -> None:
    """A second source must know the version before it is proposed; then all continues."""
    await tale.configure(SECOND_SOURCE)
    register(tale, ["1.0"])
    await tale.look()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.SECOND_SOURCE_UNCONFIRMED
    assert await tale.pulls() == ()
    assert "pypi hello does not know 1.1" in (await tale.row()).reason.detail
    register(tale, ["1.0", "1.1"])
    assert await tale.later(minutes=15) is ReasonCode.CHECKS_PENDING
    assert await tale.check() is ReasonCode.MERGED


async def test_a_version_that_the_registry_withdraws_is_held(tale: Story) -> None:
    """Yanked between proposal and merge: green checks do not merge it."""
    await tale.configure(SECOND_SOURCE)
    register(tale, ["1.0", "1.1"])
    await tale.look()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING
    register(tale, ["1.0", "1.1"], yanked=["1.1"])
    assert await tale.check() is ReasonCode.SECOND_SOURCE_UNCONFIRMED
    assert 'version: "1.0"' in await tale.spec()


async def test_a_second_source_that_octobot_does_not_have_holds(tale: Story) -> None:
    """A mistyped datasource is no confirmation."""
    await tale.configure(SECOND_SOURCE.replace("pypi", "pipy"))
    await tale.look()
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.SECOND_SOURCE_UNCONFIRMED


async def test_a_version_that_only_the_registry_has_is_reported(tale: Story) -> None:
    """Published without a tag: nothing moves, the reason says what the second source answered."""
    await tale.configure(SECOND_SOURCE)
    register(tale, ["1.0", "1.1"])
    assert await tale.look() is ReasonCode.SECOND_SOURCE_AHEAD
    told = (await tale.row()).reason.detail
    assert told == "pypi hello has 1.1, github example/hello does not show it"
    assert await tale.later(hours=2) is ReasonCode.SECOND_SOURCE_AHEAD
    assert await tale.pulls() == ()
    await tale.release("1.1")
    assert await tale.later(hours=2) is ReasonCode.CHECKS_PENDING
    assert await tale.check() is ReasonCode.MERGED


async def test_a_registry_that_runs_ahead_holds_what_is_tagged(tale: Story) -> None:
    """Before the proposal and before the merge; when the two agree again, all continues."""
    await tale.configure(SECOND_SOURCE)
    register(tale, ["1.0", "1.1", "1.2"])
    await tale.look()
    await tale.release("1.1")
    assert await tale.later(hours=2) is ReasonCode.SECOND_SOURCE_AHEAD
    assert await tale.pulls() == ()
    register(tale, ["1.0", "1.1", "1.2"], yanked=["1.2"])
    assert await tale.later(hours=2) is ReasonCode.CHECKS_PENDING
    register(tale, ["1.0", "1.1", "1.2"])
    assert await tale.check() is ReasonCode.SECOND_SOURCE_AHEAD
    assert 'version: "1.0"' in await tale.spec()
    register(tale, ["1.0", "1.1"])
    assert await tale.later(hours=2) is ReasonCode.MERGED


async def test_a_registry_that_does_not_answer_changes_nothing_at_rest(tale: Story) -> None:
    """No answer is no news, and it is asked again."""
    await tale.configure(SECOND_SOURCE)
    assert await tale.look() is ReasonCode.UP_TO_DATE
    register(tale, ["1.0", "1.1"])
    assert await tale.later(hours=2) is ReasonCode.SECOND_SOURCE_AHEAD
