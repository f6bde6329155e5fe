import contextlib
import gzip
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octobot.specs.graph import apkindex
from octobot.specs.graph.apkindex import BadIndexError, Keys, read_index
from tests.specs.graph.apkindexes import NAME, entry, key, member, packed, signed

TEXT = "\n".join(
    [
        entry(
            "curl",
            V="8.1-r2",
            o="curl",
            D="libcurl4=8.1-r2 so:libc.so.6 !wget",
            p="cmd:curl=8.1-r2",
        ),
        entry("libcurl4", V="8.1-r2", o="curl", p="so:libcurl.so.4=4.8.0", t="1700", c="0a1b"),
        entry("libcurl4", V="8.0-r9", o="curl", p="so:libcurl.so.3=3"),
        entry("odd", m="Zoë <zoe@example.com>", T="a:b", k="10", i="curl docs"),
    ]
)
KNOWN = Keys({NAME: key(0).public_key()})
ANY = Keys()


def chunks(data: bytes, size: int = 777) -> Iterator[bytes]:
    """Yield bytes as a connection does."""
    yield from (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 511, 777, 1 << 20])
def test_an_index_is_read_as_it_arrives(size: int) -> None:
    """Names, origins, sonames, dependencies; the highest of several versions counts."""
    found = read_index(chunks(signed(packed(TEXT)), size), KNOWN)
    packages = {each.name: each for each in found.packages}
    assert packages.keys() == {"curl", "libcurl4", "odd"}
    assert packages["curl"].needs_sonames == {"libc.so.6"}
    assert packages["curl"].depends == {"libcurl4", "so:libc.so.6", "!wget"}
    assert packages["curl"].provides == {"cmd:curl"}
    assert packages["libcurl4"].sonames == {"libcurl.so.4"}
    assert (packages["libcurl4"].origin, packages["libcurl4"].commit) == ("curl", "0a1b")
    assert packages["odd"].origin == "odd"
    assert found.published >= {("curl", "8.1-r2"), ("curl", "8.0-r9")}
    assert found.newest == 1700


def test_without_keys_a_signature_is_not_asked_for() -> None:
    """An index that nobody signed is read, and so is one by an unknown key."""
    assert read_index([packed(TEXT)], ANY).packages
    assert read_index([signed(packed(TEXT), number=1)], ANY).packages


EVIL = packed(entry("evil", o="curl"))
GOOD = packed(TEXT)
SIGNATURE = signed(GOOD)[: -len(GOOD)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (GOOD, "not signed"),
        (signed(GOOD, number=1), "does not fit"),
        (signed(GOOD, name="other.rsa.pub"), "no known key"),
        (signed(GOOD, form="RSA"), "no known key"),
        (signed(GOOD, form="DSA"), "no known key"),
        (SIGNATURE + EVIL, "does not fit"),
        (SIGNATURE + GOOD + EVIL, "not signed"),
        (EVIL + GOOD, "not signed"),
        (SIGNATURE, "no APKINDEX"),
    ],
)
def test_an_index_that_no_known_key_signed_is_refused(data: bytes, said: str) -> None:
    """Nor is one that has packages beside those that are signed."""
    with pytest.raises(BadIndexError, match=said):
        read_index(chunks(data), KNOWN)


def test_packages_before_the_signed_part_are_refused() -> None:
    """A signature that fits the second member says nothing of the first."""
    first = gzip.decompress(SIGNATURE) + gzip.decompress(EVIL)[:-1024]
    with pytest.raises(BadIndexError, match="not signed"):
        read_index(chunks(gzip.compress(first) + GOOD), KNOWN)
    # As a file whose content would be the signed member.
    torn = gzip.decompress(EVIL)[:512]
    with pytest.raises(BadIndexError):
        read_index(chunks(gzip.compress(gzip.decompress(SIGNATURE) + torn) + GOOD), KNOWN)


def test_sha1_counts_only_where_it_is_allowed() -> None:
    """The broken digest is no proof by default."""
    keys = Keys(KNOWN.known, allow_sha1=True)
    assert read_index(chunks(signed(GOOD, form="RSA")), keys).packages
    assert read_index(chunks(signed(GOOD)), keys).packages


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no APKINDEX"),
        (b"<html>not found</html>", "no gzip file"),
        (signed(GOOD)[:-9], "torn"),
        (signed(GOOD)[:40], "torn"),
        (gzip.compress(b"not a tar" * 100), "torn tar header"),
        (gzip.compress(gzip.decompress(GOOD)[:700]), "torn"),
        (member({"DESCRIPTION": b"x"}), "no APKINDEX"),
        (member({"APKINDEX": b"", "payload": b""}), "unexpected file"),
        (member({"APKINDEX": b"P:a\nV:1-r0\n"}) * 2, "unexpected file"),
        (packed("P:a\nbroken\n"), "APKINDEX:2: a line begins"),
        (packed(entry("a", V="nonsense")), "no valid version"),
        (packed("V:1-r0\n\n"), "no name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "index",  # gzip writes the time of day
)
def test_a_torn_index_is_refused_in_a_line(data: bytes, said: str) -> None:
    """And never read in part."""
    with pytest.raises(BadIndexError, match=said) as refused:
        read_index(chunks(data), ANY)
    assert "\n" not in str(refused.value)


def test_what_is_too_large_is_refused_before_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes, unpacked bytes, a line, packages."""
    bomb = gzip.compress(b"\0" * (64 << 20), compresslevel=9)
    for name, limit, data, said in (
        ("LARGEST", 400, signed(packed(TEXT)), "larger than"),
        ("LARGEST_UNPACKED", 8 << 20, bomb, "unpacks to more"),
        ("LONGEST_LINE", 1000, packed(entry("a", T="x" * 2_000_000)), "a line"),
        ("MOST", 2, packed(TEXT), "more than 2 packages"),
    ):
        with monkeypatch.context() as limited:
            limited.setattr(apkindex, name, limit)
            with pytest.raises(BadIndexError, match=said):
                read_index(chunks(data), ANY)


@given(st.binary(max_size=400), st.integers(0, 3))
def test_whatever_arrives_is_an_index_or_refused(junk: bytes, place: int) -> None:
    """No other error, wherever the junk is."""
    whole = signed(packed(entry("a")))
    cut = len(whole) * place // 3
    inner = zlib.compress(junk, wbits=31)
    for data in (whole[:cut] + junk + whole[cut:], inner, SIGNATURE + inner, whole[:cut] + junk):
        with contextlib.suppress(BadIndexError):
            read_index(chunks(data, 50), ANY)
