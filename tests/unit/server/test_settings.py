"""Settings: options over variables over the file, and a clear word where one is wrong."""

import pytest

from preboard.errors import ConfigError
from preboard.server.settings import make_home, read_settings, unknown_variables


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch):
    for name in ("HOME", "PORT", "ROLES", "DATABASE_URL", "LOCAL_ROOTS"):
        monkeypatch.delenv(f"PREBOARD_{name}", raising=False)


def test_a_home_is_all_that_is_needed(tmp_path):
    settings = read_settings(tmp_path / "home")

    assert settings.host == "127.0.0.1"
    assert settings.local_files is False
    assert settings.worker_count >= 1
    assert settings.catalog_url == f"sqlite:///{tmp_path}/home/preboard.db"
    assert not (tmp_path / "home").exists()


def test_an_option_goes_before_a_variable_and_that_before_the_file(tmp_path, monkeypatch):
    (tmp_path / "server.toml").write_text('port = 1\nhost = "a"\nlog_level = "debug"\n')
    monkeypatch.setenv("PREBOARD_PORT", "2")
    monkeypatch.setenv("PREBOARD_HOST", "b")

    settings = read_settings(tmp_path, port=3, host=None)
    assert (settings.port, settings.host, settings.log_level) == (3, "b", "debug")


def test_lists_stand_between_commas_in_a_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("PREBOARD_ROLES", "api, worker,api")
    monkeypatch.setenv("PREBOARD_LOCAL_ROOTS", "/srv/in,/srv/more")

    settings = read_settings(tmp_path)
    assert settings.roles == ("api", "worker")
    assert [str(root) for root in settings.local_roots] == ["/srv/in", "/srv/more"]


def test_proxies_are_addresses_and_networks(tmp_path):
    given = ("127.0.0.1", "10.0.0.0/8", "2001:db8::/32", "*")

    assert read_settings(tmp_path, trusted_proxies=given).trusted_proxies == given


def test_postgresql_is_reached_by_the_driver_that_there_is(tmp_path):
    """So that one URL is good for pg_dump, too."""
    settings = read_settings(tmp_path, database_url="postgresql://u@h/d")

    assert settings.catalog_url == "postgresql+psycopg://u@h/d"


def test_the_home_is_found_by_a_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("PREBOARD_HOME", str(tmp_path))

    assert read_settings().home == tmp_path


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("port = 70000", "port"),
        ('port = "x"', "port"),
        ("workers = 0", "workers"),
        ('roles = ["cook"]', "roles"),
        ("roles = []", "at least one"),
        ("prot = 1", "prot"),
        ("local_files = true", "local_roots"),
        ('local_roots = ["in"]', "absolute"),
        ('tls_cert = "/a"', "tls_key"),
        ("most_body_bytes = 0", "most_body_bytes"),
        ("run_timeout_s = inf", "run_timeout_s"),
        ('trusted_proxies = ["nonsense"]', "'nonsense' is no address"),
        ('trusted_proxies = ["10.0.0.1/8"]', "is no address"),
        ('integrations = ["x.y:Z"]', "is no name of an integration"),
        ('home = "/etc"', "home can't be set"),
        ("no toml", "server.toml"),
    ],
)
def test_a_wrong_one_is_named(tmp_path, file, told):
    (tmp_path / "server.toml").write_text(file)

    with pytest.raises(ConfigError, match=told):
        read_settings(tmp_path)


def test_a_password_is_in_no_message(tmp_path):
    (tmp_path / "server.toml").write_text('database_url = ["postgresql://u:s3cret@h/d"]')

    with pytest.raises(ConfigError) as refused:
        read_settings(tmp_path)
    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(read_settings(tmp_path, database_url="postgresql://u:s3cret@h/d"))


def test_a_home_is_for_its_own_user_alone(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    make_home(read_settings(home))

    modes = {path.name: path.stat().st_mode & 0o777 for path in [home, *home.iterdir()]}
    assert modes == {"home": 0o700, "projects": 0o700, "logs": 0o700, "preboard.db": 0o600}


def test_what_is_wrong_is_told_with_the_place_where_it_was_given(tmp_path, monkeypatch):
    (tmp_path / "server.toml").write_text("workers = 0\n")
    with pytest.raises(ConfigError, match=r"^server.toml: workers: "):
        read_settings(tmp_path)
    monkeypatch.setenv("PREBOARD_WORKERS", "many")
    with pytest.raises(ConfigError, match=r"^PREBOARD_WORKERS: "):
        read_settings(tmp_path)
    with pytest.raises(ConfigError, match=r"^--workers: "):
        read_settings(tmp_path, workers=-1)
    with pytest.raises(ConfigError, match=r"^--role, item 2: "):
        read_settings(tmp_path, workers=1, roles="api,cook")


def test_a_setting_that_is_none_is_told_with_the_nearest(tmp_path):
    (tmp_path / "server.toml").write_text("prot = 1\n")
    with pytest.raises(ConfigError, match="there is no setting 'prot'") as told:
        read_settings(tmp_path)
    assert told.value.hint == "did you mean port?"


def test_a_variable_that_is_nearly_a_setting_is_told(monkeypatch):
    monkeypatch.setenv("PREBOARD_WORKRES", "4")
    monkeypatch.setenv("PREBOARD_PROJECT", "acme")
    monkeypatch.setenv("PREBOARD_PORT", "1")
    assert unknown_variables() == ["PREBOARD_WORKRES is no setting: did you mean workers?"]
