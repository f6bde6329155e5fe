"""Prints how far one has to walk through the code to follow a story: files, functions, changes.

`python tests/bench/bench_paths.py`: four walks on the stage of the stories, and one single request
to GitHub.  Every call into `octobot/` counts, the sandbox and the nouns of `model/` left out; a
coroutine that continues after a wait is no new call.  A change is a call in another file than the
call before it.  Counts depend on nothing but the code, so that they can be compared.
"""

import asyncio
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import FrameType

import structlog

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from octobot.commands.obey import obey  # noqa: E402  (found through the line above)
from octobot.model.reasons import ReasonCode  # noqa: E402
from octobot.store.store import Store  # noqa: E402
from tests.databases import Databases, own_folder  # noqa: E402
from tests.stories.story import NAME, Story, story  # noqa: E402

HOUSE = f"{ROOT / 'octobot'}/"
LEFT_OUT = ("sandbox/", "model/")
PULL = 1
"""The number of the one pull request on a stage."""
LOG = """\
2026-05-01T12:00:00.0000000Z ##[group]Run melange build hello.yaml
2026-05-01T12:00:01.0000000Z hello.c:3:10: fatal error: zlib.h: No such file or directory
2026-05-01T12:00:01.0000000Z ##[error]Process completed with exit code 1.
"""

Walk = Callable[[Story], Awaitable[object]]


@dataclass
class Calls:
    """What was called, in order."""

    made: list[tuple[str, str]] = field(default_factory=list)
    """Each with its file, as a path below `octobot/`, and its name."""

    @property
    def files(self) -> list[str]:
        """Return the file of each call."""
        return [file for file, _ in self.made]

    def __str__(self) -> str:
        changes = sum(a != b for a, b in zip(self.files, self.files[1:], strict=False))
        return f"{len(set(self.files)):5} {len(set(self.made)):10} {changes:8}"


@contextmanager
def followed() -> Iterator[Calls]:
    """Follow the running code."""
    calls = Calls()

    def on_event(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        # The operand of the RESUME that a call begins with is 0; after a wait it is not.
        if event != "call" or code.co_name[0] == "<" or code.co_code[frame.f_lasti + 1]:
            return
        file = code.co_filename.removeprefix(HOUSE)
        if file != code.co_filename and not file.startswith(LEFT_OUT):
            calls.made.append((file, code.co_qualname))

    sys.setprofile(on_event)
    try:
        yield calls
    finally:
        sys.setprofile(None)


async def propose(tale: Story) -> None:
    """Publish a tag, of which octobot makes a pull request."""
    await tale.release("1.1")
    assert await tale.look() is ReasonCode.CHECKS_PENDING


async def hold(tale: Story) -> None:
    """Comment `hold`, as a person, and wait until it is obeyed."""
    tale.clock.ahead += timedelta(seconds=2)
    ann = tale.sandbox.person("ann", "admin")
    comment = await ann.comment(NAME, PULL, "/octobot hold")
    await obey(tale.world, comment.id, author=ann.id)
    assert any("octobot:reply" in each for each in tale.comments(PULL))


async def merge(tale: Story) -> None:
    """Let the checks turn green."""
    assert await tale.check() is ReasonCode.MERGED


async def fail(tale: Story) -> None:
    """Let a check fail."""
    assert await tale.check("failure", LOG) is ReasonCode.CHECKS_FAILED
    assert tale.comments(PULL)


WALKS: tuple[tuple[str, tuple[Walk, ...], Walk], ...] = (
    ("tag -> pull request", (), propose),
    ("checks green -> merged", (propose,), merge),
    ("failed check -> comment", (propose,), fail),
    ("hold obeyed", (propose,), hold),
)


async def main() -> None:
    """Walk and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"{'walk':26} files  functions  changes")  # noqa: T201  (a command)
    with own_folder() as home, tempfile.TemporaryDirectory() as stages:
        databases = Databases(home)
        try:
            for name, before, walk in WALKS:
                async with _stage(databases, Path(stages) / name) as tale:
                    for each in before:
                        await each(tale)
                    with followed() as calls:
                        await walk(tale)
                print(f"{name:26} {calls}")  # noqa: T201
            async with _stage(databases, Path(stages) / "request") as tale:
                await tale.pulls()
                with followed() as calls:
                    await tale.pulls()
            print(f"{'one request to GitHub':26} {calls}")  # noqa: T201
            print(*(f"    {file}" for file in dict.fromkeys(calls.files)), sep="\n")  # noqa: T201
        finally:
            databases.close()


@asynccontextmanager
async def _stage(databases: Databases, home: Path) -> AsyncIterator[Story]:
    """Open a stage on which octobot has looked once."""
    with databases.fresh() as url:
        async with Store.open(url) as store, story(home, store) as tale:
            await tale.look()
            yield tale


if __name__ == "__main__":
    asyncio.run(main())
