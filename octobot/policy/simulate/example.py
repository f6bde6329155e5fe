"""The example of a pull request as a file: it waits only for its age."""

from datetime import UTC, datetime, timedelta

from octobot.model.bump import Proposed
from octobot.model.config import Config
from octobot.model.ids import (
    InstallationId,
    PullNumber,
    Repository,
    RepositoryId,
    Sha,
    Version,
    Watched,
)
from octobot.model.pull_request import CheckRun, PullRequest, PullState, RequiredCheck, TreeChange
from octobot.model.release import Observation
from octobot.model.verdict import FinalCheck, Jump, Memory, Snapshot
from octobot.policy.rules import blob_id

_NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_SEEN = _NOW - timedelta(hours=20)
_BASE, _HEAD, _OLD, _NEW = (Sha(digit * 40) for digit in "abcd")
_BOT, _APP, _ACTIONS = 41_000_001, 1_000_001, 15_368
_HOME = RepositoryId(700_000_001)

_SPEC = """\
package:
  name: hello
  version: "{}"
  epoch: 0

pipeline:
  - uses: git-checkout
    with:
      repository: https://github.com/example/hello
      tag: v${{{{package.version}}}}
      expected-commit: {}

update:
  enabled: true
  github:
    identifier: example/hello
    strip-prefix: v
    use-tag: true
"""
_BEFORE, _AFTER = _SPEC.format("1.0", _OLD), _SPEC.format("1.1", _NEW)
_BUILD = CheckRun(900_000_001, "build", _ACTIONS, "completed", "success")

EXAMPLE = Snapshot(
    watched=Watched(InstallationId(1), _HOME, Repository("example", "os"), "main"),
    state=PullState(
        pull=PullRequest(
            number=PullNumber(7),
            title="hello/1.1 package update",
            state="open",
            author=_BOT,
            head=_HEAD,
            branch="octobot/hello/1.1",
            head_repository=_HOME,
            base="main",
            mergeable=True,
        ),
        commits=(_HEAD,),
        changes=(TreeChange("hello.yaml", "100644", "100644", _BEFORE, _AFTER),),
        checks=(_BUILD,),
        required=(RequiredCheck("build", _ACTIONS),),
        approved=False,
        objections=(),
        at=_NOW,
    ),
    memory=Memory(
        proposed=Proposed(
            package="hello",
            version=Version("1.1"),
            branch="octobot/hello/1.1",
            base=_BASE,
            blob=Sha(blob_id(_AFTER)),
            head=_HEAD,
            number=PullNumber(7),
            state="open",
            at=_SEEN,
        ),
        ledger=frozenset({_HEAD}),
        observation=Observation("v1.1", _NEW, None, _SEEN),
        tag_now=_NEW,
        base_unchanged=True,
        final_check=FinalCheck(pins=None, second_source=None, overrides=None),
    ),
    config=Config(),
    unexpected=(),
    bot=_BOT,
    app=_APP,
    now=_NOW,
    jump=Jump(Version("1.0"), Version("1.1"), "minor", 0),
)
"""All other rules are satisfied: change one fact and see the verdict."""
