"""The files of `deploy/` want what the program takes: variables, commands, ports and doors."""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from octobot.__main__ import cli
from octobot.model.errors import Misconfigured
from octobot.settings import read_settings
from octobot.upstream.guard import is_public
from octobot.variables import VARIABLES
from tests.manual import pages

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in (ROOT / "deploy").rglob("*") if path.is_file())
BASE, EXAMPLE = ROOT / "deploy/kubernetes/base", ROOT / "deploy/kubernetes/example"
KEYS_THEMSELVES = {"OCTOBOT_PRIVATE_KEY", "OCTOBOT_MODEL_KEY"}
"""What is a file wherever files are practical."""
FILE_NAMES = {"OCTOBOT_PRIVATE_KEY_FILE", "OCTOBOT_MODEL_KEY_FILE", "OCTOBOT_SIGNER_TOKEN_FILE"}
OF_SERVE = {"OCTOBOT_LISTEN", "OCTOBOT_WEBHOOK_SECRET", "OCTOBOT_WEBHOOK_SECRET_OLD"}
SETTINGS = {variable.name for variable in VARIABLES} - {"GITHUB_TOKEN"}
"""Those of `serve` and `poll`; the token is for `check` and `update`."""

ADDRESSES = (
    *("0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.31.0.1"),
    *("192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "fe80::1", "fc00::1", "ff02::1"),
    *("::ffff:10.0.0.1", "64:ff9b::a00:1", "2001:db8::1", "2002:a00:1::1", "2001::1"),
    *("8.8.8.8", "140.82.121.4", "100.63.0.1", "172.32.0.1", "192.0.3.1", "223.255.255.1"),
    *("2606:4700::1111", "2a01:4f8::1", "2001:4860:4860::8888"),
)
"""On both sides of each edge between the public internet and the rest."""


def _documents(path: Path) -> dict[str, Any]:
    """Return the documents of a file by their kind and name."""
    read = yaml.safe_load_all(path.read_text())
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in read}


def _kubernetes() -> dict[str, str]:
    """Return the environment of the example's pods, as it is before anything is filled in."""
    lines = (BASE / "settings.env").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    secrets = _documents(EXAMPLE / "secrets.yaml")["Secret/octobot"]["stringData"]
    fixed = {each["name"]: each["value"] for each in _container()["env"]}
    assert len(settings) + len(secrets) + len(fixed) == len({**settings, **secrets, **fixed})
    return {**settings, **secrets, **fixed}


def _pod() -> Any:  # noqa: ANN401  (a document)
    return _documents(BASE / "octobot.yaml")["Deployment/octobot"]["spec"]["template"]["spec"]


def _container() -> Any:  # noqa: ANN401  (a document)
    (container,) = _pod()["containers"]
    return container


def _compose() -> Any:  # noqa: ANN401  (a document)
    return yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())


def _poll() -> Any:  # noqa: ANN401  (a document)
    job = yaml.safe_load((ROOT / "deploy/github-actions/poll.yml").read_text())["jobs"]["poll"]
    (poll,) = [step for step in job["steps"] if "octobot poll --once" in step.get("run", "")]
    return poll


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
    service, container = _documents(BASE / "octobot.yaml")["Service/octobot"], _container()
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    (port,) = container["ports"]
    listen = f"0.0.0.0:{port['containerPort']}"
    assert f"OCTOBOT_LISTEN={listen} " in (ROOT / "deploy/Containerfile").read_text()
    assert _kubernetes()["OCTOBOT_LISTEN"] == listen
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


def test_every_setting_can_be_set() -> None:
    """In each way to run octobot, none is missing and none is there twice."""
    assert _kubernetes().keys() == SETTINGS - KEYS_THEMSELVES
    assert _compose()["services"]["octobot"]["environment"].keys() == SETTINGS
    without = FILE_NAMES | OF_SERVE | {"OCTOBOT_HOME"}
    assert _poll()["env"].keys() == SETTINGS - without


