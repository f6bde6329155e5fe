from datetime import timedelta
from pathlib import Path

import pytest

from octobot.model.errors import Misconfigured
from octobot.settings import Settings, read_settings
from octobot.triage.providers.table import TABLE
from octobot.variables import FORMER_VARIABLES, VARIABLES

KEY = "-----BEGIN RSA PRIVATE KEY-----\nnot a real one\n-----END RSA PRIVATE KEY-----\n"
APP = {
    "OCTOBOT_APP_ID": "12345",
    "OCTOBOT_PRIVATE_KEY": KEY,
    "OCTOBOT_WEBHOOK_SECRET": "hush-hush",
}


def test_an_empty_environment_is_enough_without_an_app() -> None:
    """`check` and `update` start with nothing set; what needs the App refuses, naming it."""
    settings = read_settings({})
    assert settings.check_interval == timedelta(minutes=1)
    assert settings.check_interval_other_hosts == timedelta(minutes=5)
    assert settings.listen == ("127.0.0.1", 8080)
    with pytest.raises(Misconfigured, match="OCTOBOT_APP_ID"):
        settings.require_app()


def test_the_app_is_read() -> None:
    """Id, key and secrets come from the environment; an old secret is accepted beside the new."""
    app = read_settings({**APP, "OCTOBOT_WEBHOOK_SECRET_OLD": "older"}).require_app()
    assert app.id == 12345
    assert [secret.reveal() for secret in app.webhook_secrets] == ["hush-hush", "older"]


def test_only_a_door_needs_the_secret_of_deliveries() -> None:
    """The cron poller takes none; `serve` refuses to open without."""
    app = read_settings({**APP, "OCTOBOT_WEBHOOK_SECRET": ""}).require_app()
    with pytest.raises(Misconfigured, match="OCTOBOT_WEBHOOK_SECRET is not set"):
        app.require_webhook_secrets()


def test_the_key_may_lie_in_a_file(tmp_path: Path) -> None:
    """A file is read once; a missing one is said with its name."""
    file = tmp_path / "key.pem"
    file.write_text(KEY)
    environ = {**APP, "OCTOBOT_PRIVATE_KEY": "", "OCTOBOT_PRIVATE_KEY_FILE": str(file)}
    assert read_settings(environ).require_app().private_key.reveal() == KEY
    with pytest.raises(Misconfigured, match="No such file"):
        read_settings({**environ, "OCTOBOT_PRIVATE_KEY_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(("former", "name"), FORMER_VARIABLES.items())
def test_a_former_name_is_refused_with_the_new_one(former: str, name: str) -> None:
    """An operator who updates octobot does not fall back to a default without a word."""
    with pytest.raises(Misconfigured, match=f"{former} is called {name} now"):
        read_settings({**APP, former: "1"})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"OCTOBOT_PRIVATE_KEY": ""}, "OCTOBOT_PRIVATE_KEY"),
        ({"OCTOBOT_PRIVATE_KEY_FILE": "/both"}, "exactly one"),
        ({"OCTOBOT_PRIVATE_KEY": "a password"}, "PEM"),
        ({"OCTOBOT_APP_ID": "octobot"}, "OCTOBOT_APP_ID"),
        ({"OCTOBOT_WORKERS": "0"}, "OCTOBOT_WORKERS"),
        ({"OCTOBOT_PASS_INTERVAL": "soon"}, "OCTOBOT_PASS_INTERVAL"),
        ({"OCTOBOT_LISTEN": "8080"}, "OCTOBOT_LISTEN"),
        ({"OCTOBOT_LOG": "xml"}, "OCTOBOT_LOG"),
        ({"OCTOBOT_PASS_INTERVAL": "0s"}, "OCTOBOT_PASS_INTERVAL"),
        ({"OCTOBOT_LISTEN": "127.0.0.1:65536"}, "OCTOBOT_LISTEN"),
        ({"OCTOBOT_WEBHOOK_SECRET": "password\n"}, "OCTOBOT_WEBHOOK_SECRET begins or ends"),
        ({"OCTOBOT_GITHUB_URL": "ftp://a:password@x"}, "OCTOBOT_GITHUB_URL must begin"),
        ({"OCTOBOT_GITHUB_URL": "http://a:password@example.com"}, "OCTOBOT_GITHUB_URL must begin"),
        ({"OCTOBOT_GITHUB_URL": "http://[password"}, "OCTOBOT_GITHUB_URL must begin"),
        ({"OCTOBOT_GITHUB_URL": "https://github.com"}, "https://api.github.com"),
        ({"OCTOBOT_MODEL_KEY": "password"}, "OCTOBOT_MODEL_PROVIDER is not"),
    ],
)
def test_a_wrong_or_half_set_environment_refuses_to_start(
    changed: dict[str, str], said: str
) -> None:
    """Each fault is said with the variable's name, and never with a secret's value."""
    with pytest.raises(Misconfigured, match=said) as refused:
        read_settings({**APP, **changed})
    assert "password" not in str(refused.value)


