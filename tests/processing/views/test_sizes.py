import pytest

from accounts.models import User
from processing.templatetags.sizes import in_megabytes
from tests.cast import browser, finish_with_renderings, submit


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (340_400, "340 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_234_567, "1.2 MB"),
        (30_000_000, "30.0 MB"),
    ],
)
def test_sizes_have_the_units_of_the_limits(size: int, words: str) -> None:
    assert in_megabytes(size) == words


def test_the_page_of_an_image_tells_its_downloads_sizes(owner: User) -> None:
    image = submit(owner)
    finish_with_renderings(image)
    response = browser(owner).get(f"/images/{image.pk}/", headers={"Accept": "text/html"})
    sizes = response.context["card"]["sizes"]
    page = response.content.decode()
    for name in ("cutout_png", "cutout_webp", "cutout_jpg", "mask", "original"):
        assert in_megabytes(sizes[name]) in page
