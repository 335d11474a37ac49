"""Tags: a person's own words on an image. They are sealed like its name and go when it does."""

from typing import ClassVar

from django.db import models

from accounts.models import Workspace
from processing.models.image import Image
from processing.storage import (
    KeyGone,
    Opener,
    digest_under_epoch,
    digest_under_grants,
    open_text,
    seal_text,
)


def alike(word: str) -> str:
    """What two spellings of one tag have in common."""
    return word.casefold()


class Tag(models.Model):
    """One word on one image, and its digests, by which it is found (see storage.finding)."""

    # No index of its own: the constraint's begins with it.
    image = models.ForeignKey(Image, models.PROTECT, related_name="tags", db_index=False)
    # As the image's: `tag_latest` lists a workspace's without looking at its images.
    workspace = models.ForeignKey(Workspace, models.PROTECT, related_name="+", db_index=False)
    sealed = models.BinaryField()
    digest = models.CharField(max_length=32, null=True)  # noqa: DJ001  Null: its epoch has ended.
    kept_digest = models.CharField(max_length=32, null=True)  # noqa: DJ001  Null: it is not kept.

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-id"], name="tag_latest"),
            models.Index(fields=["digest"], name="tag_by_digest"),
            models.Index(
                fields=["kept_digest"],
                condition=models.Q(kept_digest__isnull=False),
                name="tag_by_kept_digest",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["image", "digest"], name="one_tag_of_a_word")
        ]

    def __str__(self) -> str:
        return f"tag {self.pk} of image {self.image_id}"

    @classmethod
    def of(cls, image: Image, word: str) -> "Tag":
        """Not saved yet. Raises KeyGone when the image's key was destroyed."""
        tag = cls(image=image, workspace_id=image.workspace_id)
        tag.sealed = seal_text(word, image.open_key(), tag._place)
        tag.digest_again()
        return tag

    def open(self, keys: Opener | None = None) -> str:
        """The word. Raises KeyGone once its image's key was destroyed."""
        return open_text(bytes(self.sealed), self.image.open_key(keys), self._place)

    def digest_again(self) -> None:
        """Under the master key of now. The caller saves. Raises KeyGone."""
        word, place = alike(self.open()), self.workspace_id.bytes
        try:
            self.digest = digest_under_epoch(word, place, self.image.epoch)
        except KeyGone:
            self.digest = None
        grants = self.image.grants
        self.kept_digest = digest_under_grants(word, place, grants) if self.image.kept else None

    @property
    def _place(self) -> bytes:
        return f"{self.image.prefix}/tag".encode()
