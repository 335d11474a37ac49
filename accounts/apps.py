from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import guards, signals  # noqa: F401  Connects the receivers.

        post_migrate.connect(guards.install_ours, sender=self, dispatch_uid="accounts_guards")
