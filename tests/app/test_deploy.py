"""The files of `deploy/` want what the program takes: variables, commands, ports and doors."""

import re
from pathlib import Path

import pytest
import yaml

from octobot.__main__ import cli
from octobot.variables import VARIABLES
from tests.manual import pages

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_and_command_exists(path: Path) -> None:
    """A variable that nobody reads would be a setting that does not hold."""
    text = "\n".join(line.partition("#")[0] for line in path.read_text().splitlines())
    known = {variable.name for variable in VARIABLES}
    assert set(re.findall(r"OCTOBOT_[A-Z_]+", text)) <= known
    said = set(re.findall(r"\boctobot ([a-z][a-z-]*)\b", text))
    assert said <= set(cli.commands)


def test_octobot_is_never_installed_by_its_name_alone() -> None:
    """On PyPI that name is another program's, which would then get the App's key."""
    told = [*FILES, *pages()]
    assert [
        path.name
        for path in told
        if re.search(r"pip3? install [^\n`]*\boctobot\s*$", path.read_text(), re.MULTILINE)
    ] == []


def test_kubernetes_asks_at_the_doors_that_there_are() -> None:
    """Probes at /healthz and /readyz, on the port that the image listens on."""
    deployment, service = yaml.safe_load_all((ROOT / "deploy/kubernetes/octobot.yaml").read_text())
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    (port,) = container["ports"]
    assert (
        f"OCTOBOT_LISTEN=0.0.0.0:{port['containerPort']} "
        in (ROOT / "deploy/Containerfile").read_text()
    )
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]


def test_the_cron_poller_does_not_wait_for_a_job_s_end_to_remember() -> None:
    """It is stopped before its job would be cut off, and its memory is saved even then."""
    job = yaml.safe_load((ROOT / "deploy/github-actions/poll.yml").read_text())["jobs"]["poll"]
    (poll,) = [step for step in job["steps"] if "octobot poll --once" in step.get("run", "")]
    minutes = re.search(r"timeout --signal=INT \S+ ([0-9]+)m ", poll["run"])
    assert minutes
    assert int(minutes[1]) < job["timeout-minutes"]
    assert job["steps"][-1]["uses"].startswith("actions/cache/save@")
    assert "!cancelled()" in job["steps"][-1]["if"]
