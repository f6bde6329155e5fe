"""The git repository behind an upstream, and which of its names can matter to a package."""

import re

from octobot.model.addresses import split
from octobot.model.package import Package, Upstream

# What a line of git's protocol can carry.
_PLAIN = re.compile("[!-~]{1,100}")
_OWNER_AND_NAME = re.compile(r"/([A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100})/?")


def prefix_of_interest(package: Package) -> str:
    """Return what every name begins with that can matter to this package; often nothing."""
    prefix, upstream = package.update.filters.prefix, package.upstream
    if upstream is None or upstream.kind == "branch" or not _PLAIN.fullmatch(prefix):
        return ""
    own = [pin.ref for pin in package.pins if is_of(upstream, pin.repository)]
    return prefix if all(ref.startswith(f"refs/tags/{prefix}") for ref in own) else ""


def is_of(upstream: Upstream | None, url: str) -> bool:
    """Return whether a checkout's repository is the one that is watched."""
    own = repository_url(upstream) if upstream else None
    return own is not None and _bare(url) == _bare(own)


def repository_url(upstream: Upstream) -> str | None:
    """Return the git repository behind an upstream; None when it is not one."""
    match upstream.datasource:
        case "github":
            return f"https://github.com/{upstream.identifier}"
        case "git":
            return upstream.identifier
        case _:
            return None


def github_name(url: str) -> str | None:
    """Return a git repository on GitHub as owner/name, in small letters; None for any other."""
    parts = split(url)
    found = _OWNER_AND_NAME.fullmatch(parts.path) if parts else None
    if parts is None or found is None or parts.netloc.lower() != "github.com":
        return None
    return found.group(1).removesuffix(".git").lower()


def _bare(url: str) -> str:
    return url.rstrip("/").removesuffix(".git").lower()
