import io
import zipfile

import pytest

from octobot.github.repository.log_archives import is_archive, log_of

LIMIT = 1000


def zipped(**files: bytes) -> bytes:
    """Pack files; `__` in a name stands for a folder's slash, `_X_` for nothing."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/") + ".txt", data)
    return made.getvalue()


def test_a_jobs_log_is_found_by_its_name() -> None:
    """GitHub puts a whole job at `N_JOB.txt`, and its steps in a folder of its name."""
    data = zipped(**{"0_build (x86 64)": b"one", "10_lint": b"two", "lint__1_set up": b"part"})
    assert is_archive(data)
    assert log_of(data, "lint", limit=LIMIT) == b"two"
    assert log_of(data, "build (x86/64)", limit=LIMIT) == b"one"
    assert log_of(data, "other", limit=LIMIT) is None
    assert log_of(data, limit=LIMIT) == b"onetwo"


def test_the_steps_are_put_together_in_their_order() -> None:
    """Where the whole is not there: 2 comes before 10."""
    data = zipped(**{"job__10_end": b"c", "job__2_build": b"b", "job__1_set up": b"a"})
    assert log_of(data, "job", limit=LIMIT) == b"abc"
    assert log_of(data, limit=2) == b"bc"


def test_a_bomb_costs_its_cap_and_no_more() -> None:
    """200 MiB of nothing in 200 KiB: unpacked up to the cap, kept up to the limit."""
    data = zipped(**{f"{n}_job": b"\0" * (20 << 20) for n in range(10)})
    assert len(data) < 1 << 20
    assert len(log_of(data, limit=LIMIT) or b"") == LIMIT


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"PK\x03\x04" + b"\0" * 100, zipped(a=b"x" * 500)[:-30], b"not a zip"],
    ids=["empty", "a beginning", "zeros", "cut off", "text"],  # an archive has the time in it
)
def test_what_is_no_archive_has_no_log(data: bytes) -> None:
    """Cut off, made up, or something else: no log, and no error."""
    assert log_of(data, limit=LIMIT) is None


def test_an_archive_whose_contents_are_broken_has_no_log() -> None:
    """The directory is fine, the data is not."""
    data = bytearray(zipped(a=bytes(range(256)) * 20))
    data[60:80] = b"\xff" * 20
    assert log_of(bytes(data), limit=LIMIT) is None