def test_a_slip_of_the_pen_is_no_setting() -> None:
    """A kill switch that is nearly spelled right must not be passed over in silence."""
    with pytest.raises(Misconfigured, match=r"OCTOBOT_PAUSE; did you mean OCTOBOT_PAUSED\?"):
        read_settings({"OCTOBOT_PAUSE": "true"})
    with pytest.raises(Misconfigured, match="did you mean OCTOBOT_DATABASE_URL"):
        read_settings({"OCTOBOT_DATABASE": "x"})


@pytest.mark.parametrize("name", ["OCTOBOT_SERVICE_HOST", "OCTOBOT_DATABASE_PORT", "GITHUB_TOKENS"])
def test_the_variables_of_others_are_theirs(name: str) -> None:
    """Kubernetes sets some of our prefix for a Service that has our name."""
    assert read_settings({name: "tcp://10.0.0.1:80"}).app is None


def test_a_key_with_its_line_breaks_spelled_out_is_read() -> None:
    r"""A file of variables has one line each, and the key's breaks are written `\n` there."""
    app = read_settings({**APP, "OCTOBOT_PRIVATE_KEY": KEY.replace("\n", "\\n")}).require_app()
    assert app.private_key.reveal() == KEY


def test_a_key_that_is_no_text_is_reported_with_its_file(tmp_path: Path) -> None:
    """Bytes of another format are no reason to fail with a stack, nor to quote them."""
    file = tmp_path / "key.der"
    file.write_bytes(b"\x30\x82\x8c")
    environ = {**APP, "OCTOBOT_PRIVATE_KEY": "", "OCTOBOT_PRIVATE_KEY_FILE": str(file)}
    with pytest.raises(Misconfigured, match=r"OCTOBOT_PRIVATE_KEY_FILE: not a text: .*key\.der"):
        read_settings(environ)
    file.write_bytes(b"")
    with pytest.raises(Misconfigured, match=r"OCTOBOT_PRIVATE_KEY_FILE: .*PEM form: .*key\.der"):
        read_settings(environ)


def test_secrets_do_not_print() -> None:
    """Neither the settings' own text nor its parts show a secret."""
    settings = read_settings({**APP, "GITHUB_TOKEN": "ghp_canary"})
    shown = f"{settings!r} {settings.app!r} {settings.token}"
    assert isinstance(settings, Settings)
    for secret in ("hush-hush", "not a real one", "ghp_canary"):
        assert secret not in shown


def test_each_variable_is_named_once() -> None:
    """The list that the manual's table is made of has no name twice."""
    names = [variable.name for variable in VARIABLES]
    assert len(names) == len(set(names))


MODEL = {"OCTOBOT_MODEL_PROVIDER": "openai", "OCTOBOT_MODEL_NAME": "tiny"}


def test_no_model_is_asked_unless_one_is_named() -> None:
    """The embedded default is rules only; a provider without a model's name is half a setting."""
    assert read_settings({}).model is None
    with pytest.raises(Misconfigured, match="OCTOBOT_MODEL_NAME"):
        read_settings({"OCTOBOT_MODEL_PROVIDER": "openai"})
    with pytest.raises(Misconfigured, match="OCTOBOT_MODEL_PROVIDER"):
        read_settings({**MODEL, "OCTOBOT_MODEL_PROVIDER": "oracle"})


def test_a_model_is_read(tmp_path: Path) -> None:
    """Its key may lie in a file, and does not print itself; budgets have defaults."""
    file = tmp_path / "key"
    file.write_text("sk-secret\n")
    model = read_settings({**MODEL, "OCTOBOT_MODEL_KEY_FILE": str(file)}).model
    assert model
    assert model.key.reveal() == "sk-secret"
    assert "sk-secret" not in repr(model)
    assert (model.budget_day, model.budget_repository, model.loopback) == (200, 50, False)
    with pytest.raises(Misconfigured, match="not both"):
        read_settings(
            {**MODEL, "OCTOBOT_MODEL_KEY_FILE": str(file), "OCTOBOT_MODEL_KEY": "sk-other"}
        )


def test_the_settings_know_the_same_services_as_the_table() -> None:
    """A provider that is added to the table can be named, and no other."""
    for name in TABLE:
        assert read_settings({**MODEL, "OCTOBOT_MODEL_PROVIDER": name}).model
