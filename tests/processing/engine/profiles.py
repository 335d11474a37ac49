"""Colour profiles made on the spot, and what their colours are in sRGB by the formulas."""

from __future__ import annotations

import struct
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms


def profile_bytes(space: Literal["sRGB", "LAB"]) -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()


def with_primaries(name: str, red: bytes, green: bytes, blue: bytes) -> bytes:
    """sRGB's profile with other primaries: XYZ values under D50, each of 12 bytes."""
    profile = bytearray(profile_bytes("sRGB"))
    for tag, value in ((b"rXYZ", red), (b"gXYZ", green), (b"bXYZ", blue)):
        at = tag_place(profile, tag) + 8
        profile[at : at + 12] = value
    described = profile.find("sRGB".encode("utf-16-be"))
    assert described > 0
    profile[described : described + 8] = name.encode("utf-16-be")
    return bytes(profile)


def tag_place(profile: bytes | bytearray, tag: bytes) -> int:
    count = int.from_bytes(profile[128:132], "big")
    places = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    return int.from_bytes(profile[places[tag] + 4 : places[tag] + 8], "big")


def primary(profile: bytes, tag: bytes) -> bytes:
    at = tag_place(profile, tag) + 8
    return profile[at : at + 12]


def swap_red_and_blue() -> bytes:
    profile = profile_bytes("sRGB")
    red, green, blue = (primary(profile, tag) for tag in (b"rXYZ", b"gXYZ", b"bXYZ"))
    return with_primaries("swap", blue, green, red)


def fixed(*values: float) -> bytes:
    """ICC's s15Fixed16Number."""
    return b"".join(round(one * 65536).to_bytes(4, "big", signed=True) for one in values)


# Display P3 under D50, a column a primary (SMPTE EG 432-1, adapted by Bradford).
P3 = np.array(
    [[0.51512, 0.29198, 0.1571], [0.2412, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]]
)
# sRGB under D50 (IEC 61966-2-1, adapted by Bradford).
SRGB = np.array(
    [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.7141]]
)


def wide() -> bytes:
    red, green, blue = (fixed(*P3[:, one]) for one in range(3))
    return with_primaries("wide", red, green, blue)


def wide_to_srgb(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """By the formulas, in real numbers: 0 to 1, what sRGB cannot show cut off."""
    values = pixels / 255.0
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    shown = np.clip(light @ (np.linalg.inv(SRGB) @ P3).T, 0, 1)
    return encode_light(shown)


def encode_light(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """IEC 61966-2-1."""
    curved: NDArray[np.float64] = 1.055 * light ** (1 / 2.4) - 0.055
    return np.where(light <= 0.0031308, light * 12.92, curved)


def linear(curve: str) -> bytes:
    """sRGB's primaries with numbers that are amounts of light; `curve` is how that is said."""
    primaries = (primary(profile_bytes("sRGB"), tag) for tag in (b"rXYZ", b"gXYZ", b"bXYZ"))
    profile = bytearray(with_primaries("line", *primaries))
    ramp = [one * 65535 // 1023 for one in range(1024)]
    bodies = {
        "curv": struct.pack(">4sIIH", b"curv", 0, 1, 256),
        "para": struct.pack(">4sIHHi", b"para", 0, 0, 0, 65536),
        "ramp": struct.pack(">4sII1024H", b"curv", 0, 1024, *ramp),
    }
    profile += bytes(-len(profile) % 4)
    for tag in (b"rTRC", b"gTRC", b"bTRC"):
        entry = profile.index(tag, 128)
        profile[entry + 4 : entry + 12] = struct.pack(">II", len(profile), len(bodies[curve]))
    profile += bodies[curve]
    profile[:4] = len(profile).to_bytes(4, "big")
    return bytes(profile)


def grey_of_18() -> bytes:
    """A profile for grey with a gamma of 1.8, built by hand (ICC.1:2010)."""
    white = b"XYZ \0\0\0\0" + fixed(0.9642, 1.0, 0.8249)
    curve = b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(1.8 * 256))
    tags = [(b"wtpt", white), (b"kTRC", curve)]
    place = 128 + 4 + 12 * len(tags)
    table = struct.pack(">I", len(tags))
    for tag, body in tags:
        table += struct.pack(">4sII", tag, place, len(body))
        place += len(body)
    body = table + b"".join(body for _, body in tags)
    head = struct.pack(">I4sI4s4s4s", 128 + len(body), b"lcms", 0x02400000, *SPACES)
    head = head.ljust(36, b"\0") + b"acsp"
    return (head.ljust(68, b"\0") + fixed(0.9642, 1.0, 0.8249)).ljust(128, b"\0") + body


SPACES = (b"mntr", b"GRAY", b"XYZ ")