def test_what_is_not_set_has_its_default() -> None:
    """The manifests change nothing by themselves, except for a collector's log and the files."""
    defaults = {variable.name: variable.default or "" for variable in VARIABLES}
    here = _kubernetes()
    assert {name for name, value in here.items() if value != defaults[name]} == {
        "OCTOBOT_PRIVATE_KEY_FILE",
        "OCTOBOT_HOME",
        "OCTOBOT_LISTEN",
        "OCTOBOT_LOG",
    }
    environment = _compose()["services"]["octobot"]["environment"]
    for name, value in environment.items():
        assert re.fullmatch(rf"\$\{{{name}:(-|-json|\?|\+/run/secrets/[a-z-]+)\}}", value) or (
            name in {"OCTOBOT_HOME", "OCTOBOT_LISTEN", "OCTOBOT_DATABASE_URL"}
        ), name
    for name, value in _poll()["env"].items():
        assert value in {f"${{{{ vars.{name} }}}}", f"${{{{ secrets.{name} }}}}"}


def test_an_example_that_was_not_filled_in_starts_nothing(tmp_path: Path) -> None:
    """No placeholder is a secret: an octobot with a known one would take forged deliveries."""
    environ = _kubernetes()
    files = _documents(EXAMPLE / "secrets.yaml")["Secret/octobot-files"]["stringData"]
    assert environ["OCTOBOT_PRIVATE_KEY_FILE"].removeprefix("/secrets/") in files
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(Misconfigured, match="OCTOBOT_APP_ID"):
        read_settings(environ).require_app()
    environ["OCTOBOT_APP_ID"] = "1"
    environ["OCTOBOT_PRIVATE_KEY_FILE"] = str(tmp_path / "private-key.pem")
    with pytest.raises(Misconfigured, match="no private key"):
        read_settings(environ)
    (tmp_path / "private-key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(Misconfigured, match="OCTOBOT_WEBHOOK_SECRET"):
        read_settings(environ).require_app().require_webhook_secrets()


def test_a_container_can_change_nothing_but_its_data() -> None:
    """No privilege, no capability, no file system to write to, and no size without an end."""
    pod, container, service = _pod(), _container(), _compose()["services"]["octobot"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    rights = container["securityContext"]
    assert rights["readOnlyRootFilesystem"]
    assert not rights["allowPrivilegeEscalation"]
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert {"cpu", "memory", "ephemeral-storage"} <= container["resources"]["requests"].keys()
    assert {"memory", "ephemeral-storage"} <= container["resources"]["limits"].keys()
    for volume in pod["volumes"]:
        empty, secret = volume.get("emptyDir"), volume.get("secret")
        assert empty["sizeLimit"] if secret is None else secret["defaultMode"] == 0o440
    for each in _compose()["services"].values():
        assert each["read_only"]
        assert "no-new-privileges:true" in each["security_opt"]
        assert each["mem_limit"]
    assert service["cap_drop"] == ["ALL"]


def test_what_octobot_refuses_to_connect_to_the_network_refuses_too() -> None:
    """Egress leads to names, to the database, and to public addresses over https."""
    policy = _documents(BASE / "network-policy.yaml")["NetworkPolicy/octobot"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert [rule["ports"][0]["port"] for rule in policy["egress"]] == [53, 5432, 443]
    blocks = [each["ipBlock"] for each in policy["egress"][-1]["to"]]
    assert {text: _is_open(text, blocks) for text in ADDRESSES} == {
        text: is_public(ip_address(text)) for text in ADDRESSES
    }


def _is_open(text: str, blocks: list[Any]) -> bool:
    """Return whether a NetworkPolicy's blocks lead to an address."""
    address = ip_address(text)
    return any(
        address in ip_network(block["cidr"])
        and not any(address in ip_network(each) for each in block.get("except", []))
        for block in blocks
    )
