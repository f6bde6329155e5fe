"""The command line: the table of its commands, each of which is imported when it is called."""

# First, since it reports what the other imports raise.
from octobot.cli.failure import in_one_line  # isort: split

import click

from octobot import __version__
from octobot.cli.group import Commands, Listed

CONFIG = (
    Listed("check", "config.check", "List all errors in a file."),
    Listed("schema", "config.schema", "Print the file's JSON Schema, for editors."),
    Listed(
        "show",
        "config.show",
        "Show the effective settings, for all packages or one, and where each is set.",
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
REBUILD = (
    Listed(
        "graph",
        "rebuild.graph",
        "Show what specs are built, run and tested with, and what is built with them.",
    ),
    Listed("plan", "rebuild.plan", "List what must be rebuilt behind a merge, in levels, and why."),
    Listed(
        "stale",
        "rebuild.stale",
        "List specs that were not raised since their toolchain or library changed.",
    ),
)
COMMANDS = (
    Listed(
        "accept-upstream",
        "accept_upstream",
        "Trust the repository that has an upstream's name now.",
    ),
    Listed("audit", "audit", "List the slash commands that people gave, and their outcomes."),
    Listed(
        "backtest",
        "backtest.backtest",
        "Replay the history of your distro, and compare.",
    ),
    Listed("check", "check", "List outdated specs."),
    click.Group(
        "config",
        CONFIG,
        help="Check and explain the repository's file, `.github/octobot.yaml`.",
    ),
    Listed("conformance", "conformance", "Check that GitHub behaves as octobot expects."),
    Listed("demo", "demo.demo", "Run the whole cycle on a sandbox on this machine."),
    Listed("docs", "docs", "Read the manual: list its topics, or print one."),
    Listed("doctor", "doctor", "Check the App's setup on GitHub."),
    Listed("lint", "lint", "List problems in the update blocks of specs."),
    Commands("policy", POLICY, help="Simulate the verdict on a pull request."),
    Listed("poll", "poll", "Run the App without a server, by cron."),
    Commands(
        "rebuild", REBUILD, help="Plan what must be built again behind a merge; works offline."
    ),
    Listed("self-test", "self_test", "Check that a running octobot refuses forged requests."),
    Listed("unhalt", "unhalt", "Allow merging again after it was halted."),
    Listed("serve", "serve", "Run the App: web server, poller and workers."),
    Listed("triage", "triage", "Show why a build failed, from its log."),
    Listed("update", "update", "Print the diff that brings specs to their newest versions."),
    Listed("why", "why", "Show why a package has not moved."),
)

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Commands, commands=COMMANDS, context_settings=CONTEXT)
@click.version_option(__version__)
def cli() -> None:
    """Keep a distro's melange specs current.

    `demo` shows the whole cycle on this machine; `check` and `update` work on a directory of specs;
    `serve` and `poll` are the GitHub App.  Settings come from the environment: `docs settings`
    lists them.  `docs` is the manual.
    """


def main() -> None:
    """Run a command; an error is printed in one line, status 2 where it has a remedy, else 70."""
    with in_one_line():
        cli(prog_name="octobot")


if __name__ == "__main__":
    main()
