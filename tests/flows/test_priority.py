"""What goes first: fixes of known vulnerabilities, where the repository's file asks for that."""

from datetime import timedelta

from octobot.datasources.osv import BATCH_ADDRESS
from tests.flows.watching import Stage, sha

PINNED = """\
package:
  name: {name}
  version: {version}
  epoch: 0

pipeline:
  - uses: git-checkout
    with:
      repository: https://github.com/up/{name}
      tag: v${{{{package.version}}}}
      expected-commit: {commit}

update:
  enabled: true
  github:
    identifier: up/{name}
    use-tag: true
    strip-prefix: v
"""


def given(stage: Stage, **versions: str) -> None:
    """Put packages into the distro, with a newer tag upstream."""
    for name, version in versions.items():
        commit = sha(f"v{version}")
        stage.distro.specs[name] = PINNED.format(name=name, version=version, commit=commit)
        stage.upstreams.tags[f"up/{name}"] = ["v2.0", f"v{version}"]


async def test_a_vulnerable_package_goes_first(stage: Stage) -> None:
    """All packages with news are asked about in one request; the one in need goes first."""
    stage.distro.settings = "vulnerability-release-age: 2h\n"
    given(stage, a="1.0", b="1.1", c="1.2")
    stage.upstreams.vulnerable = frozenset({sha("v1.2")})
    asked = await stage.look(far=False)
    assert asked.count(BATCH_ADDRESS) == 1
    assert (stage.lanes.hinted, stage.lanes.first) == (["a", "b", "c"], ["c"])


async def test_without_news_nobody_is_asked(stage: Stage) -> None:
    """A pass in which nothing changed costs no request more."""
    stage.distro.settings = "vulnerability-release-age: 2h\n"
    given(stage, a="1.0")
    await stage.look(far=False)
    assert BATCH_ADDRESS not in await stage.look(after=timedelta(hours=1), far=False)


async def test_who_did_not_ask_for_it_gets_no_report(stage: Stage) -> None:
    """Without the setting, OSV.dev learns nothing about a distro."""
    given(stage, a="1.0")
    stage.upstreams.vulnerable = frozenset({sha("v1.0")})
    assert BATCH_ADDRESS not in await stage.look(far=False)
    assert (stage.lanes.hinted, stage.lanes.first) == (["a"], [])
