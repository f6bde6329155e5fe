import pytest

from octobot.store.store import Store
from tests.flows.watching import DISTRO, GITHUB, OTHER, Distro, Lanes, Stage, Upstreams


@pytest.fixture
async def stage(store: Store) -> Stage:
    """Return a distro with the package `a` 1.0, which follows the tags of o/a."""
    await store.repositories.set_watched([DISTRO, OTHER])
    made = Stage(store, Upstreams({"o/a": ["v1.0", "v0.9"]}), Distro({}), Lanes())
    made.given("a", "1.0", GITHUB.format("o/a"))
    return made
