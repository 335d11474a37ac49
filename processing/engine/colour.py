"""Any of Pillow's pixel layouts and colour spaces to 8-bit sRGB plus transparency."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

_DEEP_GREY = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}
_PREMULTIPLIED = {"La": "LA", "RGBa": "RGBA"}
# Profiles that describe sRGB itself are left out: their pixels are right as they are.
_SRGB_NAMES = frozenset({"srgb", "srgb iec61966-2.1", "srgb built-in", "srgb2014"})
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_UNREADABLE = (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError)


def split_transparency(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colour alone, and transparency (L, 255 is solid), which is None when all is solid."""
    if image.mode in _DEEP_GREY:
        return _flatten_deep_grey(image)
    if image.mode in _PREMULTIPLIED:
        image = image.convert(_PREMULTIPLIED[image.mode])
    if not image.has_transparency_data:
        return image, None
    if image.mode == "LA":
        colour, alpha = image.convert("L"), image.getchannel("A")
    else:
        solid = image.convert("RGBA")
        colour, alpha = solid.convert("RGB"), solid.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return colour, None
    return colour, alpha


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB by littleCMS; an unreadable or unfitting profile counts as none."""
    if image.mode in ("1", "P"):
        image = image.convert("RGB")
    if image.mode == "LAB" or profile:
        converted = _convert_by_profile(image, profile)
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _convert_by_profile(image: Image.Image, profile: bytes | None) -> Image.Image | None:
    try:
        source = _open_profile(image.mode, profile)
        space = _SPACES.get(source.profile.xcolor_space)
        if space == "RGB" and image.mode in ("RGB", "L", "YCbCr"):
            if _is_srgb(source):
                return None
            image = image.convert("RGB")
        elif space != image.mode:
            return None
        transform = ImageCms.buildTransform(
            source,
            _SRGB,
            image.mode,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
        return ImageCms.applyTransform(image, transform)
    except _UNREADABLE:
        return None


def _open_profile(mode: str, profile: bytes | None) -> ImageCms.ImageCmsProfile:
    if mode == "LAB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    name = profile.profile.profile_description or ""
    return name.strip(" \0").lower() in _SRGB_NAMES


def _flatten_deep_grey(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Scales deep grey down to 8 bits; clipping, as a plain convert does, would burn it out."""
    values = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    key = image.info.get("transparency")
    alpha = None
    if isinstance(key, int):
        alpha = Image.fromarray(np.where(values == key, 0, 255).astype(np.uint8))
    top = float(values.max(initial=0.0))
    white = _find_white(image.mode, top)
    grey = np.clip(values * (255.0 / white) + 0.5, 0, 255).astype(np.uint8)
    return Image.fromarray(grey), alpha


def _find_white(mode: str, top: float) -> float:
    """The value that stands for white: wider layouts than 16 bits do not state theirs."""
    if mode.startswith("I;16"):
        return 65535.0
    if mode == "F" and top <= 1.0:
        return 1.0
    if top <= 255.0:
        return 255.0
    return max(top, 65535.0)
