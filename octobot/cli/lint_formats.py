"""The findings of `octobot lint` as other programs read them: GitHub's log, SARIF, JSON.

Sources: docs.github.com, "Workflow commands for GitHub Actions"; OASIS, SARIF 2.1.0.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

from octobot import __version__
from octobot.messages.terminal import inert
from octobot.specs.lint.fix import Fix
from octobot.specs.lint.lint import Finding
from octobot.specs.lint.rules import RULES, Rule, Severity

Format = Literal["text", "json", "github", "sarif"]
FORMATS: tuple[Format, ...] = get_args(Format)

WIDE = 1000
"""Characters of a finding: it may quote the spec."""

_COMMANDS: Mapping[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def written(findings: Sequence[Finding], form: Format, folder: Path) -> str:
    """Return the findings in one format; `folder` is what their paths are relative to."""
    match form:
        case "text":
            return "".join(f"{line(each, folder)}\n" for each in findings)
        case "github":
            return "".join(f"{_command(each, folder)}\n" for each in findings)
        case "json":
            return json.dumps([_as_dict(each) for each in findings], indent=2) + "\n"
        case "sarif":
            return json.dumps(_sarif(findings, folder), indent=2) + "\n"


def summary(specs: int, findings: Sequence[Finding]) -> str:
    """Return how many specs and findings there are, in a line."""
    counted = Counter(each.rule.severity for each in findings)
    kinds = [_counted(counted[kind], kind) for kind in get_args(Severity) if counted[kind]]
    end = f": {', '.join(kinds)}" if kinds else ""
    return f"{_counted(specs, 'spec')}, {_counted(len(findings), 'finding')}{end}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _place(path: str, folder: Path) -> str:
    """Return a spec's path as the caller wrote it: below the folder that was given."""
    return (folder / path).as_posix() if folder.is_dir() else path


def line(found: Finding | Fix, folder: Path) -> str:
    """Return a finding or a correction in a line that an editor can follow."""
    path = found.where.path
    return inert(f"{_place(path, folder)}{str(found).removeprefix(path)}", limit=WIDE)


def _message(finding: Finding) -> str:
    end = "" if finding.detail.endswith(".") else "."
    return inert(f"{finding.detail}{end} {finding.rule.remedy}", limit=WIDE)


def _command(finding: Finding, folder: Path) -> str:
    """Write a workflow command; GitHub shows it beside the line in the pull request."""
    where, rule = finding.where, finding.rule
    file, title = _property(_relative(where.path, folder)), _property(rule.name)
    shown = f"file={file},line={where.line},title={title}"
    return f"::{_COMMANDS[rule.severity]} {shown}::{_data(_message(finding))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _relative(path: str, folder: Path) -> str:
    """Return a path relative to the current folder, which is the repository's root in CI."""
    whole, here = Path(_place(path, folder)), Path.cwd()
    return (whole.relative_to(here) if whole.is_relative_to(here) else whole).as_posix()


def _as_dict(finding: Finding) -> dict[str, str | int]:
    return {
        "path": finding.where.path,
        "line": finding.where.line,
        "rule": finding.rule.name,
        "severity": finding.rule.severity,
        "detail": finding.detail,
        "remedy": finding.rule.remedy,
    }


def _sarif(findings: Sequence[Finding], folder: Path) -> dict[str, object]:
    driver = {
        "name": "octobot",
        "semanticVersion": __version__,
        "rules": [_sarif_rule(rule) for rule in RULES],
    }
    results = [_sarif_result(finding, folder) for finding in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _sarif_rule(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.finds},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": rule.severity},
    }


def _sarif_result(finding: Finding, folder: Path) -> dict[str, object]:
    path = _relative(finding.where.path, folder)
    uri = Path(path).as_uri() if path.startswith("/") else quote(path)
    names = [rule.name for rule in RULES]
    return {
        "ruleId": finding.rule.name,
        "ruleIndex": names.index(finding.rule.name),
        "level": finding.rule.severity,
        "message": {"text": _message(finding)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {"startLine": finding.where.line},
                }
            }
        ],
    }
