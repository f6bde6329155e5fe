import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octobot.github.webhooks.deliveries import (
    ALWAYS,
    EVENTS,
    Forged,
    Malformed,
    read,
    receive,
    verify,
)
from octobot.model.errors import Misconfigured
from octobot.model.events import (
    ChecksChanged,
    Event,
    InstallationChanged,
    Pinged,
    Published,
    PullRequestChanged,
    Pushed,
)
from octobot.model.ids import InstallationId, PullNumber, RepositoryId, Sha

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HEAD = "a" * 40
REPOSITORY = {"id": 9, "default_branch": "main"}
INSTALLATION = {"id": 3}
PULL = {"number": 5, "head": {"ref": "octobot/foo/1.2"}}
RUN = {"head_sha": HEAD, "check_suite": {"head_branch": "octobot/foo/1.2"}}


def signed(body: bytes, key: str = "s", **headers: str) -> dict[str, str]:
    """Return the headers that GitHub would send with this body."""
    digest = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return {
        "X-Hub-Signature-256": f"sha256={digest}",
        "Content-Type": "application/json",
        "X-GitHub-Event": "ping",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }


def body(**payload: object) -> bytes:
    """Make a delivery's body with its repository and installation."""
    return json.dumps({"repository": REPOSITORY, "installation": INSTALLATION, **payload}).encode()


def account(**payload: object) -> bytes:
    """Make the body of a delivery about the installation itself."""
    return json.dumps({"installation": INSTALLATION, **payload}).encode()


def test_a_signed_delivery_is_received() -> None:
    """It keeps its GUID, its name and whose it is."""
    sent = body(action="opened", pull_request=PULL)
    delivery = receive(signed(sent, X_GitHub_Event="pull_request"), sent, secrets=["s"], now=NOW)
    assert delivery.guid == "72d3162e-cc78-11e3-81ab-4c9367dc0958"
    assert (delivery.name, delivery.installation) == ("pull_request", InstallationId(3))
    assert delivery.received == NOW
    assert delivery.event == PullRequestChanged(RepositoryId(9), PullNumber(5), "octobot/foo/1.2")


def test_two_secrets_overlap_while_one_replaces_the_other() -> None:
    """Either signs; a third does not."""
    for secret in ("old", "new"):
        verify(signed(b"{}", secret), b"{}", ["old", "new"])
    with pytest.raises(Forged):
        verify(signed(b"{}", "third"), b"{}", ["old", "new"])


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        "sha1=" + "0" * 40,
        "sha256=é",
        "sha256=\udcff",
        "0" * 64,
    ],
)
def test_a_forged_delivery_is_refused_before_it_is_parsed(signature: str) -> None:
    """Missing, short, of SHA-1 or not even ASCII: the body is not looked at."""
    with pytest.raises(Forged):
        receive({"x-hub-signature-256": signature}, b"not json", secrets=["s"], now=NOW)


def test_sha1_alone_is_no_signature() -> None:
    """GitHub's older header proves nothing any more."""
    digest = hmac.new(b"s", b"{}", hashlib.sha1).hexdigest()
    with pytest.raises(Forged):
        verify({"X-Hub-Signature": f"sha1={digest}"}, b"{}", ["s"])


@pytest.mark.parametrize("secrets", [[], [""], ["s", ""]])
def test_an_empty_secret_is_for_the_operator_to_fix(secrets: list[str]) -> None:
    """With it, everybody could sign."""
    with pytest.raises(Misconfigured):
        verify(signed(b"{}", ""), b"{}", secrets)


def test_form_encoding_is_refused() -> None:
    """One content type, one parser."""
    sent = b"payload=%7B%7D"
    kind = {"Content_Type": "application/x-www-form-urlencoded"}
    with pytest.raises(Malformed, match="content type"):
        receive(signed(sent, **kind), sent, secrets=["s"], now=NOW)


@pytest.mark.parametrize("guid", ["", "x" * 65, "a b", "a\nb"])
def test_a_delivery_needs_a_guid(guid: str) -> None:
    """It is the key under which the delivery is stored."""
    with pytest.raises(Malformed, match="GUID"):
        receive(signed(b"{}", X_GitHub_Delivery=guid), b"{}", secrets=["s"], now=NOW)


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"[]",
        b"null",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"zen": "x", "hook": {"b": 1, "b": 2}}',
        b'{"a": ' + b"9" * 21 + b"}",
        b'{"a": ' + b"9" * 1_000_000 + b"}",
        b'{"a": 1.' + b"9" * 50 + b"}",
        b"\xef\xbb\xbf{}",
        '{"zen": "x"}'.encode("utf-16"),
        b'{"a": "\xff"}',
        b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"a": 1} x',
        b'{"a": "\x00"}',
    ],
)
def test_hostile_json_is_refused_and_crashes_nothing(hostile: bytes) -> None:
    """What two parsers could read differently, and what costs too much."""
    with pytest.raises(Malformed):
        read("ping", hostile)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200), st.sampled_from(sorted(EVENTS | ALWAYS | {"gollum"})))
def test_any_bytes_are_read_or_refused(noise: bytes, name: str) -> None:
    """Nothing but `Malformed` comes out of a broken body."""
    with pytest.raises(Malformed):
        read(name, b"{" + noise)


_LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text()
_KEYS = st.sampled_from(
    ["action", "repository", "id", "installation", "pull_request", "review", "check_run", "ref",
     "check_suite", "sha", "context", "commits", "head", "number", "after", "zen", "head_sha"]
)  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(
    st.dictionaries(
        _KEYS,
        st.recursive(
            _LEAVES,
            lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=4),
        ),
    ),
    st.sampled_from(sorted(EVENTS | ALWAYS)),
)
def test_any_shape_is_read_or_refused(payload: dict[str, object], name: str) -> None:
    """A body of the wrong shape is `Malformed`, whatever is wrong with it."""
    try:
        found = read(name, json.dumps(payload).encode())
    except Malformed:
        return
    assert found is None or isinstance(found, Event)


