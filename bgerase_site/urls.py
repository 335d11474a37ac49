from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: this process answers. Nothing else is claimed."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("account/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("processing.urls")),
]
handler400 = "processing.views.errors.bad_request"
handler403 = "processing.views.errors.forbidden"
handler404 = "processing.views.errors.not_found"
handler429 = "processing.views.errors.rate_limited"
handler500 = "processing.views.errors.server_error"
