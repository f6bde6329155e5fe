import tarfile
from pathlib import Path

import pytest

from octobot.cli.specs_on_disk import folder_of, read_specs, replace_text
from octobot.model.errors import UserError


def test_a_directory_and_its_tarball_read_the_same(tmp_path: Path) -> None:
    """Specs of the root only, whatever else lies there; a forge's top folder is the root."""
    distro = tmp_path / "distro-1"
    (distro / ".github").mkdir(parents=True)
    (distro / "pipelines").mkdir()
    for path in ("b.yaml", "a.yaml", ".github/ci.yaml", "pipelines/x.yaml", ".hidden.yaml", "R.md"):
        (distro / path).write_text(f"# {path}\r\n")
    archive = tmp_path / "distro.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(distro, "distro-1")
    wanted = {"a.yaml": "# a.yaml\r\n", "b.yaml": "# b.yaml\r\n"}
    assert read_specs(distro) == wanted
    assert read_specs(archive) == wanted
    assert read_specs(distro, ["b"]) == {"b.yaml": wanted["b.yaml"]}


def test_a_name_without_a_spec_is_said(tmp_path: Path) -> None:
    """Asking for a package that is not there is an error, not an empty answer."""
    with pytest.raises(UserError, match=r"nope\.yaml"):
        read_specs(tmp_path, ["nope"])


def test_one_file_is_read_alone_or_with_those_beside_it(tmp_path: Path) -> None:
    """`NAME.yaml` may be the source, and a shell may write a whole row of them."""
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.yaml").write_text(name)
    one = tmp_path / "b.yaml"
    assert read_specs(one) == {"b.yaml": "b"}
    assert read_specs(one, [str(tmp_path / "c.yaml")]) == {"b.yaml": "b", "c.yaml": "c"}
    assert (folder_of(one), folder_of(tmp_path)) == (tmp_path, tmp_path)
    with pytest.raises(UserError, match=r"elsewhere/c\.yaml"):
        read_specs(one, ["elsewhere/c.yaml"])


@pytest.mark.parametrize("content", [b"", b"package:\n", b"\x1f\x8b\x08\x00cut short"])
def test_what_is_no_tarball_is_reported_in_a_line(tmp_path: Path, content: bytes) -> None:
    """Neither an archive that ends too soon nor another file ends in a stack."""
    (tmp_path / "distro.tar.gz").write_bytes(content)
    with pytest.raises(UserError, match="no whole tarball") as refused:
        read_specs(tmp_path / "distro.tar.gz")
    assert "\n" not in str(refused.value)


def test_a_folder_without_specs_is_the_wrong_one(tmp_path: Path) -> None:
    """Of nothing everything would be fine, and a CI green for ever."""
    with pytest.raises(UserError, match="there is no spec"):
        read_specs(tmp_path)


def test_links_are_not_followed(tmp_path: Path) -> None:
    """A symbolic link in the root is not a spec."""
    (tmp_path / "real.yaml").write_text("x")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "real.yaml")
    assert list(read_specs(tmp_path)) == ["real.yaml"]


def test_a_spec_is_replaced_whole(tmp_path: Path) -> None:
    """The text goes in byte for byte, the mode stays, and no temporary file is left."""
    spec = tmp_path / "a.yaml"
    spec.write_bytes(b"old\r\n")
    spec.chmod(0o640)
    replace_text(spec, "new\r\nännd\n")
    assert spec.read_bytes() == "new\r\nännd\n".encode()
    assert spec.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["a.yaml"]


def test_a_failed_write_leaves_the_old_text(tmp_path: Path) -> None:
    """What cannot be encoded is not half written."""
    spec = tmp_path / "a.yaml"
    spec.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        replace_text(spec, "new \udcff")
    assert spec.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.yaml"]
