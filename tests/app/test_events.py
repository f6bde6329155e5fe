from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from octobot.app.bot import House
from octobot.cli.demo.stage import REPOSITORY, bot_settings, set_stage
from octobot.model.events import Published
from octobot.model.ids import Key

HELLO = "https://github.com/example/hello"
SPEC = b"""\
package:
  name: hello
  version: 1.0
  epoch: 0

update:
  enabled: true
  github:
    identifier: example/hello
    strip-prefix: v
    use-tag: true
"""


async def test_an_upstream_with_the_app_is_looked_at_as_soon_as_it_publishes(short: Path) -> None:
    """Its packages are not due for an hour, and its delivery makes them so."""
    async with set_stage(short / "d", {"hello.yaml": SPEC}) as (sandbox, upstreams):
        await upstreams.provide_ref(HELLO, "refs/tags/v1.0")
        await sandbox.install_app("example/hello")
        settings = replace(
            bot_settings(short / "d", sandbox, upstreams), look_every=timedelta(hours=1)
        )
        async with House.open(settings) as house:
            await house.survey()
            by_name = {str(one.watched.repository): one.watched.id for one in house.worlds.values()}
            key = Key(by_name[REPOSITORY], "hello")
            await house.look()
            await upstreams.provide_ref(HELLO, "refs/tags/v1.1")
            await house.look()
            row = await house.store.row(key)
            assert row
            assert row.target is None
            await house.heard(Published(by_name["example/hello"]))
            assert house.nudge.is_set()
            await house.look(far=False)
            row = await house.store.row(key)
            assert row
            assert row.target
            assert row.target.version == "1.1"
