from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProcessingConfig(AppConfig):
    name = "processing"

    def ready(self) -> None:
        from processing import checks, guards  # noqa: F401  Registers the system checks.

        post_migrate.connect(guards.install_ours, sender=self, dispatch_uid="processing_guards")
