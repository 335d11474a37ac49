from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ProcessingConfig(AppConfig):
    name = "processing"

    def ready(self) -> None:
        from accounts import clock
        from accounts.signals import consent_withdrawn
        from processing import checks, guards  # noqa: F401  Registers the system checks.
        from processing.storage import steady_now
        from processing.training.withdrawal import withdraw

        clock.machine_now = steady_now
        post_migrate.connect(guards.install_ours, sender=self, dispatch_uid="processing_guards")
        consent_withdrawn.connect(withdraw, dispatch_uid="withdraw_from_training")
