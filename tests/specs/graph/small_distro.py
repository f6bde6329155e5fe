"""A small distro of our own, with all that makes the graph of a real one hard."""

from collections.abc import Mapping

from octobot.specs.graph.distro import Distro, read_distro


def spec(name: str, body: str = "", *, version: str = "1.0", epoch: str = "0") -> str:
    """Write a spec; what `body` has at the margin are its other top keys."""
    return f'package:\n  name: {name}\n  version: "{version}"\n  epoch: {epoch}\n{body}'


def builds_with(*packages: str) -> str:
    """Write the environment of a spec."""
    listed = "".join(f"      - {each}\n" for each in packages)
    return f"environment:\n  contents:\n    packages:\n{listed}"


def makes(*subpackages: str) -> str:
    """Write subpackages without anything."""
    return "subpackages:\n" + "".join(f"  - name: {each}\n" for each in subpackages)


def distro(specs: Mapping[str, str], pipelines: Mapping[str, str] | None = None) -> Distro:
    """Read specs by name, and the distro's own pipelines by name."""
    own = {f"pipelines/{name}.yaml": text for name, text in (pipelines or {}).items()}
    return read_distro({f"{name}.yaml": text for name, text in specs.items()} | own)
