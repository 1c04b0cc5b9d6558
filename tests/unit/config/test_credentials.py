"""Credentials of a project: from its own settings, checked when they are asked for."""

import base64
import json

import pytest

from preboard.config.credentials import Credentials, credential_values
from preboard.errors import ConfigError

KEY = base64.b64encode(b"k" * 32).decode()


def of(section, root=None, **values):
    found = {f"{section}.{key}": value for key, value in values.items()}
    return Credentials(root, found) if root else Credentials(values=found)


class TestValues:
    def test_a_section_goes_before_a_variable_and_others_are_no_credentials(self):
        sections = {"s3": {"aws_access_key_id": "section", "other": "x"}, "sftp": {"server": "h"}}
        variables = {"AWS_ACCESS_KEY_ID": "variable", "AWS_REGION": "eu-west-1", "SERVER": "x"}

        assert credential_values(sections, variables) == {
            "s3.aws_access_key_id": "section",
            "s3.aws_region": "eu-west-1",
            "sftp.server": "h",
        }

    def test_what_is_secret_is_in_no_repr(self):
        said = {"aws_access_key_id": "hush", "aws_secret_access_key": "hush"}
        whole = of("s3", **said)

        assert "hush" not in repr(whole) + repr(whole.s3())


class TestS3:
    @pytest.mark.parametrize(
        ("said", "endpoint"),
        [
            ("https://minio.example", "https://minio.example"),
            ("https://minio.example:9000/", "https://minio.example:9000"),
            ("http://[::1]:9000", "http://[::1]:9000"),
        ],
    )
    def test_an_endpoint_is_a_host(self, said, endpoint):
        assert of("s3", aws_endpoint_url=said).s3().endpoint == endpoint

    @pytest.mark.parametrize(
        "said",
        ["minio.example", "ftp://minio.example", "https://minio.example/in", "https://",
         "https://minio.example?x=1", "https://u:hush@minio.example", "https://minio.example:x"],
    )  # fmt: skip
    def test_what_is_no_endpoint_is_told(self, said):
        with pytest.raises(ConfigError, match=r"\[s3\] aws_endpoint_url") as caught:
            of("s3", aws_endpoint_url=said).s3()
        assert "hush" not in str(caught.value)

    @pytest.mark.parametrize("region", ["evil.test/", "eu-west-1.evil.test", "EU", "a b"])
    def test_a_region_can_t_make_another_host(self, region):
        with pytest.raises(ConfigError, match="aws_region"):
            of("s3", aws_region=region).s3()


class TestAzure:
    def test_a_connection_string_says_all(self):
        text = (f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={KEY};"
                "EndpointSuffix=core.chinacloudapi.cn")  # fmt: skip
        found = of("azure", azure_storage_connection_string=text).azure()

        assert (found.account, found.key, found.suffix) == (
            "acme", b"k" * 32, "core.chinacloudapi.cn",
        )  # fmt: skip

    def test_so_do_account_and_key(self):
        named = {"azure_storage_account_name": "acme", "azure_storage_account_key": KEY}

        assert of("azure", **named).azure().key == b"k" * 32

    def test_a_shared_access_signature_is_taken(self):
        text = "AccountName=acme;SharedAccessSignature=?sv=1&sig=x%3D"

        assert (
            of("azure", azure_storage_connection_string=text).azure().signature == "sv=1&sig=x%3D"
        )

    @pytest.mark.parametrize(
        "text",
        ["", "AccountName=Acme.evil.test", "AccountName=acme;EndpointSuffix=evil.test",
         "AccountName=acme;AccountKey=***"],
    )  # fmt: skip
    def test_an_account_can_t_make_another_host(self, text):
        with pytest.raises(ConfigError, match=r"\[azure\]"):
            of("azure", azure_storage_connection_string=text).azure()


class TestGoogle:
    ACCOUNT = json.dumps({"client_email": "a@b.example", "private_key": "key", "other": 1})

    def test_a_service_account_is_text_or_a_file_of_the_project(self, tmp_path):
        (tmp_path / "account.json").write_text(self.ACCOUNT)

        assert of("gcs", google_service_account=self.ACCOUNT).google().email == "a@b.example"
        path = of("gcs", tmp_path, gcs_credentials_path="account.json")
        assert path.google().private_key == "key"
        assert Credentials().google().email == ""

    @pytest.mark.parametrize("text", ["x", "[]", "{}", '{"client_email": "a@b.example"}'])
    def test_what_is_none_is_told(self, text):
        with pytest.raises(ConfigError, match="no service account"):
            of("gcs", google_service_account=text).google()


class TestFiles:
    @pytest.mark.parametrize("said", ["../key", "/etc/hostname", "link"])
    def test_a_file_lies_in_the_project(self, tmp_path, said):
        root = tmp_path / "acme"
        root.mkdir()
        (tmp_path / "key").write_text("hush")
        (root / "link").symlink_to(tmp_path / "key")

        with pytest.raises(ConfigError, match="leads out of the project"):
            of("sftp", root, server="h", private_key=said).sftp()

    @pytest.mark.parametrize(("said", "why"), [("none", "No such file"), ("binary", "no text")])
    def test_one_that_can_t_be_read_is_told(self, tmp_path, said, why):
        (tmp_path / "binary").write_bytes(b"\xff\xfe")

        with pytest.raises(ConfigError, match=rf"\[sftp\] known_hosts: '{said}' .*{why}"):
            of("sftp", tmp_path, server="h", known_hosts=said).sftp()


class TestSftp:
    def test_without_a_server_there_are_none(self):
        assert of("sftp", username="u", password="p").sftp() is None  # noqa: S106

    def test_what_is_not_said_has_its_default(self):
        found = of("sftp", server="Files.Example", host_keys="any").sftp()

        assert found is not None
        assert (found.server, found.port, found.takes_any_key) == ("files.example", 22, True)

    @pytest.mark.parametrize("port", ["x", "0", "65536", "99999999999", "²"])
    def test_a_port_is_a_number(self, port):
        with pytest.raises(ConfigError, match=r"\[sftp\] port"):
            of("sftp", server="h", port=port).sftp()

    @pytest.mark.parametrize(
        "keys", ["anyone", "MD5:00", "SHA256:short", f"SHA256:{'a' * 43}, any"]
    )
    def test_host_keys_are_fingerprints(self, keys):
        with pytest.raises(ConfigError, match=r"\[sftp\] host_keys"):
            of("sftp", server="h", host_keys=keys).sftp()
