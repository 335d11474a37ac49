"""An address as a QR code: an SVG in the page itself, so that no other request tells it."""

from base64 import b64encode
from io import BytesIO


def draw_qr(text: str) -> str:
    """As a `data:` address, dark on white in every scheme: what cameras read best."""
    import qrcode
    from qrcode.image.svg import SvgPathFillImage  # It loads Pillow, which the pages do without.

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    drawn = BytesIO()
    code.make_image(image_factory=SvgPathFillImage).save(drawn)
    return f"data:image/svg+xml;base64,{b64encode(drawn.getvalue()).decode()}"
