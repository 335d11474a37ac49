"""/healthz for load balancers, /readyz for people who are to be woken, /metrics for Prometheus."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from processing import health, metrics
from processing.views.errors import refuse, takes

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def healthz(request: HttpRequest) -> HttpResponse:
    """Liveness: this process answers. Nothing else is claimed."""
    return HttpResponse("ok\n", content_type="text/plain")


@takes("GET", "HEAD")
def readyz(request: HttpRequest) -> HttpResponse:
    """503 when the promise is at risk. Numbers and fixed words only: anybody can ask."""
    seen = health.look()
    told = {
        "status": seen.status,
        "uploads": "open" if seen.open else "closed",
        "alarms": [
            {
                "code": alarm.code,
                "words": alarm.words,
                "value": alarm.value,
                "closes_uploads": alarm.closes,
            }
            for alarm in seen.alarms
        ],
    }
    return JsonResponse(told, status=503 if seen.alarms else 200)


@takes("GET", "HEAD")
def metrics_text(request: HttpRequest) -> HttpResponse:
    """With METRICS_TOKEN as a bearer's; without one in development, and nowhere else."""
    token = settings.METRICS_TOKEN
    if not token and settings.PRODUCTION:
        return refuse(request, "not_found")
    if token and not constant_time_compare(
        request.headers.get("Authorization", ""), f"Bearer {token}"
    ):
        response = HttpResponse(
            "A bearer's token is needed.\n", status=401, content_type="text/plain"
        )
        response["WWW-Authenticate"] = "Bearer"
        return response
    return HttpResponse(metrics.render(), content_type=METRICS_TYPE)
