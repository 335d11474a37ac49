"""Where a chain of hashes ends: what the next entry is linked to."""

from django.db import models


class ChainHead(models.Model):
    """One row per chain, locked while entries are added: they come one after another."""

    name = models.CharField(max_length=16, primary_key=True)
    number = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
