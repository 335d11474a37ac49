from django.urls import include, path
from django.views.i18n import set_language

from processing.views import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics_text, name="metrics"),
    path("language/", set_language, name="set_language"),
    path("account/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("processing.urls")),
]
handler400 = "processing.views.errors.bad_request"
handler403 = "processing.views.errors.forbidden"
handler404 = "processing.views.errors.not_found"
handler429 = "processing.views.errors.rate_limited"
handler500 = "processing.views.errors.server_error"
