"""Write an update block as YAML, and put it in the place of a spec's own."""

import json
import re

from octobot.model.package import Package, UpdateBlock, Upstream

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_BLOCK = re.compile(r"^update:[^\n]*\n(?:(?:[ \t#-][^\n]*)?\n)*", re.MULTILINE)


def update_text(package: Package) -> str:
    """Write a package's update block, with the keys that melange knows."""
    block, upstream = package.update, package.upstream
    lines = ["update:", "  enabled: true"]
    lines += [f"  {key}: true" for key, value in _flags(block) if value]
    if block.schedule:
        lines += ["  schedule:", f"    period: {block.schedule.period}"]
        lines += [f"    reason: {_text(block.schedule.reason)}"] if block.schedule.reason else []
    if block.version_separator:
        lines.append(f"  version-separator: {_text(block.version_separator)}")
    if block.ignore_regex_patterns:
        lines.append("  ignore-regex-patterns:")
        lines += [f"    - {_text(pattern)}" for pattern in block.ignore_regex_patterns]
    if block.version_transform:
        lines.append("  version-transform:")
        for rule in block.version_transform:
            lines += [f"    - match: {_text(rule.match)}", f"      replace: {_text(rule.replace)}"]
    return "\n".join([*lines, *_backend(block, upstream), ""]) if upstream else ""


def with_update(text: str, block: str) -> str:
    """Put an update block, as it was written, in the place of a spec's own."""
    return _BLOCK.sub(lambda _: block, text + "\n", count=1)


def _flags(block: UpdateBlock) -> tuple[tuple[str, bool], ...]:
    return (
        ("manual", block.manual),
        ("require-sequential", block.require_sequential),
        ("shared", block.shared),
        ("enable-prerelease-tags", block.enable_prerelease_tags),
    )


def _backend(block: UpdateBlock, upstream: Upstream) -> list[str]:
    filters, name = block.filters, upstream.datasource
    kind = "version" if name == "release-monitor" else "tag"
    keys = {
        "identifier": "" if name == "git" else upstream.identifier,
        "strip-prefix": filters.strip_prefix,
        "strip-suffix": filters.strip_suffix,
        f"{kind}-filter-prefix": filters.prefix,
        f"{kind}-filter-contains": filters.contains,
    }
    lines = [f"    {key}: {_text(value)}" for key, value in keys.items() if value]
    if name == "github" and upstream.kind == "tags":
        lines.append("    use-tag: true")
    return [f"  {name}:", *lines] if lines else [f"  {name}: {{}}"]


def _text(value: str) -> str:
    if value.isdigit() or (_PLAIN.fullmatch(value) and value.lower() not in _WORDS):
        return value
    return json.dumps(value, ensure_ascii=False)
