"""The repository's own settings: `.github/octobot.yaml` read strictly, with the line of any fault.

The file steers what is merged without a person, so nothing in it is guessed: an unknown key, a
value of the wrong kind, a key given twice, an anchor, an alias or a tag makes the whole file
unreadable, and the reason names the line and the remedy.  Every scalar is read as text; YAML's
own ideas of numbers and truth (`on`, `1_0`, `0o7`) never apply.
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import TypeVar, cast

import yaml

from octobot.model.config import Config, PackagePolicy, PackageRule
from octobot.model.package import Upstream
from octobot.model.pull_request import MergeMethod, RequiredCheck
from octobot.model.reasons import Reason
from octobot.policy.scalars import (
    Key,
    bad,
    boolean,
    count,
    duration,
    mapping,
    one_of,
    sequence,
    text_value,
)

_T = TypeVar("_T")

LIMIT = 64 << 10
"""Characters; a longer file is refused unread."""

_DEPTH = 8
"""The deepest valid file nests 5 deep; PyYAML's composer recurses."""

EXAMPLE = """\
# .github/octobot.yaml on the default branch.  Every key may be left out; these are the defaults
# unless a comment says otherwise.

# true: nothing is proposed and nothing is merged in this repository.
paused: false

# false: pull requests are opened and judged, but a person merges them.
automerge: true

# merge, squash or rebase; GitHub must allow it for this repository.
merge-method: squash

# How long ago octobot itself must have seen a release first before it is merged: s, m, h or d.
minimum-release-age: 24h

# In addition to what branch protection and rulesets require (default: none).  `app` is the
# number of the App that posts the check, because a name alone can be imitated; 15368 is
# GitHub Actions.
required-checks:
  - name: build (x86_64)
    app: 15368

# No new pull request is opened while this many of octobot's are open.
open-pull-requests: 100

# What differs for packages whose name matches a shell pattern; later rules win (default: none).
packages:
  - match: "openssl*"
    approval: true            # a person must approve before octobot merges
    minimum-release-age: 7d
  - match: glibc-2.43
    automerge: false
  - match: nodejs-24
    hold: waits for the new ICU # nothing is proposed or merged, for this reason
  - match: py3-requests
    datasource: pypi          # a second source: what it does not know, or took back, is held
    identifier: requests
"""
"""An annotated file that uses every key; the README shows it."""


def _check(node: yaml.Node) -> RequiredCheck | Reason:
    keys = (Key("name", text_value), Key("app", count))
    match mapping(node, keys, required=("name", "app")):
        case Reason() as reason:
            return reason
        case values:
            return RequiredCheck(**values)


def _package_rule(node: yaml.Node) -> PackageRule | Reason:
    match mapping(node, _PACKAGE_KEYS, required=("match",)):
        case Reason() as reason:
            return reason
        case values if len(values) == 1:
            remedy = ", ".join(key.name for key in _PACKAGE_KEYS[1:])
            return bad(node, f"this rule changes nothing; add one of {remedy}, or remove it")
        case values if ("datasource" in values) != ("identifier" in values):
            return bad(node, "datasource and identifier go together; add the other, or remove both")
        case values:
            return PackageRule(**values)


def _merge_method(node: yaml.Node) -> MergeMethod | Reason:
    return cast("MergeMethod | Reason", one_of("squash", "merge", "rebase")(node))


_PACKAGE_KEYS = (
    Key("match", text_value),
    Key("automerge", boolean, "as above", "false: a person merges."),
    Key("approval", boolean, "false", "true: a person must approve before octobot merges."),
    Key("minimum-release-age", duration, "as above", "The age for these packages."),
    Key("hold", text_value, "not held", "Why nothing is proposed or merged."),
    Key("datasource", text_value, "none", "A second source that must know the version."),
    Key("identifier", text_value, "none", "What that source calls the project."),
)

KEYS = (
    Key("paused", boolean, "false", "true: nothing is proposed or merged."),
    Key("automerge", boolean, "true", "false: a person merges."),
    Key("merge-method", _merge_method, "squash", "`squash`, `merge` or `rebase`."),
    Key("minimum-release-age", duration, "24h", "Since octobot first saw it, such as 90m or 7d."),
    Key("required-checks", sequence(_check), "none", "More checks to wait for: name and app."),
    Key("open-pull-requests", count, "100", "No new one is opened at or above this number."),
    Key("packages", sequence(_package_rule), "none", "Rules by name; later ones win."),
)
"""Every key of the file's top level, for the reader and for the README's table."""


def read(text: str) -> Config | Reason:
    """Read the file's text; an empty one gives the defaults, a faulty one the first fault."""
    if len(text) > LIMIT:
        return bad(None, f"the file has {len(text)} characters; keep it under {LIMIT}")
    try:
        fault = _unwanted(text)
        root = None if fault else yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        return _not_yaml(error)
    if fault:
        return fault
    if root is None or (isinstance(root, yaml.ScalarNode) and not root.value):
        return Config()
    values = mapping(root, KEYS)
    return values if isinstance(values, Reason) else Config(**values)


def for_package(config: Config, name: str) -> PackagePolicy:
    """Boil the settings down for one package: each matching rule overrides what it names."""
    rules = [rule for rule in config.packages if fnmatchcase(name, rule.match)]
    return PackagePolicy(
        automerge=_last([rule.automerge for rule in rules], config.automerge),
        approval=_last([rule.approval for rule in rules], False),  # noqa: FBT003 (a default value)
        minimum_release_age=_last(
            [rule.minimum_release_age for rule in rules], config.minimum_release_age
        ),
        hold=_last([rule.hold for rule in rules], None),
        witness=_last([_witness(rule) for rule in rules], None),
    )


def _witness(rule: PackageRule) -> Upstream | None:
    if rule.datasource is None or rule.identifier is None:
        return None
    return Upstream(rule.datasource, rule.identifier, "releases")


def _last(overrides: Sequence[_T | None], default: _T) -> _T:
    return next((value for value in reversed(overrides) if value is not None), default)


def _unwanted(text: str) -> Reason | None:
    """Find what the composer would expand or recurse into, before it does."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            return bad(event, "anchors and aliases are not read; write the value out")
        if tag := getattr(event, "tag", None):
            return bad(event, f"the tag {tag} is not read; remove it")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEPTH:
            return bad(event, "the file nests too deep; see the example in octobot's README")
    return None


def _not_yaml(error: yaml.YAMLError) -> Reason:
    remedy = "correct the YAML; see the example in octobot's README"
    if isinstance(error, yaml.MarkedYAMLError):
        return bad(error.problem_mark, f"{error.problem or 'not valid YAML'}; {remedy}")
    return bad(None, f"the file has characters that YAML does not allow; {remedy}")
