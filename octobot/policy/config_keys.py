"""The one table of what the repository's file may say.

The reader, the JSON Schema, the README and `octobot config show` are all made of it.  A new key
is a line here, a field of `model.config` under the same name, and a line of the example.
"""

import yaml

from octobot.model.config import PackageRule
from octobot.model.pull_request import RequiredCheck
from octobot.policy.groups import GROUPS
from octobot.policy.mappings import Key, Values, record, sequence
from octobot.policy.scalars import Faults, bad, boolean, count, duration, one_of, text_value

_REQUIRED_CHECK = (
    Key("name", text_value, "", "The check's name, as GitHub shows it."),
    Key("app", count, "", "The number of the App that posts it; 15368 is GitHub Actions."),
)

PACKAGE_KEYS = (
    Key("match", text_value, "", "A shell pattern of package names, such as `openssl*`."),
    Key("automerge", boolean, "as above", "false: a person merges."),
    Key("approval", boolean, "false", "true: a person must approve before octobot merges."),
    Key("minimum-release-age", duration, "as above", "The age for these packages."),
    Key("hold", text_value, "not held", "Why nothing is proposed or merged."),
    Key("datasource", text_value, "none", "A second source that must know the version."),
    Key("identifier", text_value, "none", "What that source calls the project."),
)
"""Every key of a rule under `packages`."""


def _package_rule(node: yaml.Node, values: Values) -> Faults | None:
    if len(values) == 1:
        remedy = ", ".join(key.name for key in PACKAGE_KEYS[1:])
        return bad(node, f"this rule changes nothing; add one of {remedy}, or remove it")
    if ("datasource" in values) != ("identifier" in values):
        return bad(node, "datasource and identifier go together; add the other, or remove both")
    return None


_RULE = record(
    PACKAGE_KEYS,
    PackageRule,
    required=("match",),
    check=_package_rule,
    schema={
        "minProperties": 2,
        "dependentRequired": {"datasource": ["identifier"], "identifier": ["datasource"]},
    },
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
    Key("minimum-release-age", duration, "24h", "Since octobot first saw it, such as 90m or 7d."),
    Key(
        "required-checks",
        sequence(record(_REQUIRED_CHECK, RequiredCheck, required=("name", "app"))),
        "none",
        "More checks to wait for: name and app.",
    ),
    Key("open-pull-requests", count, "100", "No new one is opened at or above this number."),
    Key("packages", sequence(_RULE), "none", "Rules by name; later ones win.", "append"),
    Key("groups", GROUPS, "none", "Packages that move together, as one pull request."),
)
"""Every key of the file's top level."""
