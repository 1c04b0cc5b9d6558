"""config.ini: the reference's file as it is, our keys beside, and values that can't be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from preboard.config import ini
from preboard.config.ini import CONFIG_FILE, read_settings
from preboard.config.keys import KEYS, unknown_keys
from preboard.config.masking import MASK, shown_sections
from preboard.config.settings import InputSettings, LogSettings, Settings
from preboard.errors import ConfigError

REFERENCE = Path(__file__).with_name("reference_config.ini")


@pytest.fixture
def read(tmp_path):
    """Read the settings of a project with this config.ini."""

    def settings(text):
        path = tmp_path / CONFIG_FILE
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_settings(tmp_path)

    return settings


def test_the_file_that_the_reference_generates_is_read_as_it_is(read, tmp_path):
    text = REFERENCE.read_text(encoding="utf-8")
    settings = read(text.replace("/home/someone/project", str(tmp_path)))
    assert settings.csvpath_policy == ("collect", "fail", "print")
    assert settings.csvpaths_policy == ("print", "collect")
    assert settings.error_pattern == "{time}:{file}:{line}:{paths}:{instance}:{chain}:  {message}"
    assert settings.log == LogSettings(
        file="logs/csvpath.log", files_to_keep=100, file_bytes=50_000_000, rotates=False
    )
    assert settings.inputs == InputSettings(allows_local=True, allows_http=True)
    assert (settings.archive, settings.transfers) == ("archive", "transfers")
    assert settings.parquet_batch == 100_000
    assert list(unknown_keys(settings.sections)) == []


def test_listeners_that_the_reference_has_in_another_section_are_listeners(read, tmp_path):
    text = REFERENCE.read_text(encoding="utf-8")
    settings = read(text.replace("/home/someone/project", str(tmp_path)))
    assert settings.sections["listeners"]["slack.results"].endswith("import SlackSender")
    assert "slack.results" not in settings.sections["openlineage"]


def test_every_section_and_key_of_it_is_described(read, tmp_path):
    """What the reference generates has a line in our reference page."""
    text = REFERENCE.read_text(encoding="utf-8")
    settings = read(text.replace("/home/someone/project", str(tmp_path)))
    described = {(key.section, key.name) for key in KEYS}
    for section, values in settings.sections.items():
        for name in values:
            is_pattern = section == "listeners" or name.startswith("job_")
            assert is_pattern or (section, name) in described


def test_a_file_that_says_nothing_is_the_default(read):
    assert read("") == Settings()


def test_the_described_defaults_are_those_that_are_in_force(read):
    """A config.ini with every described default written down is one that says nothing."""
    sections: dict[str, list[str]] = {}
    for key in KEYS:
        if "*" not in key.name and key.section != "config":
            sections.setdefault(key.section, []).append(f"{key.name} = {key.default}")
    text = "\n".join(f"[{name}]\n" + "\n".join(lines) for name, lines in sections.items())
    assert read(text) == Settings(sections=read(text).sections)


def test_our_own_file_has_known_keys_only(read):
    default = Path(ini.__file__).parents[1] / "project/default_config.ini"
    settings = read(default.read_bytes())
    assert list(unknown_keys(settings.sections)) == []
    described = {(key.section, key.name) for key in KEYS}
    assert all((s, k) in described for s, values in settings.sections.items() for k in values)


def test_unknown_sections_and_keys_are_kept_as_text_and_told(read):
    settings = read("[inputs]\nallow_lcoal_files = true\n[mine]\nx = 1\n[otlp]\nany = 1\n")
    assert settings.sections["mine"] == {"x": "1"}
    assert settings.inputs.allows_local is False
    assert list(unknown_keys(settings.sections)) == ["[inputs] allow_lcoal_files", "[mine]"]


def test_keys_may_be_in_capitals_and_a_byte_order_mark_does_no_harm(read):
    assert read(b"\xef\xbb\xbf[inputs]\nALLOW_LOCAL_FILES = Yes\n").inputs.allows_local


WRONG = {
    "no section": ("allow = 1\n", r"is no INI file: line 1 stands before any \[section\]$"),
    "no value": ("[a]\nb\nc = 1\nd\n", "is no INI file: there is no = or : in line 2, 4$"),
    "a key twice": ("[inputs]\na = 1\na = 2\n", "is no INI file"),
    "no UTF-8": (b"[inputs]\na = \xff\n", "can't be read"),
    "too large": (b"#" * ((1 << 20) + 1), "is larger than"),
    "a policy": (
        "[errors]\ncsvpath = collect, explode\n",
        r"\[errors\] csvpath can't be 'explode'",
    ),
    "a format": ("[errors]\nuse_format = half\n", "use_format can't be 'half'"),
    "a level": ("[logging]\ncsvpath = loud\n", "csvpath can't be 'loud'"),
    "a handler": ("[logging]\nhandler = syslog\n", "handler can't be 'syslog'"),
    "a switch": ("[inputs]\nallow_local_files = maybe\n", "allow_local_files can't be 'maybe'"),
    "a word that would switch a check off": (
        "[inputs]\non_unmatched_file_fingerprints = hlat\n",
        "can't be 'hlat'",
    ),
    "a number": ("[parquet]\nbatch_size = many\n", "which is no number"),
    "a negative number": ("[parquet]\nbatch_size = -1\n", "which is no number"),
    "digits that are none": ("[parquet]\nbatch_size = ²\n", "which is no number"),
    "a number without end": (f"[parquet]\nbatch_size = {'9' * 9999}\n", "which is no number"),
    "a batch of nothing": ("[parquet]\nbatch_size = 0\n", "1 is the least"),
    "a log of nothing": ("[logging]\nlog_file_size = 10\n", "1,000 is the least"),
    "a way out": ("[results]\narchive = ../../etc\n", "leads out of the project"),
    "a log elsewhere": ("[logging]\nlog_file = ../x.log\n", "leads out of the project"),
    "a NUL": ("[results]\narchive = a\0b\n", "leads out of the project"),
    "a line break": ("[results]\narchive = a\n  b\n", "leads out of the project"),
    "another store": ("[results]\narchive = s3://bucket/a\n", "are directories"),
    "one directory for two": ("[results]\narchive = inputs/named_files\n", "lie in one another"),
    "one in the other": ("[results]\narchive = inputs\n", "lie in one another"),
    "the whole project": ("[results]\narchive = .\n", "lie in one another"),
    "the program's own": ("[results]\narchive = x/../.preboard\n", "leads out of the project"),
    "our own directory": ("[inputs]\nfiles = .preboard/x\n", "lie in one another"),
    "the settings": ("[inputs]\nfiles = ./config\n", "lie in one another"),
    "a path to nowhere": ("[config]\npath = config/other.ini\n", "which is no file"),
    "a path to a directory": ("[config]\npath = config\n", "which is no file"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_a_value_that_cannot_be_is_refused_with_its_place(read, text, told):
    with pytest.raises(ConfigError, match=told):
        read(text)


def test_the_same_directory_as_an_absolute_path_is_the_same(read, tmp_path):
    with pytest.raises(ConfigError, match="lie in one another"):
        read(f"[results]\narchive = {tmp_path}/transfers/x\n")


def test_without_a_file_there_is_no_project(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no config/config\.ini"):
        read_settings(tmp_path)


def test_a_path_in_it_is_followed(read, tmp_path):
    (tmp_path / "b.ini").write_text("[results]\narchive = other\n", encoding="utf-8")
    (tmp_path / "a.ini").write_text("[config]\npath = b.ini\n", encoding="utf-8")
    assert read("[config]\npath = a.ini\n").archive == "other"


def test_paths_that_lead_in_a_circle_have_an_end(read, tmp_path):
    (tmp_path / "a.ini").write_text("[config]\npath = config/config.ini\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="leads on more than 6 times"):
        read("[config]\npath = a.ini\n")


class TestVariables:
    @pytest.fixture(autouse=True)
    def variables(self, monkeypatch):
        monkeypatch.setenv("PREBOARD_ROOT", "data")
        monkeypatch.setenv("SECRET_OF_THE_HOST", "s3cret")
        monkeypatch.setenv("time", "noon")
        monkeypatch.delenv("PREBOARD_NONE", raising=False)

    def test_without_the_switch_nothing_is_filled_in(self, read):
        assert read("[results]\narchive = {PREBOARD_ROOT}\n").archive == "{PREBOARD_ROOT}"

    def test_names_in_braces_and_values_in_capitals_are_filled_in(self, read):
        settings = read(
            "[config]\nallow_var_sub = True\n"
            "[results]\narchive = {PREBOARD_ROOT}/arch\ntransfers = {{x}}\n"
            "[ckan]\nserver = PREBOARD_ROOT\napi_token = PREBOARD_NONE\n"
        )
        assert (settings.archive, settings.transfers) == ("data/arch", "{x}")
        assert settings.sections["ckan"] == {"server": "data", "api_token": "PREBOARD_NONE"}

    @pytest.mark.parametrize("value", ["{SECRET_OF_THE_HOST}", "SECRET_OF_THE_HOST"])
    def test_what_is_not_allowed_is_not_given_out(self, read, value):
        with pytest.raises(ConfigError, match=r"\[ckan\] server: the variable") as caught:
            read(f"[config]\nallow_var_sub = yes\n[ckan]\nserver = {value}\n")
        assert "s3cret" not in str(caught.value)

    def test_what_is_allowed_can_be_said(self, read):
        settings = read(
            "[config]\nallow_var_sub = on\nvar_sub_allow = SECRET_*, OTHER\n"
            "[ckan]\nserver = SECRET_OF_THE_HOST\n"
        )
        assert settings.sections["ckan"]["server"] == "s3cret"

    def test_the_words_of_the_pattern_are_no_variables(self, read):
        settings = read("[config]\nallow_var_sub = on\n[errors]\npattern = {time} {message}\n")
        assert settings.error_pattern == "{time} {message}"

    def test_what_is_filled_in_is_checked_like_what_is_written(self, read, monkeypatch):
        monkeypatch.setenv("PREBOARD_ROOT", "../..")
        with pytest.raises(ConfigError, match="leads out of the project"):
            read("[config]\nallow_var_sub = on\n[results]\narchive = {PREBOARD_ROOT}\n")

    def test_a_value_that_was_filled_in_is_not_filled_in_again(self, read, monkeypatch):
        monkeypatch.setenv("PREBOARD_ROOT", "{SECRET_OF_THE_HOST}")
        settings = read("[config]\nallow_var_sub = on\n[ckan]\nserver = {PREBOARD_ROOT}\n")
        assert settings.sections["ckan"]["server"] == "{SECRET_OF_THE_HOST}"

    def test_a_file_may_hold_them_instead(self, read, tmp_path):
        (tmp_path / "env.json").write_text('{"ROOT": "there", "N": 5}', encoding="utf-8")
        settings = read(
            "[config]\nallow_var_sub = true\nvar_sub_source = env.json\n"
            "[results]\narchive = {ROOT}/{N}/{PREBOARD_ROOT}\n"
        )
        assert settings.archive == "there/5/{PREBOARD_ROOT}"

    @pytest.mark.parametrize(
        "content", [None, "[]", '{"a": {}}', "{", "[" * 100_000, " " * (1 << 21), "\x00"]
    )
    def test_a_file_that_holds_none_is_refused(self, read, tmp_path, content):
        if content is not None:
            (tmp_path / "env.json").write_text(content, encoding="utf-8")
        with pytest.raises(ConfigError, match="var_sub_source"):
            read("[config]\nallow_var_sub = true\nvar_sub_source = env.json\n")


def test_secrets_are_not_shown(read):
    settings = read(
        "[sftp]\npassword = p\nusername = u\n[ckan]\napi_token = t\n"
        "[catalog]\nurl = postgresql://u:pw@host/db\n"
    )
    shown = shown_sections(settings)
    assert shown["sftp"] == {"password": MASK, "username": "u"}
    assert shown["ckan"] == {"api_token": MASK}
    assert shown["catalog"] == {"url": f"postgresql://u:{MASK}@host/db"}
    assert "pw" not in repr(json.dumps(shown))


@pytest.mark.parametrize(
    ("section", "key"),
    [
        *(("sftp", key) for key in ("password", "private_key", "passphrase")),
        *(("s3", key) for key in ("aws_access_key_id", "aws_secret_access_key")),
        ("s3", "aws_session_token"),
        ("azure", "azure_storage_connection_string"),
        ("azure", "azure_storage_account_key"),
        ("gcs", "google_service_account"),
    ],
)
def test_what_files_are_fetched_with_is_not_shown(read, section, key):
    settings = read(f"[inputs]\nremote_locations = s3://*\n[{section}]\n{key} = hush\n")

    assert settings.credentials == {f"{section}.{key}": "hush"}
    assert shown_sections(settings)[section] == {key: MASK}
    assert "hush" not in repr(settings)


def test_an_entry_that_is_no_location_is_refused(read):
    with pytest.raises(ConfigError, match=r"\[inputs\] remote_locations has 'acme-in'"):
        read("[inputs]\nremote_locations = s3://acme-in/*, acme-in\n")
