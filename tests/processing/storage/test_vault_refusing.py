"""A bucket that refuses, in part or altogether: each image fails for itself."""

import os
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.storage import storages

from processing.models.image import random_prefix
from processing.storage import (
    BlobWriter,
    parallel,
    shred_many,
    shred_object,
    shred_prefix,
    stored_names,
    versioning,
)
from processing.storage import bucket as s3_bucket

KEY = os.urandom(32)
Call = Callable[[dict[str, Any]], dict[str, Any]]


class Client:
    """The store's client; what it is asked is counted, and `answers` come before its own."""

    def __init__(
        self, real: Any, answers: dict[str, Callable[[Call, dict[str, Any]], Any]]
    ) -> None:
        self._real, self._answers = real, answers
        self.exceptions = real.exceptions
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        def call(**what: Any) -> Any:
            return self._ask(name, what)

        return call

    def get_paginator(self, name: str) -> Any:
        return SimpleNamespace(paginate=lambda **what: iter([self._ask(name, what)]))

    def _ask(self, name: str, what: dict[str, Any]) -> Any:
        self.asked[name] += 1

        def really(asked: dict[str, Any]) -> dict[str, Any]:
            answer: dict[str, Any] = getattr(self._real, name)(**asked)
            return answer

        answer = self._answers.get(name)
        return really(what) if answer is None else answer(really, what)


@pytest.fixture
def client(bucket: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Client]:
    def use(**answers: Callable[[Call, dict[str, Any]], Any]) -> Client:
        real: Any = storages["vault"].bucket  # type: ignore[attr-defined]
        fake = Client(real.meta.client, answers)
        stand_in = SimpleNamespace(name=real.name, meta=SimpleNamespace(client=fake))
        monkeypatch.setattr("processing.storage.shredding.bucket_of", lambda vault: stand_in)
        monkeypatch.setattr("processing.storage.objects.bucket_of", lambda vault: stand_in)
        return fake

    return use


def fill(count: int) -> list[str]:
    prefixes = [random_prefix() for _ in range(count)]
    for prefix in prefixes:
        for kind in ("a", "b"):
            with BlobWriter(KEY, prefix, 0, kind) as writer:
                writer.write(b"content")
    return prefixes


def refused(code: str, operation: str = "DeleteObjects") -> ClientError:
    return ClientError({"Error": {"Code": code}}, operation)


def test_an_error_for_one_key_is_its_images_alone(client: Callable[..., Client]) -> None:
    good, bad, other = fill(3)

    def refuse_one(real: Call, what: dict[str, Any]) -> dict[str, Any]:
        wanted = what["Delete"]["Objects"]
        kept = [one for one in wanted if one["Key"].endswith(f"{bad}/0/b")]
        rest = [one for one in wanted if one not in kept]
        if rest:
            real({**what, "Delete": {"Objects": rest, "Quiet": True}})
        return {"Errors": [{"Key": one["Key"], "Code": "AccessDenied"} for one in kept]}

    client(delete_objects=refuse_one)
    outcome = shred_many([good, bad, other])
    assert (outcome[good], outcome[other]) == (2, 2)
    assert isinstance(outcome[bad], OSError)
    assert [len(stored_names(one)) for one in (good, bad, other)] == [0, 1, 0]
    with pytest.raises(OSError, match="AccessDenied"):
        shred_prefix(bad)
    client()
    assert shred_prefix(bad) == 1


def test_a_request_that_fails_as_a_whole_is_asked_again_for_each_image(
    client: Callable[..., Client],
) -> None:
    prefixes = fill(3)

    def refuse_many(real: Call, what: dict[str, Any]) -> dict[str, Any]:
        keys = [one["Key"] for one in what["Delete"]["Objects"]]
        if len(keys) > 2 or prefixes[1] in keys[0]:
            raise refused("SlowDown")
        return real(what)

    client(delete_objects=refuse_many)
    outcome = shred_many(prefixes)
    assert [isinstance(outcome[one], ClientError) for one in prefixes] == [False, True, False]
    assert [len(stored_names(one)) for one in prefixes] == [0, 2, 0]


def test_what_was_gone_already_is_no_error(client: Callable[..., Client]) -> None:
    prefixes = fill(2)

    def gone(real: Call, what: dict[str, Any]) -> dict[str, Any]:
        real(what)
        keys = [one["Key"] for one in what["Delete"]["Objects"]]
        return {"Errors": [{"Key": key, "Code": "NoSuchKey"} for key in keys]}

    client(delete_objects=gone)
    assert not [one for one in shred_many(prefixes).values() if isinstance(one, Exception)]


