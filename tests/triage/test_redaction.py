import base64
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octobot.model.pull_request import CheckRun, FailedCheck
from octobot.triage.log.redaction import MASK, redact
from octobot.triage.log.triage import LogTriage

GHS = "ghs_" + "A1b2C3d4E5f6G7h8I9j0" + "KlMnOpQrStUvWxYz"
LIVE = "live/Value+with=odd~chars-0123456789"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"

SECRETS = [
    (GHS, GHS),
    (f"remote: https://x-access-token:{GHS}@github.com/o/r", GHS),
    ("ghp_" + "a" * 36, "a" * 36),
    ("github_pat_11ABC_" + "d" * 30, "d" * 30),
    ("AKIAIOSFODNN7EXAMPLE is the key", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
    ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
    ("AUTHORIZATION: basic eHl6enk6cGFzc3dvcmQ=", "eHl6enk6"),
    ('{"authorization": "token abcdefgh1234"}', "abcdefgh1234"),
    ("sent bearer abcdefghijklmnop", "abcdefghijklmnop"),
    ("git clone https://me:hunter2@example.org/x", "hunter2"),
    ("git clone https://abcdefgh12345678@example.org/x", "abcdefgh12345678"),
    ("postgresql://octobot:s3cr3t@db/octobot", "s3cr3t"),
    ("password=hunter2", "hunter2"),
    ('"password": "hunter2"', "hunter2"),
    ("NPM_TOKEN=npm_abcdefghijklmnop", "abcdefghijklmnop"),
    ("api_key: abcd1234efgh", "abcd1234efgh"),
    ("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
    ("OPENAI sk-" + "q" * 40, "q" * 40),
    ("GET /x?sig=abcdefgh1234&y=1", "abcdefgh1234"),
    ("X-Amz-Signature=abcdef0123456789", "abcdef0123456789"),
    (base64.b64encode(f"x-access-token:{GHS}".encode()).decode(), "eC1hY2Nlc3M"),
]


@pytest.mark.parametrize(("line", "secret"), SECRETS)
def test_a_secret_of_known_shape_is_masked(line: str, secret: str) -> None:
    """What looks like a secret is one."""
    assert secret not in redact(line)
    assert MASK in redact(line)


@pytest.mark.parametrize(
    "line",
    [
        "error: unexpected token: identifier",
        "tokenizer.c:12:1: error: expected ';' before token",
        "password authentication failed",
        "sha256: 77a2541637b92a621e3ee76776c8b7b40cf6d707e69ba53a940283e30ff2f55d",
        "expected commit 71c2ab509a8628dbbad4bc7b3f98a64aa90d3297",
        "go: github.com/aws/aws-sdk-go@v1.55.8: missing go.sum entry",
        "Connecting to ftp.gnu.org (209.51.188.20:443)",
        "https://example.org:8443/path@v1",
        "secret-tool: command not found",
    ],
)
def test_what_a_person_needs_stays(line: str) -> None:
    """Digests, commits and the compiler's own tokens are no secrets."""
    assert redact(line) == line


def test_a_key_is_masked_over_its_lines_and_the_lines_stay_counted() -> None:
    """Line numbers after a masked block are those of the log."""
    masked = redact(f"one\n{PEM}\nlast")
    assert masked == f"one\n{MASK}\n\n\n\nlast"
    assert redact(f"{PEM[:45]}\nMIIE", ()) == MASK + "\n" * 3


@pytest.mark.parametrize(
    "written",
    [
        LIVE,
        quote(LIVE, safe=""),
        LIVE.encode().hex(),
        base64.b64encode(LIVE.encode()).decode(),
        base64.b64encode(f"x:{LIVE}".encode()).decode(),
        base64.b64encode(f"u:{LIVE}".encode() + b"!").decode(),
        base64.b64encode(f"abc{LIVE}def".encode()).decode(),
        " ".join(LIVE),
        "\n".join(LIVE),
    ],
)
def test_a_live_value_is_masked_in_every_usual_writing(written: str) -> None:
    """The values that octobot itself holds are masked whatever their shape."""
    masked = redact(f"before {written} after", [LIVE])
    assert MASK in masked
    assert written[4:20] not in masked
    assert masked.count("\n") == written.count("\n")


def test_short_live_values_do_not_blank_the_log() -> None:
    """An empty or tiny setting would match everywhere."""
    assert redact("a test of tests", ["", "test"]) == "a test of tests"


@pytest.mark.parametrize(
    "hidden",
    [
        GHS[:9] + "\x1b[0m" + GHS[9:],
        GHS[:9] + "\u200b" + GHS[9:],
        GHS[:2] + "\x00" + GHS[2:],
        "\x1b]0;title\x07".join([GHS[:12], GHS[12:]]),
    ],
)
def test_an_encoded_secret_is_masked_through_the_whole_triage(hidden: str) -> None:
    """What a later stage would strip is stripped before the patterns look."""
    log = f"error: cannot find {hidden}\nerror: {hidden} is wrong\n"
    check = CheckRun(1, f"check {GHS}", 1, "completed", "failure")
    assert GHS not in repr(LogTriage().diagnose(FailedCheck(check, log)))


@settings(max_examples=50, deadline=None)
@given(st.text(), st.text())
def test_a_live_value_never_comes_through(before: str, after: str) -> None:
    """Whatever is around it."""
    assert LIVE not in redact(before + LIVE + after, [LIVE])


B64 = base64.b64encode
DISGUISES = [
    B64(GHS.encode()).decode(),
    B64(b"x" + GHS.encode()).decode(),
    B64(b"{}" + GHS.encode() + b"...").decode(),
    base64.urlsafe_b64encode(f"token={GHS}".encode()).decode(),
    GHS.encode().hex(),
    GHS.encode().hex().upper(),
    "".join(f"%{byte:02x}" for byte in GHS.encode()),
    quote(f"https://me:{GHS}@example.org/", safe=""),
    "\n".join(B64(PEM.encode() * 3).decode()[at : at + 76] for at in range(0, 300, 76)),
    B64(b"Authorization: Bearer abcdefghijklmnop").decode(),
]


@pytest.mark.parametrize("written", DISGUISES)
def test_an_encoded_secret_of_known_shape_is_masked(written: str) -> None:
    """Base64 at every alignment, hex, percent-encoded, wrapped: none of it comes through."""
    masked = redact(f"+ curl -d '{written}' https://example.org\nfine\n")
    assert MASK in masked
    assert not any(written[at : at + 12] in masked for at in range(0, len(written) - 12, 12))
    assert masked.endswith("fine\n")
    assert masked.count("\n") == 2 + written.count("\n")


@pytest.mark.parametrize(
    "line",
    [
        "sha512-4cXF0G09fAYU9z61kTfkNbKK1Kz/sGEZ5NbVWHoe9Qi7VB7y+Spwk051CpUTfUENdlIr+vt8tMV4==",
        "h1:QrNDr8SqAAABQrNDr8SqAAABQrNDr8SqAAABQrNDr8S=",
        "GET https://example.org/a%20b%2Fc?x=%C3%A9",
        "100% of 12345 tests; 6768 of 735f files",
    ],
)
def test_what_only_looks_encoded_stays(line: str) -> None:
    """Digests and addresses are what a person needs."""
    assert redact(line) == line


def test_a_secret_that_is_broken_over_stamped_lines_is_masked() -> None:
    """The runner's timestamps are between its halves; they are taken away first."""
    halves = (GHS[:17], GHS[17:], LIVE[:20], LIVE[20:])
    stamp = "2026-05-01T12:00:00.0000000Z "
    log = f"{stamp}error: not found {halves[0]}\n{stamp}{halves[1]}\n"
    log += f"{stamp}2026/05/01 12:00:00 WARN {halves[2]}\n{stamp}{halves[3]}\n"
    check = CheckRun(1, "check", 1, "completed", "failure")
    shown = repr(LogTriage(lambda: [LIVE]).diagnose(FailedCheck(check, log)))
    assert not any(half[4:] in shown for half in halves)


def test_a_secret_in_a_word_of_a_megabyte_is_masked() -> None:
    """Nothing honest writes that; what is before the secret may stay."""
    word = B64(b"x" * 600_000 + GHS.encode()).decode()
    assert word[-20:] not in redact(f"error: {word}\n")
