"""The command line: the table of its commands, each of which is imported when it is called."""

# First, since it tells what the other imports raise.
from octobot.cli.failure import in_one_line  # isort: split

import click

from octobot.cli.group import Commands, Listed

CONFIG = (
    Listed("check", "config.check", "Tell everything that is wrong with a file."),
    Listed("schema", "config.schema", "Print the file's JSON Schema, for editors."),
    Listed(
        "show", "config.show", "Tell what holds, for all packages or one, and which line says so."
    ),
)
POLICY = (
    Listed(
        "snapshot",
        "policy.snapshot",
        "Print the open pull request that bumps a package, for `policy simulate`.",
    ),
    Listed(
        "simulate", "policy.simulate", "Judge a saved pull request: merge, wait or block, and why."
    ),
)
COMMANDS = (
    Listed(
        "accept-upstream",
        "accept_upstream",
        "Trust the repository that has an upstream's name now.",
    ),
    Listed("audit", "audit", "Tell which slash commands people gave, and what came of each."),
    Listed(
        "backtest",
        "backtest.backtest",
        "Tell what octobot would have done with the history of your distro.",
    ),
    Listed("check", "check", "Tell which specs of a directory, tarball or file are outdated."),
    click.Group(
        "config",
        CONFIG,
        help="Check and explain the repository's file, `.github/octobot.yaml`.",
    ),
    Listed("demo", "demo.demo", "Show the whole job on a sandbox of this machine."),
    Listed("docs", "docs", "Read the manual: list its topics, or print one."),
    Listed("doctor", "doctor", "Examine the App's setup on GitHub."),
    Listed("lint", "lint", "Tell what is wrong or doubtful in the update blocks of specs."),
    Commands("policy", POLICY, help="Try what octobot would say of a pull request."),
    Listed("poll", "poll", "Do the App's job without a server: the cron poller."),
    Listed("self-test", "self_test", "Try on a running octobot what it must refuse."),
    Listed("unhalt", "unhalt", "Let octobot merge again where a merge went wrong."),
    Listed("serve", "serve", "Run the App: its doors, the poller and the lanes."),
    Listed("triage", "triage", "Tell why a build failed, from its log."),
    Listed("update", "update", "Print the diff that brings specs to their newest versions."),
    Listed("why", "why", "Tell why a package is where it is."),
)

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Commands, commands=COMMANDS, context_settings=CONTEXT)
@click.version_option(package_name="octobot")
def cli() -> None:
    """Keep a distro's melange specs current.

    `demo` shows the whole job on this machine; `check` and `update` work on a directory of specs;
    `serve` and `poll` are the GitHub App.  Settings come from the environment: `docs settings`
    lists them.  `docs` is the manual.
    """


def main() -> None:
    """Run a command; an error is said in one line, status 2 where it has a remedy and 70 else."""
    with in_one_line():
        cli(prog_name="octobot")


if __name__ == "__main__":
    main()