def test_a_listing_that_fails_is_its_images_alone(client: Callable[..., Client]) -> None:
    good, bad = fill(2)

    def refuse_one(real: Call, what: dict[str, Any]) -> dict[str, Any]:
        if bad in what["Prefix"]:
            raise refused("InternalError", "ListObjectsV2")
        return real(what)

    client(list_objects_v2=refuse_one)
    outcome = shred_many([good, bad])
    assert outcome[good] == 2
    assert isinstance(outcome[bad], ClientError)


def test_a_bucket_that_only_says_that_it_has_deleted_is_found_out(
    client: Callable[..., Client],
) -> None:
    (prefix,) = fill(1)
    client(delete_objects=lambda real, what: {})
    with pytest.raises(OSError, match="still not empty"):
        shred_prefix(prefix)


@pytest.mark.parametrize("operation", ["list_multipart_uploads", "list_objects_v2"])
def test_without_a_listing_nothing_is_known_to_be_gone(
    client: Callable[..., Client], operation: str
) -> None:
    prefixes = fill(2)

    def away(real: Call, what: dict[str, Any]) -> Any:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    client(**{operation: away})
    assert {type(one) for one in shred_many(prefixes).values()} == {EndpointConnectionError}


def test_a_storage_that_is_away_is_not_asked_for_each_image(
    client: Callable[..., Client],
) -> None:
    def away(real: Call, what: dict[str, Any]) -> Any:
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    fake = client(list_objects_v2=away)
    outcome = shred_many([random_prefix() for _ in range(400)])
    assert {type(one) for one in outcome.values()} == {EndpointConnectionError}
    assert parallel.GIVE_UP <= fake.asked["list_objects_v2"] < 100


def test_unfinished_uploads_of_many_images_are_listed_once(
    client: Callable[..., Client], bucket: str
) -> None:
    prefixes = [random_prefix() for _ in range(5)]
    real: Any = storages["vault"].bucket.meta.client  # type: ignore[attr-defined]
    for one in (*prefixes[:2], random_prefix()):
        real.create_multipart_upload(Bucket=bucket, Key=f"{one[:2]}/{one}/0/original")
    fake = client()
    outcome = shred_many(prefixes)
    assert list(outcome.values()) == [1, 1, 0, 0, 0]
    assert fake.asked["list_multipart_uploads"] == 2  # And once more to see that they are gone.
    assert len(real.list_multipart_uploads(Bucket=bucket)["Uploads"]) == 1


def test_an_upload_that_cannot_be_aborted_keeps_its_image(
    client: Callable[..., Client], bucket: str
) -> None:
    first, second = fill(2)
    real: Any = storages["vault"].bucket.meta.client  # type: ignore[attr-defined]
    real.create_multipart_upload(Bucket=bucket, Key=f"{first[:2]}/{first}/0/original")

    def refuse(real: Call, what: dict[str, Any]) -> Any:
        raise refused("InternalError", "AbortMultipartUpload")

    client(abort_multipart_upload=refuse)
    outcome = shred_many([first, second])
    assert isinstance(outcome[first], ClientError)
    assert outcome[second] == 2


def test_a_store_that_knows_no_versions_is_shredded_by_its_listing(
    client: Callable[..., Client],
) -> None:
    (prefix,) = fill(1)

    def unknown(real: Call, what: dict[str, Any]) -> Any:
        raise refused("NotImplemented", "?")

    client(
        get_bucket_versioning=unknown,
        list_object_versions=unknown,
        list_multipart_uploads=unknown,
    )
    assert versioning() == "unknown"
    assert shred_prefix(prefix) == 2
    assert stored_names(prefix) == []


def test_versions_that_may_not_be_listed_are_not_taken_for_none(
    client: Callable[..., Client],
) -> None:
    (prefix,) = fill(1)

    def denied(real: Call, what: dict[str, Any]) -> Any:
        raise refused("AccessDenied", "?")

    client(get_bucket_versioning=denied, list_object_versions=denied)
    with pytest.raises(ClientError):
        shred_prefix(prefix)
    with pytest.raises(ClientError):
        shred_object(f"{prefix[:2]}/{prefix}/0/a")


def test_no_request_asks_for_more_than_a_store_takes(
    client: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_bucket, "MOST_KEYS", 3)
    prefixes, sizes = fill(4), []

    def look(real: Call, what: dict[str, Any]) -> Any:
        sizes.append(len(what["Delete"]["Objects"]))
        return real(what)

    client(delete_objects=look)
    assert list(shred_many(prefixes).values()) == [2, 2, 2, 2]
    assert sorted(sizes) == [2, 3, 3]
