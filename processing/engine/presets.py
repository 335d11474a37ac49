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
    """`rule` is what the publisher asks for, `source` the publisher's page.

    `read` is the month in which that page was read; it is empty where no copy of it could be had.
    `beside` is a page that was read then, for what `source` does not say or could not be asked.
    `beyond` says what the preset cannot see to.
    """

    title: str
    options: dict[str, Any]
    rule: str
    source: str
    read: str = ""
    beside: str = ""
    beyond: str = ""


_WHITE_JPG = {"bg_color": "#ffffff", "format": "jpg", "position": "center"}
_FREE = phrase("The ground and how much of it are free; white, and the margin here, are a choice.")
_HEAD = phrase("The head's height is not measured: compare it with the rule.")

PRESETS = {
    "amazon": Preset(
        phrase("Amazon, main picture"),
        {"canvas": "2000x2000", "scale": "85%", **_WHITE_JPG},
        phrase(
            "Pure white ground, the product takes 85 % of the picture or more, 500 to 10,000 pixels"
            " on the longest side, 1,000 or more for zoom; JPEG preferred."
        ),
        "https://sellercentral.amazon.com/help/hub/reference/external/G1881",
        beside="https://mercatuslab.com/blog/amazon-product-image-requirements",
        beyond=phrase("The share is met in the direction in which the product is longest."),
    ),
    "ebay": Preset(
        phrase("eBay"),
        {"canvas": "1600x1600", "scale": "90%", **_WHITE_JPG},
        phrase(
            "500 pixels or more on the longest side (1,000 or more recommended, a JPEG's quality 90"
            " or more), no added border, text or watermark."
        ),
        "https://www.ebay.com/help/policies/listing-policies/picture-policy?id=4370",
        "2026-11",
        beside="https://developer.ebay.com/support/kb-article?KBid=1489",
        beyond=_FREE,
    ),
    "etsy": Preset(
        phrase("Etsy"),
        {"canvas": "2000x2000", "scale": "80%", **_WHITE_JPG},
        phrase("2,000 × 2,000 pixels recommended; JPEG, PNG or GIF."),
        "https://help.etsy.com/hc/en-us/articles/115015663347",
        beside="https://hauld.app/blog/etsy-listing-photo-checklist",
        beyond=_FREE,
    ),
    "google-merchant": Preset(
        phrase("Google Merchant Center"),
        {"canvas": "1500x1500", "scale": "85%", **_WHITE_JPG},
        phrase(
            "500 × 500 pixels or more from 31 January 2027, 1,500 × 1,500 recommended; recommended"
            " too: white or see-through ground, the product takes 75 to 90 % of the picture."
        ),
        "https://support.google.com/merchants/answer/6324350",
        "2026-11",
        beside="https://sharpfeed.io/docs/fields/image-link",
    ),
    "instagram-portrait": Preset(
        phrase("Instagram, portrait"),
        {"canvas": "1080x1350", "scale": "85%", **_WHITE_JPG},
        phrase(
            "1,080 pixels wide, 4 to 5. From 320 to 1,440 pixels are taken, as JPEG of 8 MB"
            " at most."
        ),
        "https://developers.facebook.com/docs/instagram-api/reference/ig-user/media",
        "2026-11",
        beside="https://www.ayrshare.com/docs/media-guidelines/instagram.md",
        beyond=_FREE,
    ),
    "instagram-square": Preset(
        phrase("Instagram, square"),
        {"canvas": "1080x1080", "scale": "85%", **_WHITE_JPG},
        phrase(
            "1,080 pixels wide, 1 to 1. From 320 to 1,440 pixels are taken, as JPEG of 8 MB"
            " at most."
        ),
        "https://developers.facebook.com/docs/instagram-api/reference/ig-user/media",
        "2026-11",
        beside="https://www.ayrshare.com/docs/media-guidelines/instagram.md",
        beyond=_FREE,
    ),
    "instagram-story": Preset(
        phrase("Instagram, story"),
        {"canvas": "1080x1920", "scale": "66%", **_WHITE_JPG, "position": "50% 41%"},
        phrase(
            "9 to 16, 1,080 × 1,920 pixels or more, 14 % above and 20 % below left free for the"
            " controls."
        ),
        "https://www.facebook.com/business/ads-guide/update/image/instagram-story",
        beside="https://odysseymediagroup.co.uk/client-resources/instagram-stories",
        beyond=phrase("The colour of the ground is free; white is a choice."),
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
            " light grey ground, the head 29 to 34 mm from chin to crown."
        ),
        "https://www.gov.uk/photos-for-passports/photo-requirements",
        beside="https://gov.tc/passports/photos",
        beyond=phrase(
            "%(head)s The United Kingdom refuses a photo that was changed by software, Germany"
            " takes none that you bring: ask your office first.",
            head=_HEAD,
        ),
    ),
    "passport-us": Preset(
        phrase("Passport or visa of the United States, 2 × 2 inches"),
        {
            "canvas": "600x600",
            "scale": "85%",
            "position": "50% 100%",
            "bg_color": "#ffffff",
            "format": "jpg",
            "quality": 95,
        },
        phrase(
            "2 × 2 inches, 600 to 1,200 pixels square, a JPEG of 240 kB at most, white or off-white"
            " ground, the head takes 50 to 69 % of the height."
        ),
        "https://travel.state.gov/visa/guide/guide_3882.html",
        "2026-11",
        beside="https://bg.usembassy.gov/visas/nonimmigrant-visas/photo-requirements/",
        beyond=phrase(
            "%(head)s The office refuses a photo that was changed by software: use it for layout.",
            head=_HEAD,
        ),
    ),
    "shopify": Preset(
        phrase("Shopify"),
        {"canvas": "2048x2048", "scale": "85%", **_WHITE_JPG},
        phrase("2,048 × 2,048 pixels for square pictures; JPEG, PNG or GIF."),
        "https://help.shopify.com/api/guides/media",
        "2026-11",
        beyond=_FREE,
    ),
    "walmart": Preset(
        phrase("Walmart Marketplace"),
        {"canvas": "2200x2200", "scale": "85%", **_WHITE_JPG},
        phrase(
            "Seamless white ground (255, 255, 255), 1 to 1, 2,200 × 2,200 pixels (1,500 for zoom),"
            " JPEG, PNG or BMP of 5 MB at most."
        ),
        "https://marketplacelearn.walmart.com/guides/Item%20setup/Item%20content,%20imagery,"
        "%20and%20media/Product-detail-page:-Image-guidelines-&-requirements",
        "2026-11",
        beyond=phrase(
            "How much of the picture the product takes is free; the margin here is a choice."
        ),
    ),
}
