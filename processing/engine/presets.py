"""Sizes and grounds that marketplaces and offices ask for, as data.

A preset is a mapping that `Options.parse` reads like any other, plus where its figures come from.
`canvas` is the exact size; `scale` the share of it that the subject takes at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from processing.phrases import phrase


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
_HEAD = phrase("The head's height is not measured: compare it with the rule.")
_FREE = phrase("The colour of the ground is free; white is a choice.")

PRESETS = {
    "amazon": Preset(
        phrase("Amazon, main picture"),
        {"canvas": "2000x2000", "scale": "85%", **_WHITE_JPG},
        phrase(
            "Pure white ground, the product takes 85 % of the picture or more, 1,000 pixels or more"
            " on the longest side for zoom."
        ),
        "https://sellercentral.amazon.com/help/hub/reference/external/G1881",
        2025,
        phrase("The share is met in the direction in which the product is longest."),
    ),
    "ebay": Preset(
        phrase("eBay"),
        {"canvas": "1600x1600", "scale": "90%", **_WHITE_JPG},
        phrase(
            "500 pixels or more on the longest side, 1,600 recommended; a plain ground, no border."
        ),
        "https://www.ebay.com/help/selling/listings/adding-pictures-listings?id=4148",
        2025,
    ),
    "etsy": Preset(
        phrase("Etsy"),
        {"canvas": "2000x2000", "scale": "80%", **_WHITE_JPG},
        phrase("2,000 pixels or more on the shortest side."),
        "https://help.etsy.com/hc/en-us/articles/115015663347",
        2025,
        _FREE,
    ),
    "google-merchant": Preset(
        phrase("Google Merchant Center"),
        {"canvas": "1500x1500", "scale": "85%", **_WHITE_JPG},
        phrase("White or see-through ground, the product takes 75 to 90 % of the picture."),
        "https://support.google.com/merchants/answer/6324350",
        2025,
    ),
    "instagram-portrait": Preset(
        phrase("Instagram, portrait"),
        {"canvas": "1080x1350", "scale": "85%", **_WHITE_JPG},
        phrase("1,080 pixels wide, 4 to 5."),
        "https://help.instagram.com/1631821640426723",
        2025,
        _FREE,
    ),
    "instagram-square": Preset(
        phrase("Instagram, square"),
        {"canvas": "1080x1080", "scale": "85%", **_WHITE_JPG},
        phrase("1,080 pixels wide, 1 to 1."),
        "https://help.instagram.com/1631821640426723",
        2025,
        _FREE,
    ),
    "instagram-story": Preset(
        phrase("Instagram, story"),
        {"canvas": "1080x1920", "scale": "75%", **_WHITE_JPG},
        phrase("1,080 × 1,920 pixels, 9 to 16, with room above and below for the controls."),
        "https://www.facebook.com/business/ads-guide/update/image/instagram-story",
        2025,
        _FREE,
    ),
    "passport-35x45": Preset(
        phrase("Passport, 35 × 45 mm"),
        {
            "canvas": "827x1063",
            "scale": "92%",
            "position": "50% 100%",
            "bg_color": "#e6e6e6",
            "format": "jpg",
            "quality": 95,
        },
        phrase(
            "45 mm high and 35 mm wide when printed (here at 600 dots an inch), plain cream or"
            " light grey ground."
        ),
        "https://www.gov.uk/photos-for-passports/photo-requirements",
        2025,
        phrase(
            "%(head)s Several offices refuse a photo that was changed by software: ask first.",
            head=_HEAD,
        ),
    ),
    "passport-us": Preset(
        phrase("Passport or visa of the United States, 2 × 2 inches"),
        {
            "canvas": "1200x1200",
            "scale": "85%",
            "position": "50% 100%",
            "bg_color": "#ffffff",
            "format": "jpg",
            "quality": 95,
        },
        phrase(
            "2 × 2 inches, 600 to 1,200 pixels square, white or off-white ground, the head takes 50"
            " to 69 % of the height."
        ),
        "https://travel.state.gov/content/travel/en/us-visas/visa-information-resources/photos"
        "/digital-image-requirements.html",
        2025,
        phrase(
            "%(head)s The office refuses a photo that was changed by software: use it for layout.",
            head=_HEAD,
        ),
    ),
    "shopify": Preset(
        phrase("Shopify"),
        {"canvas": "2048x2048", "scale": "85%", **_WHITE_JPG},
        phrase("2,048 × 2,048 pixels for square pictures."),
        "https://help.shopify.com/en/manual/products/product-media/product-media-types",
        2025,
        _FREE,
    ),
    "walmart": Preset(
        phrase("Walmart Marketplace"),
        {"canvas": "2200x2200", "scale": "85%", **_WHITE_JPG},
        phrase("White ground (255, 255, 255), 1 to 1, 2,200 × 2,200 pixels (1,500 for zoom)."),
        "https://marketplacelearn.walmart.com/guides/Item%20setup/Item%20content,%20imagery,"
        "%20and%20media/Product-detail-page:-Image-guidelines-&-requirements",
        2025,
    ),
}
