"""Sizes and grounds that marketplaces and offices ask for, as data.

A preset is a mapping that `Options.parse` reads like any other, plus where its figures come from.
`canvas` is the exact size; `scale` the share of it that the subject takes at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Preset:
    """`rule` is what the publisher at `source` asks for, as it was in the year `seen`.

    `beyond` says what the preset cannot see to.
    """

    title: str
    options: dict[str, Any]
    rule: str
    source: str
    seen: int
    beyond: str = ""


_WHITE_JPG = {"bg_color": "#ffffff", "format": "jpg", "position": "center"}
_HEAD = "The head's height is not measured: compare it with the rule."

PRESETS = {
    "amazon": Preset(
        "Amazon, main picture",
        {"canvas": "2000x2000", "scale": "85%", **_WHITE_JPG},
        "Pure white ground, the product takes 85 % of the picture or more, 1,000 pixels or more"
        " on the longest side for zoom.",
        "https://sellercentral.amazon.com/help/hub/reference/external/G1881",
        2025,
        "The share is met in the direction in which the product is longest.",
    ),
    "ebay": Preset(
        "eBay",
        {"canvas": "1600x1600", "scale": "90%", **_WHITE_JPG},
        "500 pixels or more on the longest side, 1,600 recommended; a plain ground, no border.",
        "https://www.ebay.com/help/selling/listings/adding-pictures-listings?id=4148",
        2025,
    ),
    "etsy": Preset(
        "Etsy",
        {"canvas": "2000x2000", "scale": "80%", **_WHITE_JPG},
        "2,000 pixels or more on the shortest side.",
        "https://help.etsy.com/hc/en-us/articles/115015663347",
        2025,
        "The colour of the ground is free; white is a choice.",
    ),
    "google-merchant": Preset(
        "Google Merchant Center",
        {"canvas": "1500x1500", "scale": "85%", **_WHITE_JPG},
        "White or see-through ground, the product takes 75 to 90 % of the picture.",
        "https://support.google.com/merchants/answer/6324350",
        2025,
    ),
    "instagram-portrait": Preset(
        "Instagram, portrait",
        {"canvas": "1080x1350", "scale": "85%", **_WHITE_JPG},
        "1,080 pixels wide, 4 to 5.",
        "https://help.instagram.com/1631821640426723",
        2025,
        "The colour of the ground is free; white is a choice.",
    ),
    "instagram-square": Preset(
        "Instagram, square",
        {"canvas": "1080x1080", "scale": "85%", **_WHITE_JPG},
        "1,080 pixels wide, 1 to 1.",
        "https://help.instagram.com/1631821640426723",
        2025,
        "The colour of the ground is free; white is a choice.",
    ),
    "instagram-story": Preset(
        "Instagram, story",
        {"canvas": "1080x1920", "scale": "75%", **_WHITE_JPG},
        "1,080 × 1,920 pixels, 9 to 16, with room above and below for the controls.",
        "https://www.facebook.com/business/ads-guide/update/image/instagram-story",
        2025,
        "The colour of the ground is free; white is a choice.",
    ),
    "passport-35x45": Preset(
        "Passport, 35 × 45 mm",
        {
            "canvas": "827x1063",
            "scale": "92%",
            "position": "50% 100%",
            "bg_color": "#e6e6e6",
            "format": "jpg",
            "quality": 95,
        },
        "45 mm high and 35 mm wide when printed (here at 600 dots an inch), plain cream or light"
        " grey ground.",
        "https://www.gov.uk/photos-for-passports/photo-requirements",
        2025,
        _HEAD + " Several offices refuse a photo that was changed by software: ask first.",
    ),
    "passport-us": Preset(
        "Passport or visa of the United States, 2 × 2 inches",
        {
            "canvas": "1200x1200",
            "scale": "85%",
            "position": "50% 100%",
            "bg_color": "#ffffff",
            "format": "jpg",
            "quality": 95,
        },
        "2 × 2 inches, 600 to 1,200 pixels square, white or off-white ground, the head takes 50"
        " to 69 % of the height.",
        "https://travel.state.gov/content/travel/en/us-visas/visa-information-resources/photos"
        "/digital-image-requirements.html",
        2025,
        _HEAD + " The office refuses a photo that was changed by software: use it for layout.",
    ),
    "shopify": Preset(
        "Shopify",
        {"canvas": "2048x2048", "scale": "85%", **_WHITE_JPG},
        "2,048 × 2,048 pixels for square pictures.",
        "https://help.shopify.com/en/manual/products/product-media/product-media-types",
        2025,
        "The colour of the ground is free; white is a choice.",
    ),
    "walmart": Preset(
        "Walmart Marketplace",
        {"canvas": "2200x2200", "scale": "85%", **_WHITE_JPG},
        "White ground (255, 255, 255), 1 to 1, 2,200 × 2,200 pixels (1,500 for zoom).",
        "https://marketplacelearn.walmart.com/guides/Item%20setup/Item%20content,%20imagery,"
        "%20and%20media/Product-detail-page:-Image-guidelines-&-requirements",
        2025,
    ),
}
