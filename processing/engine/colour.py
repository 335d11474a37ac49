"""Any of Pillow's pixel layouts and colour spaces to 8-bit sRGB plus transparency."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageCms

from processing.engine.deep_grey import DEEP_GREY, flatten_deep_grey
from processing.engine.limits import MOST_PROFILE_BYTES

_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}
_PREMULTIPLIED = {"La": "LA", "RGBa": "RGBA"}
# Profiles that describe sRGB itself are left out: their pixels are right as they are.
_SRGB_NAMES = frozenset({"srgb", "srgb iec61966-2.1", "srgb built-in", "srgb2014"})
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_UNREADABLE = (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError)


def split_transparency(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colour alone, and transparency (L, 255 is solid), which is None when all is solid.

    The colour keeps the photo's profile in its `info`.
    """
    if image.mode in DEEP_GREY:
        return flatten_deep_grey(image)
    if image.mode in _PREMULTIPLIED:
        image = image.convert(_PREMULTIPLIED[image.mode])
    if not image.has_transparency_data:
        return image, None
    if image.mode not in ("LA", "RGBA"):
        image = image.convert("RGBA")
    alpha = image.getchannel("A")
    colour = image.convert("L" if image.mode == "LA" else "RGB")
    return colour, None if alpha.getextrema() == (255, 255) else alpha


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB by littleCMS; an unreadable or unfitting profile counts as none.

    The pixels given are overwritten where the layout allows it: a second copy of a large photo
    is what memory runs out of.
    """
    if image.mode in ("1", "P"):
        image = image.convert("RGB")
    if image.mode == "LAB" or (profile and len(profile) <= MOST_PROFILE_BYTES):
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
            image = image if image.mode == "RGB" else image.convert("RGB")
        elif space == "L" and image.mode == "RGB" and _is_grey(image):
            image = image.getchannel("R")  # Of 16 bits with transparency, as Pillow reads it.
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
        if image.mode == "RGB":
            ImageCms.applyTransform(image, transform, inPlace=True)
            return image
        return ImageCms.applyTransform(image, transform)
    except _UNREADABLE:
        return None


def _is_grey(image: Image.Image) -> bool:
    red, green, blue = image.split()
    return all(ImageChops.difference(red, other).getextrema() == (0, 0) for other in (green, blue))


def _open_profile(mode: str, profile: bytes | None) -> ImageCms.ImageCmsProfile:
    if mode == "LAB":
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    return ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    name = profile.profile.profile_description or ""
    return name.strip(" \0").lower() in _SRGB_NAMES