@pytest.mark.parametrize(
    ("name", "sent", "event"),
    [
        ("ping", body(zen="Keep it logically awesome.", hook={}), Pinged()),
        ("installation", account(action="suspend"), InstallationChanged(InstallationId(3))),
        (
            "installation_repositories",
            account(action="added", repositories_added=[]),
            InstallationChanged(InstallationId(3)),
        ),
        ("repository", body(action="renamed"), InstallationChanged(InstallationId(3))),
        (
            "push",
            body(ref="refs/heads/main", after=HEAD, commits=[]),
            Pushed(RepositoryId(9), "main", Sha(HEAD), is_default=True),
        ),
        (
            "create",
            body(ref="v1.1", ref_type="tag", pusher_type="user"),
            Published(RepositoryId(9)),
        ),
        ("release", body(action="published", release={}), Published(RepositoryId(9))),
        (
            "push",
            body(ref="refs/heads/a/b", after=HEAD, commits=[], deleted=False),
            Pushed(RepositoryId(9), "a/b", Sha(HEAD), is_default=False),
        ),
        ("push", body(ref="refs/tags/v1", after=HEAD, commits=[]), None),
        ("push", body(ref="refs/heads/x", after="0" * 40, commits=[], deleted=True), None),
        (
            "pull_request_review",
            body(action="submitted", pull_request=PULL, review={}),
            PullRequestChanged(RepositoryId(9), PullNumber(5), "octobot/foo/1.2"),
        ),
        (
            "check_run",
            body(action="completed", check_run=RUN),
            ChecksChanged(RepositoryId(9), Sha(HEAD), "octobot/foo/1.2"),
        ),
        (
            "check_suite",
            body(action="completed", check_suite={"head_sha": HEAD, "head_branch": None}),
            ChecksChanged(RepositoryId(9), Sha(HEAD), None),
        ),
        (
            "status",
            body(sha=HEAD, context="ci", state="success"),
            ChecksChanged(RepositoryId(9), Sha(HEAD), None),
        ),
        *(
            (
                "pull_request",
                body(action=action, pull_request=PULL, **beside),
                PullRequestChanged(RepositoryId(9), PullNumber(5), "octobot/foo/1.2"),
            )
            for action, beside in (
                ("labeled", {"label": {"id": 1}}),
                ("unlabeled", {"label": {"id": 1}}),
                ("labeled", {}),
                ("dequeued", {"reason": "MANUAL"}),
                ("auto_merge_disabled", {"reason": "x"}),
                ("converted_to_draft", {}),
                ("ready_for_review", {}),
            )
        ),
        ("pull_request", body(action="assigned", pull_request=PULL), None),
        ("check_run", body(action="created", check_run=RUN), None),
        ("gollum", body(pages=[]), None),
        ("", b"{}", None),
    ],
)
def test_bodies_become_events(name: str, sent: bytes, event: Event | None) -> None:
    """Each routed event, and what is not routed."""
    assert read(name, sent) == event


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("pull_request", body(action="edited", pull_request=PULL, review={})),
        ("pull_request_review", body(action="edited", pull_request=PULL)),
        ("push", body(action="completed", check_run=RUN)),
        ("installation", body(action="created")),
        ("ping", body(ref="refs/heads/main", after=HEAD, commits=[])),
    ],
)
def test_a_body_under_another_events_name_is_refused(name: str, sent: bytes) -> None:
    """The name is not signed, so the body must fit it."""
    with pytest.raises(Malformed, match="not that of the event"):
        read(name, sent)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("repository", account(action="renamed")),
        ("installation", b'{"action": "created"}'),
        ("installation", b'{"action": "created", "installation": {"id": true}}'),
        ("pull_request", body(action=[], pull_request=PULL)),
        ("pull_request", body(action="opened", pull_request={"number": 1.5, "head": {}})),
        ("push", body(ref="refs/heads/main", after="../../etc", commits=[])),
        ("push", body(ref="refs/heads/a b", after=HEAD, commits=[])),
        ("push", body(ref="refs/heads/", after=HEAD, commits=[])),
        ("push", body(ref="refs/heads/" + "x" * 1025, after=HEAD, commits=[])),
        ("push", body(ref="refs/heads/\ud800", after=HEAD, commits=[])),
        ("status", body(sha="A" * 40, context="ci")),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused(name: str, sent: bytes) -> None:
    """Missing ids, wrong types, names that git does not allow."""
    with pytest.raises(Malformed):
        read(name, sent)


def test_refusals_do_not_quote_the_body() -> None:
    """What is refused may be hostile, and goes to the log."""
    with pytest.raises(Malformed) as refused:
        read("push", body(ref="refs/heads/main", after="SECRET", commits=[]))
    assert "SECRET" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_the_installation_is_read_leniently() -> None:
    """A delivery without one is stored all the same."""
    for sent in (b'{"zen": "x"}', b'{"zen": "x", "installation": {"id": true}}'):
        assert receive(signed(sent), sent, secrets=["s"], now=NOW).installation is None


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("pull_request", body(action="closed", pull_request=PULL, label={"id": 1})),
        ("pull_request", body(action="labeled", pull_request=PULL, label={}, issue={})),
        ("pull_request_review", body(action="submitted", pull_request=PULL, review={}, label={})),
        ("push", body(action=["labeled"], commits=[], label={})),
    ],
)
def test_a_label_belongs_to_the_deliveries_about_labels(name: str, sent: bytes) -> None:
    """Beside anything else it is another event's body."""
    with pytest.raises(Malformed):
        read(name, sent)
