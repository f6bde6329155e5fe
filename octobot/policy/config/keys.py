"""The table of all keys of the repository's file.

The reader, the JSON Schema, the manual and `octobot config show` are generated from it.  A new key
needs a line here, a field with the same name in `model.config`, and a line in the example.

What JSON Schema cannot express (a repeated key, an anchor, a tag) only the reader refuses.
"""

from typing import get_args

import yaml

from octobot.model.config import Ages, PackageRule, SuggestionRules
from octobot.model.pull_request import Accepted, RequiredCheck
from octobot.model.suggestion import FixClass
from octobot.policy.config.command_levels import BOTS, COMMAND_LEVELS, WAIVER_LEVELS
from octobot.policy.config.groups import GROUPS
from octobot.policy.config.mappings import Key, Values, either, record, schema_of, sequence
from octobot.policy.config.rebuild import REBUILD
from octobot.policy.config.scalars import (
    Faults,
    Schema,
    bad,
    boolean,
    count,
    duration,
    duration_or_never,
    one_of,
    text_value,
)

_REQUIRED_CHECK = (
    Key("name", text_value, "", "The check's name, as GitHub shows it."),
    Key("app", count, "", "The number of the App that posts it; 15368 is GitHub Actions."),
    Key("status", text_value, "", "The name of a commit status, in place of a check."),
    Key("creator", count, "", "The numeric user id of who sets the status; nobody else counts."),
    Key(
        "accept",
        sequence(one_of(*get_args(Accepted))),
        "none",
        "Conclusions of the check that count like success.",
    ),
)


def _one_of_two(node: yaml.Node, values: Values) -> Faults | None:
    """A check has its App and a status its creator: a name alone can be imitated."""
    wanted = ("status", "creator") if {"status", "creator"} & values.keys() else ("name", "app")
    missing = [name for name in wanted if name not in values]
    if missing:
        return bad(node, f"{missing[0]} is missing; add it")
    if {"name", "status"} <= values.keys() or {"app", "creator"} <= values.keys():
        return bad(node, "this is a check and a status; write two items, one for each")
    if "accept" in values and "status" in values:
        return bad(node, "a status is never skipped or neutral; remove accept")
    return None


def _required_check(
    name: str = "",
    app: int | None = None,
    status: str = "",
    creator: int | None = None,
    accept: tuple[Accepted, ...] = (),
) -> RequiredCheck:
    return RequiredCheck(name or status, app, creator, tuple(sorted(set(accept))))


def _of_these(wanted: tuple[str, ...], *, without: tuple[str, ...]) -> Schema:
    return {"required": list(wanted), "properties": dict.fromkeys(without, False)}


_AGES = (
    Key("major", duration, "as for all", "When the first number rises."),
    Key("minor", duration, "as for all", "When the second number rises."),
    Key("patch", duration, "as for all", "When only a later number rises."),
)


_MINIMUM_AGE = either(duration, record(_AGES, Ages, least=1))

PACKAGE_KEYS = (
    Key("match", text_value, "", "A shell pattern of package names, such as `openssl*`."),
    Key("automerge", boolean, "as above", "false: a person merges."),
    Key("approval", boolean, "false", "true: a person must approve before octobot merges."),
    Key("minimum-release-age", _MINIMUM_AGE, "as above", "The age for these packages."),
    Key(
        "vulnerability-release-age",
        duration,
        "as above",
        "The age for a confirmed fix of a known vulnerability.",
    ),
    Key("largest-jump", count, "as above", "Steps of the first number that need no approval."),
    Key("hold", text_value, "not held", "Why nothing is proposed or merged."),
    Key("datasource", text_value, "none", "A second source that must know the version."),
    Key("identifier", text_value, "none", "What that source calls the project."),
)
"""Every key of a rule under `packages`."""


def _package_rule(node: yaml.Node, values: Values) -> Faults | None:
    if ("datasource" in values) != ("identifier" in values):
        return bad(node, "datasource and identifier go together; add the other, or remove both")
    return None


