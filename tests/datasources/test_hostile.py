"""What strangers may answer: every datasource ends in releases or in that upstream's reason."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octobot.datasources import registry
from octobot.model.lookup import HttpRequest, Response, Unreachable
from octobot.model.reasons import Reason, ReasonCode
from tests.datasources.registry_talk import EXAMPLES, REGISTRIES, look, release, saying


@pytest.mark.parametrize("datasource", REGISTRIES)
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (saying(b"gone", 404), ReasonCode.UPSTREAM_MISSING),
        (saying(b"gone", 410), ReasonCode.UPSTREAM_MISSING),
        (saying(b"who are you", 403), ReasonCode.UPSTREAM_UNREACHABLE),
        (saying(b"", 204), ReasonCode.UPSTREAM_UNREACHABLE),
        (lambda _: Unreachable("timed out"), ReasonCode.UPSTREAM_UNREACHABLE),
    ],
)
def test_no_answer_is_a_reason(
    datasource: str, answer: Callable[[HttpRequest], Response], code: ReasonCode
) -> None:
    """Gone is said by the host; everything else is not known."""
    found, _ = look(datasource, EXAMPLES[datasource], answer)
    assert isinstance(found, Reason)
    assert found.code is code


BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<feed><entry><title>&b;</title></entry></feed>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><feed>&a;</feed>"""
HOSTILE = {
    "empty": b"",
    "a page": b"<html><body>Please log in</body></html>",
    "null": b"null",
    "deep": b"[" * 200_000,
    "deep objects": b'{"releases":' * 100_000,
    "deep XML": b"<a>" * 100_000,
    "many digits": b'{"versions": [' + b"9" * 5000 + b'], "stable_versions": []}',
    "no text": b"\xff\xfe\x00\x01",
    "a bomb": BOMB,
    "an outside entity": OUTSIDE,
    "a list of nothing": b"[]",
    "an object of nothing": b"{}",
    "wrong types": b'{"versions": 7, "stable_versions": {}, "tags": null, "releases": "x"}',
    "empty lists": b'{"versions": [], "stable_versions": [], "tags": [], "releases": [],'
    b' "files": [], "normal-version": []}',
    "an odd encoding": b'<?xml version="1.0" encoding="rot13"?><feed/>',
    "no encoding": b'<?xml version="1.0" encoding="nowhere"?><feed/>',
}


@pytest.mark.parametrize("datasource", REGISTRIES)
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_answer_is_a_reason(datasource: str, kind: str) -> None:
    """Whatever comes: that upstream is not known, and nothing is raised."""
    found, _ = look(datasource, EXAMPLES[datasource], saying(HOSTILE[kind]))
    assert isinstance(found, Reason)
    assert found.code is ReasonCode.UPSTREAM_UNREACHABLE


@pytest.mark.parametrize("datasource", REGISTRIES)
@settings(max_examples=25, deadline=None)
@given(
    body=st.binary(max_size=300)
    | st.text("<>&;!/?[]{}\":,aetvrsion 10.'-", max_size=300).map(str.encode)
)
def test_any_answer_ends_in_releases_or_a_reason(datasource: str, body: bytes) -> None:
    """No body makes a look-up raise."""
    found, _ = look(datasource, EXAMPLES[datasource], saying(body))
    assert isinstance(found, Reason | tuple)


@pytest.mark.parametrize("name", ["v1\n2", "x" * 10_000, "\u202e1.0", "1.0$(id)", "${{x}}"])
def test_odd_names_pass_as_they_are(name: str) -> None:
    """A name is untrusted text until it fits the version grammar: kept exactly, never corrected."""
    body = b'{"tags": [%s]}' % json.dumps(name).encode()
    assert look("oci", "a/b", saying(body))[0] == (release(name),)


@pytest.mark.parametrize(
    ("datasource", "identifier"),
    [
        ("release-monitor", "12&project_id=13"),
        ("release-monitor", "-1"),
        ("release-monitor", "١٢"),
        ("oci", "ghcr.io/UPPER/case"),
        ("oci", "ghcr.io/a/../b"),
        ("oci", "user@host.org/a"),
        ("gitlab-releases", "alone"),
        ("gitlab-releases", "http://gitlab.com/a/b"),
        ("gitlab-releases", "https://me:secret@gitlab.com/a/b"),
        ("forgejo-tags", "a/../../b"),
        ("pypi", "../simple"),
        ("pypi", ""),
        ("npm", "@a/b/c"),
        ("npm", ".."),
        ("crate", "a/b"),
        ("rubygems", "a?b"),
        ("go", "github.com/../x"),
        ("go", "widget"),
        ("maven", "org.example"),
        ("maven", "org.example:.."),
        ("maven", "..:x"),
        ("hackage", "a b"),
        ("cpan", "Acme::Widget"),
        ("kernel.org", "5.10"),
        ("feed", "ftp://example.org/x"),
        ("feed", "https://example.org/x (unclosed"),
        ("json", "https://example.org/x"),
        ("json", "https://example.org/x version"),
        ("json", "https://[x /a"),
        ("listing", "https://example.org/x"),
        ("listing", r"https://example.org/x (?=look)ahead"),
    ],
)
def test_what_is_no_identifier_is_not_asked(datasource: str, identifier: str) -> None:
    """Nothing is sent, and the reason names the identifier."""
    found, asked = look(datasource, identifier, saying(b""))
    assert asked == []
    assert isinstance(found, Reason)
    assert found.code is ReasonCode.BAD_UPDATE_BLOCK


def test_too_many_names_are_no_history() -> None:
    """A list beyond every project's history is not taken in."""
    body = b'{"tags": [' + b",".join(b'"%d"' % n for n in range(registry.MOST_NAMES + 1)) + b"]}"
    found, _ = look("oci", "a/b", saying(body))
    assert isinstance(found, Reason)
