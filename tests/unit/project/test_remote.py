"""What a project's settings allow to be fetched, with and without a server that keeps it."""

from dataclasses import replace

from preboard.config.locations import location
from preboard.config.settings import InputSettings, Settings
from preboard.project.project import Project
from preboard.project.remote import remote_rules
from preboard.storage.remote.rules import RemoteRules

OURS = InputSettings(
    allows_http=True,
    http_hosts=("files.local",),
    remote_locations=(location("s3://acme-in/*"),),
    private_hosts=("10.0.0.0/8",),
    most_bytes=1_000,
)


def test_settings_that_say_nothing_allow_nothing():
    assert remote_rules(Settings(), None) == RemoteRules()


def test_who_runs_it_says_which_private_hosts_may_be_asked():
    """On the command line that is who wrote the settings; a server says it itself."""
    settings = Settings(inputs=OURS)
    alone = remote_rules(settings, None)

    assert alone.private_hosts == ("10.0.0.0/8", "files.local")
    assert (alone.locations, alone.web, alone.most_bytes) == (OURS.remote_locations, True, 1_000)
    assert remote_rules(settings, ()) == replace(alone, private_hosts=())
    assert remote_rules(settings, ("minio.local",)).private_hosts == ("minio.local",)


def test_credentials_are_read_only_where_files_may_be_fetched(tmp_path):
    with Project.create(tmp_path / "acme") as project:
        assert dict(project.settings.credentials) == {}
    config = tmp_path / "acme/config/config.ini"
    text = config.read_text().replace("var_sub_source = env", "var_sub_source = config/env.json")
    config.write_text(text + "\n[s3]\naws_region = eu-west-1\n")
    (tmp_path / "acme/config/env.json").write_text('{"AWS_ACCESS_KEY_ID": "a", "OTHER": "b"}')

    with Project.open(tmp_path / "acme") as project:
        assert dict(project.settings.credentials) == {}

    config.write_text(
        config.read_text().replace("remote_locations =", "remote_locations = s3://acme-in/*")
    )
    with Project.open(tmp_path / "acme") as project:
        found = project.staging.rules.credentials

    assert dict(found.values) == {"s3.aws_access_key_id": "a", "s3.aws_region": "eu-west-1"}
    assert found.root == tmp_path / "acme"


def test_the_environment_of_the_process_gives_none(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ambient")
    Project.create(tmp_path / "acme").close()
    config = tmp_path / "acme/config/config.ini"
    config.write_text(
        config.read_text().replace("remote_locations =", "remote_locations = s3://acme-in/*")
    )

    with Project.open(tmp_path / "acme") as project:
        assert dict(project.settings.credentials) == {}
