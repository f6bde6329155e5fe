from octobot.github.repository.config_files import organisations
from octobot.model.ids import InstallationId, Repository, RepositoryId, Watched


def watched(number: int, owner: str, name: str, installation: int = 1) -> Watched:
    """Make a watched repository."""
    repository = Repository(owner, name)
    return Watched(InstallationId(installation), RepositoryId(number), repository, "main")


def test_an_owners_repositories_share_its_file_and_nobody_elses() -> None:
    """Within one installation, under one owner; the file's own repository has none above it."""
    above, os_, extra = watched(1, "a", ".github"), watched(2, "a", "os"), watched(3, "a", "zzz")
    other, foreign = watched(4, "b", "os"), watched(5, "a", "os", installation=2)
    alike = watched(6, "c", "github"), watched(7, "c", "os")
    found = organisations((os_, above, extra, other, foreign, *alike))
    assert found == {os_.id: above, extra.id: above}
