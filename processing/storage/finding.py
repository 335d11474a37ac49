"""Finding a sealed word again without reading it: by a keyed digest that stands beside it.

Whoever has the key of a digest can try words until one fits, so that key has to die as the word's
own does: it is made of the same two halves, the master key and the secret of the epoch in which the
word's image ends, or of the opt-ins that keep it. From then on no backup tells what the word was.
To find one, its digest is made under every secret that is alive: a hundred or so.
"""

import hmac
from collections.abc import Iterable

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from processing.storage import kept, keys, secret_files
from processing.storage.wrapping import KEY_BYTES, KeyGone

USE = b"bgerase digest"
DIGEST_BYTES = 16


def digest_under_epoch(word: str, place: bytes, epoch: int) -> str:
    """`place` keeps the same word of two workspaces apart. Raises KeyGone."""
    return _digest(settings.MASTER_KEY, secret_files.read(keys.TREE, epoch), word, place)


def digest_under_grants(word: str, place: bytes, grants: kept.Grants) -> str:
    """Raises KeyGone once either grant was destroyed."""
    return _digest(settings.MASTER_KEY, kept.both(grants), word, place)


def digests_alive(word: str, place: bytes, grants: Iterable[kept.Grants]) -> list[str]:
    """Every digest that the word can have now: under each epoch, and under each of the grants."""
    masters = [one for one in (settings.MASTER_KEY, settings.OLD_MASTER_KEY) if one]
    return [
        _digest(master, secret, word, place) for secret in _secrets(grants) for master in masters
    ]


def _secrets(grants: Iterable[kept.Grants]) -> Iterable[bytes]:
    for epoch in keys.epochs_alive():
        try:
            yield secret_files.read(keys.TREE, epoch)
        except KeyGone:
            continue  # It ended this moment.
    for pair in grants:
        try:
            yield kept.both(pair)
        except KeyGone:
            continue


def _digest(master: str, secret: bytes, word: str, place: bytes) -> str:
    key = HKDF(SHA256(), KEY_BYTES, salt=master.encode(), info=USE).derive(secret)
    return hmac.digest(key, place + b"\x00" + word.encode(), "sha256")[:DIGEST_BYTES].hex()
