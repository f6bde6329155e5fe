"""Where a release came from, as links where the host's addresses are known."""

import re

from octobot.messages.outlet import code, inert, link
from octobot.model.bump import Bump, Bumped
from octobot.model.package import Upstream

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_GITHUB = "https://github.com"
_COMMIT = re.compile(r"[0-9a-f]{40}")


def repository(upstream: Upstream) -> str | None:
    """Give `owner/name` of an upstream on github.com; None for any other."""
    name = upstream.identifier.removeprefix(f"{_GITHUB}/").removesuffix("/").removesuffix(".git")
    known = upstream.datasource in {"github", "git"} and _NAME.fullmatch(name)
    return name if known and not name.endswith(("/.", "/..")) else None


def upstream_line(upstream: Upstream | None) -> str:
    """Say who publishes the package."""
    if upstream is None:
        return "unknown"
    name = repository(upstream)
    if name is None:
        return f"{inert(upstream.datasource)} {code(upstream.identifier)}"
    return link(code(name), _GITHUB, *name.split("/"))


def release_line(bump: Bump, upstream: Upstream | None) -> str:
    """Name the release as upstream does, with its page where there is one."""
    name, shown = bump.target.release.name, code(bump.target.release.name)
    owned = upstream and repository(upstream)
    if not upstream or not owned:
        return shown
    page = ("commits",) if upstream.kind == "branch" else ("releases", "tag")
    return link(shown, f"{_GITHUB}/{owned}", *page, *name.split("/"))


def changes_line(bump: Bump, bumped: Bumped, upstream: Upstream | None) -> str:
    """Link upstream's own comparison of the two pinned commits; empty when it cannot be known."""
    owned = upstream and repository(upstream)
    pinned = next(
        (change for change in bumped.changes if change.after == bump.target.release.commit), None
    )
    if not owned or pinned is None or not _COMMIT.fullmatch(pinned.before):
        return ""
    words = f"{pinned.before[:12]}…{pinned.after[:12]}"
    return link(code(words), f"{_GITHUB}/{owned}/compare", f"{pinned.before}...{pinned.after}")
