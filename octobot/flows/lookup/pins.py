"""The tags that a spec pins and that no look at its upstream shows."""

from collections.abc import Iterable, Mapping

from octobot.datasources.github_pins import Pinned, look_up_pins
from octobot.flows.lookup.drive import converse
from octobot.flows.lookup.source import github_name, is_of
from octobot.flows.upstreams import Upstreams
from octobot.model.package import Package

_TAG = "refs/tags/"


def unseen_pins(package: Package) -> dict[str, list[str]]:
    """Return repositories on GitHub, as owner/name, with the tags that the spec pins of them.

    The watched repository is among them where its releases are followed, since the spec's own tag
    need not have one.
    """
    found: dict[str, list[str]] = {}
    for pin in package.pins:
        name, watched = github_name(pin.repository), is_of(package.upstream, pin.repository)
        lists_tags = package.upstream is not None and package.upstream.kind == "tags"
        if name is None or (watched and (lists_tags or not pin.ref.startswith(_TAG))):
            continue
        tags = found.setdefault(name, [])
        tag = pin.ref.removeprefix(_TAG)
        if pin.ref.startswith(_TAG) and tag not in tags:
            tags.append(tag)
    return found


async def look_up(
    packages: Iterable[Package], upstreams: Upstreams
) -> tuple[Mapping[str, Pinned], Mapping[str, dict[str, list[str]]]]:
    """Ask GitHub for the unseen pins of some packages, each repository once.

    Returns what it said of each repository, and what each package wants, by its path.
    """
    wanted = {package.path: unseen_pins(package) for package in packages}
    together: dict[str, dict[str, None]] = {}
    for pins in wanted.values():
        for name, tags in pins.items():
            together.setdefault(name, {}).update(dict.fromkeys(tags))
    asked = {name: tuple(tags) for name, tags in together.items()}
    return (await converse(look_up_pins(asked), upstreams) if asked else {}), wanted


def gone(wanted: Mapping[str, list[str]], found: Mapping[str, Pinned]) -> list[str]:
    """Return the tags that are known not to be there."""
    return [
        tag
        for name, tags in wanted.items()
        for tag in tags
        if name in found and found[name].tags.get(tag) is False
    ]
