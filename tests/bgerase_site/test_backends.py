"""Addresses in the environment become the right dictionaries, and wrong ones say what they take."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from bgerase_site.backends import broker_options, cache_from, mail_from, storage_from


def test_without_an_address_the_cache_is_this_processs_memory() -> None:
    assert cache_from("")["BACKEND"].endswith("LocMemCache")
    assert cache_from("redis://localhost/1") == {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "KEY_FUNCTION": "bgerase_site.backends.hide_key",
        "LOCATION": "redis://localhost/1",
    }


def test_storage_in_a_folder() -> None:
    storage = storage_from("file:///srv/a%20folder/media")
    assert storage["BACKEND"] == "processing.storage.disk.DiskStorage"
    assert storage["OPTIONS"] == {"location": "/srv/a folder/media"}


def test_storage_in_a_bucket() -> None:
    url = "s3://k%2Fey:s%40cret@photos?endpoint=https%3A%2F%2Fs3.example%3A9000&region=eu-1"
    options = storage_from(f"{url}&addressing=path")["OPTIONS"]
    assert options["bucket_name"] == "photos"
    assert (options["access_key"], options["secret_key"]) == ("k/ey", "s@cret")
    assert (options["endpoint_url"], options["region_name"]) == ("https://s3.example:9000", "eu-1")
    client = options["client_config"]
    assert client.s3 == {"addressing_style": "path"}
    # A storage that hangs holds up neither a photo nor a sweep for minutes.
    assert client.connect_timeout + client.read_timeout <= 30
    # Signatures of today, nothing public, nothing cached, nothing in a temporary file.
    assert client.signature_version == "s3v4"
    assert options["default_acl"] is None
    assert options["max_memory_size"] == 0
    assert options["object_parameters"] == {"CacheControl": "private, no-store"}


def test_a_bucket_without_keys_uses_the_machines_own() -> None:
    options = storage_from("s3://photos")["OPTIONS"]
    assert options["access_key"] is options["secret_key"] is options["endpoint_url"] is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
        (
            "file:///tmp/mail",
            {
                "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
                "EMAIL_FILE_PATH": "/tmp/mail",
            },
        ),
    ],
)
def test_mail_without_a_server(url: str, expected: dict[str, str]) -> None:
    assert mail_from(url) == expected


def test_mail_by_a_server() -> None:
    starttls = mail_from("smtp://user:p%40ss@mail.example")
    assert (starttls["EMAIL_HOST"], starttls["EMAIL_PORT"]) == ("mail.example", 587)
    assert (starttls["EMAIL_HOST_USER"], starttls["EMAIL_HOST_PASSWORD"]) == ("user", "p@ss")
    assert (starttls["EMAIL_USE_TLS"], starttls["EMAIL_USE_SSL"]) == (True, False)
    wrapped = mail_from("smtps://user:pass@mail.example")
    assert (wrapped["EMAIL_PORT"], wrapped["EMAIL_USE_TLS"], wrapped["EMAIL_USE_SSL"]) == (
        465,
        False,
        True,
    )


def test_the_scheme_alone_decides_whether_mail_is_encrypted() -> None:
    assert mail_from("smtp://mail.example")["EMAIL_USE_TLS"] is True
    relay = mail_from("smtp+plain://localhost")
    assert (relay["EMAIL_HOST"], relay["EMAIL_PORT"]) == ("localhost", 25)
    assert relay["EMAIL_USE_TLS"] is relay["EMAIL_USE_SSL"] is False


@pytest.mark.parametrize(
    ("reader", "url", "name"),
    [
        (cache_from, "memcached://localhost", "BGERASE_CACHE_URL"),
        (storage_from, "ftp://host/x", "BGERASE_STORAGE_URL"),
        (storage_from, "s3://", "BGERASE_STORAGE_URL"),
        (storage_from, "", "BGERASE_STORAGE_URL"),
        (mail_from, "smtp://", "BGERASE_EMAIL_URL"),
        (mail_from, "http://mail.example", "BGERASE_EMAIL_URL"),
    ],
)
def test_another_address_is_refused_with_the_settings_name(
    reader: object, url: str, name: str
) -> None:
    assert callable(reader)
    with pytest.raises(ImproperlyConfigured, match=name):
        reader(url)


def test_the_folder_broker_has_its_folders_and_looks_often(tmp_path: Path) -> None:
    options = broker_options("filesystem://localhost", tmp_path, 120)
    folders = {options[name] for name in options if "folder" in name}
    assert folders == {str(path) for path in tmp_path.iterdir()}
    assert options["data_folder_in"] == options["data_folder_out"]
    assert options["polling_interval"] <= 0.05


def test_redis_gives_a_message_back_only_after_the_longest_job(tmp_path: Path) -> None:
    options = broker_options("redis://localhost/0", tmp_path, 120)
    assert options["visibility_timeout"] > 120
    assert not list(tmp_path.iterdir())
    assert broker_options("amqp://localhost", tmp_path, 120)["confirm_publish"] is True


@pytest.mark.parametrize("url", ["redis://localhost/0", "amqp://localhost"])
def test_nobody_waits_for_a_broker_that_is_away(tmp_path: Path, url: str) -> None:
    """kombu tries again for as long as it is let: an upload would stand still meanwhile."""
    assert broker_options(url, tmp_path, 120)["max_retries"] == 1
