"""What the reader of specs remembers."""

from octobot.github.repository.git_objects import blob_id
from octobot.model.package import Package
from octobot.model.reasons import Reason
from octobot.specs.read.cache import Reader
from tests.specs.bumping import SPEC

BLOB = blob_id(SPEC)


def test_a_blob_is_read_once() -> None:
    """The same blob has the same value, whatever text comes with it; another one is read."""
    reader = Reader()
    first = reader.read("hello.yaml", BLOB, SPEC)
    assert isinstance(first, Package)
    assert reader.read("hello.yaml", BLOB, "not looked at") is first
    newer = SPEC.replace("1.2.3", "1.2.4")
    changed = reader.read("hello.yaml", blob_id(newer), newer)
    assert isinstance(changed, Package)
    assert changed.version == "1.2.4"


def test_one_blob_may_lie_at_two_paths() -> None:
    """A spec belongs in its own file: the path counts as well; a refusal is kept like a package."""
    reader = Reader()
    assert isinstance(reader.read("hello.yaml", BLOB, SPEC), Package)
    refused = reader.read("other.yaml", BLOB, SPEC)
    assert isinstance(refused, Reason)
    assert reader.read("other.yaml", BLOB, "") is refused


def test_a_blob_that_was_not_to_be_had_is_not_remembered() -> None:
    """An empty text stands for it once, never for the blob itself."""
    reader = Reader()
    assert isinstance(reader.read("hello.yaml", BLOB, ""), Reason)
    assert isinstance(reader.read("hello.yaml", BLOB, SPEC), Package)


def test_the_memory_is_bounded() -> None:
    """What was not asked for longest is forgotten."""
    reader = Reader(remembered=2)
    texts = [SPEC.replace("1.2.3", f"1.2.{n}") for n in range(3)]
    for text in (texts[0], texts[1], texts[0], texts[2]):
        reader.read("hello.yaml", blob_id(text), text)
    assert [reader.knows("hello.yaml", blob_id(text)) for text in texts] == [True, False, True]
