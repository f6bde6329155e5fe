"""The gate is covered to its last branch: the policy, and the reader of deliveries.

    python tests/coverage_of_gate.py

Runs the tests of the two alone, without any other room's, and fails under 100 %: a line that
decides about a merge, or about who is let in, and that no test of its own took is one nobody knows.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
COVERED = (
    "octobot/policy/**",
    "octobot/model/json_codec.py",
    "octobot/github/webhooks/deliveries.py",
    "octobot/github/webhooks/event_table.py",
)
TESTS = (
    "tests/policy",
    "tests/model/test_json_codec.py",
    "tests/github/test_event_table.py",
    *sorted(map(str, ROOT.glob("tests/github/test_deliveries*.py"))),
)


def main() -> int:
    """Run the tests under coverage.py and print what they miss; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="c") as folder:
        home = Path(folder)
        environ = {**os.environ, "COVERAGE_FILE": str(home / "data")}
        include = f"--include={','.join(COVERED)}"
        temporary = ["-p", "no:cacheprovider", "--basetemp", str(home / "t")]
        pytest = ["-m", "pytest", "--all", "-n", "0", *temporary]
        for words in (
            ["run", "--branch", include, *pytest, *TESTS],
            ["report", include, "--show-missing", "--skip-covered", "--fail-under=100"],
        ):
            command = [sys.executable, "-m", "coverage", *words]
            done = subprocess.run(command, cwd=ROOT, env=environ, check=False)  # noqa: S603  (a fixed command)
            if done.returncode:
                return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
