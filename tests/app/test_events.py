from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from octobot.app.bot import Bot
from octobot.app.events import on_event
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
            bot_settings(short / "d", sandbox, upstreams), check_interval=timedelta(hours=1)
        )
        async with Bot.open(settings) as bot:
            await bot.survey()
            by_name = {str(one.watched.repository): one.watched.id for one in bot.contexts.values()}
            key = Key(by_name[REPOSITORY], "hello")
            await bot.make_pass()
            await upstreams.provide_ref(HELLO, "refs/tags/v1.1")
            await bot.make_pass()
            row = await bot.store.packages.row(key)
            assert row
            assert row.target is None
            await on_event(bot, Published(by_name["example/hello"]))
            assert bot.nudge.is_set()
            await bot.make_pass(far=False)
            row = await bot.store.packages.row(key)
            assert row
            assert row.target
            assert row.target.version == "1.1"
