"""Rows that are written once. The model refuses to change or delete them, the database too."""

from typing import Any, NoReturn

from django.db import models


class Unchangeable(TypeError):
    """Somebody tried to change or delete a row of a ledger."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise Unchangeable(f"{self.model.__name__} is only ever added to")

    def delete(self) -> NoReturn:
        raise Unchangeable(f"{self.model.__name__} is only ever added to")


class AppendOnly(models.Model):
    """What the database's triggers (see the migrations) refuse, refused with a better word."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Unchangeable(f"{type(self).__name__} is only ever added to")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Unchangeable(f"{type(self).__name__} is only ever added to")
