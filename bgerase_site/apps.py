from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "bgerase_site"
    verbose_name = "BackgroundErase"