_RULE = record(
    PACKAGE_KEYS,
    PackageRule,
    required=("match",),
    least=2,
    check=_package_rule,
    schema={"dependentRequired": {"datasource": ["identifier"], "identifier": ["datasource"]}},
)


_CLASSES = sequence(one_of(*get_args(FixClass)))

_SUGGESTIONS = record(
    (
        Key("apply", _CLASSES, "none", "Edits of octobot's own rules that it commits by itself."),
        Key("apply-model", _CLASSES, "none", "The same for edits that a model proposes."),
        Key("merge", _CLASSES, "none", "Edits from its own rules that need no approval to merge."),
        Key("model", boolean, "true", "false: no model is asked about this repository."),
    ),
    SuggestionRules,
)

KEYS = (
    Key("paused", boolean, "false", "true: nothing is proposed or merged.", "either"),
    Key("automerge", boolean, "true", "false: a person merges."),
    Key(
        "merge-method",
        one_of("squash", "merge", "rebase"),
        "squash",
        "How GitHub merges; it must allow this for the repository.",
    ),
    Key(
        "merge-by",
        one_of("api", "queue", "auto"),
        "api",
        "Who merges: octobot, GitHub's merge queue, or GitHub's auto-merge.",
    ),
    Key(
        "blocking-labels",
        sequence(text_value),
        "do-not-merge",
        "Labels with which a pull request is not merged.",
        "append",
    ),
    Key(
        "minimum-release-age",
        _MINIMUM_AGE,
        "24h",
        "Since octobot first saw it, such as 90m or 7d; or one each for major, minor and patch.",
    ),
    Key(
        "vulnerability-release-age",
        duration,
        "not shortened",
        "The age for a fix of a known vulnerability, once a second source has the version too.",
    ),
    Key("largest-jump", count, "1", "Steps of the first number that need no person's approval."),
    Key(
        "approval",
        sequence(text_value),
        "none",
        "Shell patterns of packages that a person must approve.",
        "append",
    ),
    Key(
        "required-checks",
        sequence(
            record(
                _REQUIRED_CHECK,
                _required_check,
                check=_one_of_two,
                schema={
                    "anyOf": [
                        _of_these(("name", "app"), without=("status", "creator")),
                        _of_these(("status", "creator"), without=("name", "app", "accept")),
                    ]
                },
            )
        ),
        "none",
        "More checks: name and app, and accept; or statuses: status and creator.",
    ),
    Key("open-pull-requests", count, "100", "No new one is opened at or above this number."),
    Key(
        "new-pull-requests-per-hour",
        count,
        "no limit",
        "No new one is opened when so many were within an hour.",
    ),
    Key(
        "package-pull-requests-per-day",
        count,
        "4",
        "No new one is opened for a package or group that had so many within 24 hours.",
    ),
    Key(
        "stuck-issue-after",
        duration_or_never,
        "7d",
        "How long a package must be stuck before an issue says so; never or 0: no issue.",
    ),
    Key("packages", sequence(_RULE), "none", "Rules by name; later ones win.", "append"),
    Key("suggestions", _SUGGESTIONS, "none apply", "Which fixes for failed builds need no person."),
    Key("rebuild", REBUILD, "by annotations", "What is rebuilt behind a merge."),
    Key("groups", GROUPS, "none", "Packages that move together, as one pull request."),
    Key(
        "commands", COMMAND_LEVELS, "as documented", "The lowest permission for each slash command."
    ),
    Key("waive", WAIVER_LEVELS, "as documented", "The lowest permission that waives each rule."),
    Key("command-bots", BOTS, "none", "User ids of the bots that may use slash commands."),
)
"""Every key of the file's top level."""


def schema() -> Schema:
    """Return the schema, draft 2020-12; an empty file is valid, as it is for the reader."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "octobot's settings of a repository",
        "description": "`.github/octobot.yaml` on the default branch.",
        **schema_of(KEYS),
        "type": ["object", "null"],
    }
