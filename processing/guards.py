"""What the database refuses to do to images and receipts, whoever asks."""

from typing import Any

from accounts.guards import Guard, append_only, install

GUARDS = (
    *append_only("processing_receipt"),
    *append_only("processing_receiptkey"),
    Guard(
        "processing_image",
        "UPDATE",
        "nothing lengthens the life of an image, and nothing brings it back",
        when="NEW.purge_at > OLD.purge_at OR NEW.received_at > OLD.received_at"
        " OR (NEW.kept AND NOT OLD.kept) OR NEW.prefix <> OLD.prefix"
        " OR (OLD.life = 'erasing' AND NEW.life <> 'erasing')"
        " OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS NULL)",
    ),
)


def install_ours(*, using: str, **kwargs: Any) -> None:
    install(GUARDS, using)
