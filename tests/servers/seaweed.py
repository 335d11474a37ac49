"""SeaweedFS: a real S3 server in one program, from its Python package."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_s3 import S3Client

from tests.servers.daemon import daemon, free_ports, scratch

_KEY, _SECRET = "test-key", "test-secret"
# A bucket grows its volumes one at a time, not seven: a hundred buckets fit into one small server.
_GROWTH = "[master.volume_growth]\ncopy_1 = 1\n"
_PARTS = ("master", "volume", "filer", "s3")


@dataclass(frozen=True)
class S3:
    """Where the store is, and a client that may do everything there."""

    endpoint: str
    client: S3Client

    def storage_url(self, bucket: str) -> str:
        """The value of BGERASE_STORAGE_URL for `bucket`, which is made if it is not there."""
        with contextlib.suppress(self.client.exceptions.BucketAlreadyOwnedByYou):
            self.client.create_bucket(Bucket=bucket)
        endpoint = quote(self.endpoint, safe="")
        return f"s3://{_KEY}:{_SECRET}@{bucket}?endpoint={endpoint}&addressing=path"


def _client(endpoint: str) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=_KEY,
        aws_secret_access_key=_SECRET,
        region_name="us-east-1",
        config=Config(
            s3={"addressing_style": "path"},
            connect_timeout=1,
            read_timeout=5,
            retries={"max_attempts": 0},
        ),
    )


def _answers(client: S3Client) -> bool:
    """True once a bucket can be written: the volume server joins after the S3 door opens."""
    try:
        client.create_bucket(Bucket="ready")
        client.put_object(Bucket="ready", Key="probe", Body=b"x")
        client.delete_object(Bucket="ready", Key="probe")
        client.delete_bucket(Bucket="ready")
    except (BotoCoreError, ClientError):
        return False
    return True


def _permissions(folder: Path) -> Path:
    path = folder / "s3.json"
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": _KEY, "secretKey": _SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    path.write_text(json.dumps({"identities": [identity]}))
    return path


def _remove_sockets(ports: list[int]) -> None:
    """The program puts a socket beside each port into /tmp, wherever its own folder is."""
    for port in ports:
        for path in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
            path.unlink()


@contextlib.contextmanager
def seaweed() -> Iterator[S3]:
    """Yields an empty store; nothing of it reports to anybody or listens beyond loopback."""
    free = iter(free_ports(2 * len(_PARTS)))
    ports = {part: (next(free), next(free)) for part in _PARTS}
    endpoint = f"http://127.0.0.1:{ports['s3'][0]}"
    client = _client(endpoint)
    with scratch("seaweed") as folder, contextlib.ExitStack() as afterwards:
        argv = [str(Path(sys.executable).parent / "weed"), "server", f"-dir={folder}"]
        argv += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
        argv += ["-filer", "-s3", f"-s3.config={_permissions(folder)}", "-s3.iam=false"]
        argv += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.allowDeleteBucketNotEmpty=true"]
        argv += ["-volume.max=500", "-master.volumeSizeLimitMB=64", "-volume.minFreeSpace=0"]
        argv += ["-master.electionTimeout=1s", "-volume.preStopSeconds=0"]
        for part, (port, grpc) in ports.items():
            argv += [f"-{part}.port={port}", f"-{part}.port.grpc={grpc}"]
        (folder / "master.toml").write_text(_GROWTH)
        afterwards.callback(_remove_sockets, [port for pair in ports.values() for port in pair])
        # It writes its logs where temporary files go.
        own = {**os.environ, "TMPDIR": str(folder)}
        with daemon(argv, folder=folder, ready=lambda: _answers(client), env=own, seconds=60):
            yield S3(endpoint, client)
