"""The keys below `rebuild`: toolchains, and the index of built packages."""

import re

import yaml

from octobot.model.config import IndexKey, IndexRules, RebuildRules, Toolchain
from octobot.policy.config.mappings import Key, Values, record, sequence
from octobot.policy.config.scalars import Faults, Reader, bad, boolean, scalar, text_value


def _some_packages(node: yaml.Node, values: Values) -> Faults | None:
    if not values["packages"]:
        return bad(node, "packages is empty; name one, or remove the toolchain")
    return None


def _some_architectures(node: yaml.Node, values: Values) -> Faults | None:
    if not values["architectures"]:
        return bad(node, "architectures is empty; name one, or remove the index")
    return None


def _matching(pattern: str, says: str) -> Reader:
    """Make a reader of texts that match, without the line breaks at their end."""
    whole = re.compile(rf"(?:{pattern})\n*")
    schema = {"type": "string", "pattern": rf"^(?:{pattern})\n*$"}
    return scalar(lambda text: text.rstrip("\n") if whole.fullmatch(text) else None, says, schema)


_REPOSITORY = _matching(
    r"https://[a-z0-9][a-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~+@-]+)*",
    "is not such an address; write one such as https://packages.example.org/os",
)

_ARCHITECTURE = _matching(
    "[a-z][a-z0-9_]{1,15}", "is no architecture; write one such as x86_64 or aarch64"
)

_KEY_NAME = _matching(
    "[A-Za-z0-9._@+-]{1,200}", "is no name of a key; write one such as build-5f1c.rsa.pub"
)

_PEM = _matching(
    # "MII…", the object identifier of RSA, and a bit string: RFC 5280, 4.1; RFC 3279, 2.3.1.
    r"-----BEGIN PUBLIC KEY-----\nMII[A-Za-z0-9+/]{3}ANBgkqhkiG9w0BAQEFAAOC"
    r"[A-Za-z0-9+/=\n]{100,2000}\n-----END PUBLIC KEY-----",
    "is no RSA public key in PEM form; write `pem: |`, and below it the file, indented",
)

_TOOLCHAINS = sequence(
    record(
        (
            Key("name", text_value, "", "The spec of a toolchain, such as `go-1.26`."),
            Key("packages", sequence(text_value), "", "Those whose users are rebuilt with it."),
        ),
        Toolchain,
        required=("name", "packages"),
        check=_some_packages,
        schema={"allOf": [{"properties": {"packages": {"minItems": 1}}}]},
    )
)

_KEYS = sequence(
    record(
        (
            Key("name", _KEY_NAME, "", "The key's file name, as signatures have it."),
            Key("pem", _PEM, "", "The RSA public key."),
        ),
        IndexKey,
        required=("name", "pem"),
    )
)

_INDEX = record(
    (
        Key("repository", _REPOSITORY, "", "The https address above the architectures."),
        Key("architectures", sequence(_ARCHITECTURE), "", "What is published, as apk names it."),
        Key("keys", _KEYS, "not checked", "Who may sign the index."),
        Key("allow-sha1", boolean, "false", "true: `.SIGN.RSA.`, over a SHA-1, counts too."),
    ),
    IndexRules,
    required=("repository", "architectures"),
    check=_some_architectures,
    schema={"allOf": [{"properties": {"architectures": {"minItems": 1}}}]},
)

REBUILD = record(
    (
        Key("enabled", boolean, "false", "true: octobot opens the rebuilds that a plan has."),
        Key("toolchains", _TOOLCHAINS, "by annotations", "Specs whose users are rebuilt."),
        Key("index", _INDEX, "not known", "Where the built packages are published."),
    ),
    RebuildRules,
)
"""Reads what is rebuilt behind a merge."""
