"""The same upstreams for nvchecker: its own sources `github` and `git`, pointed at loopback."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.watch_world import Watched

# Its github source has `https://api.HOST` written out; nothing else of it is changed.
_DRIVER = """\
import sys
from nvchecker_source import github
for name in ("GITHUB_LATEST_RELEASE", "GITHUB_MAX_TAG"):
    setattr(github, name, getattr(github, name).replace("https://api.", "http://"))
from nvchecker.__main__ import main
sys.argv = ["nvchecker", "-c", {config!r}, "--logger", "pretty"]
main()
"""


def check(place: Path, packages: Sequence[Watched], address: str) -> Sequence[str]:
    """Write its configuration for all packages it has a source for; return the command to run."""
    host = address.removeprefix("http://")
    lines = ["[__config__]", 'oldver = "old.json"', 'newver = "new.json"', "max_concurrency = 20"]
    for package in packages:
        if package.datasource not in ("github", "git"):
            continue
        lines += ["", f"[{json.dumps(package.name)}]"]
        if package.datasource == "github":
            how = "use_max_tag" if package.kind == "tags" else "use_latest_release"
            name = json.dumps(package.identifier)
            lines += ['source = "github"', f'host = "{host}"', f"github = {name}", f"{how} = true"]
        else:
            lines += ['source = "git"', f"git = {json.dumps(f'{address}/{package.key}')}"]
            lines += ["use_commit = true"] if package.kind == "branch" else []
    (place / "nvchecker.toml").write_text("\n".join(lines))
    (place / "driver.py").write_text(_DRIVER.format(config=str(place / "nvchecker.toml")))
    return [sys.executable, str(place / "driver.py")]
