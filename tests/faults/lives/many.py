"""A distro of many packages, each with an upstream of its own."""

from collections.abc import Sequence

from octobot.model.ids import Sha
from octobot.sandbox.upstreams.upstreams import Upstreams
from tests.stories.story import spec


def names(count: int) -> Sequence[str]:
    """Name so many packages."""
    return [f"p{number:03}" for number in range(count)]


async def publish(upstreams: Upstreams, name: str, version: str) -> Sha:
    """Let a version of a package come out; return its commit."""
    return await upstreams.provide_ref(
        f"https://github.com/example/{name}", f"refs/tags/v{version}"
    )


def spec_of(name: str, commit: Sha, version: str = "1.0") -> bytes:
    """Write a package's spec."""
    text = spec(version, commit).replace("example/hello", f"example/{name}")
    return text.replace("name: hello", f"name: {name}").encode()
