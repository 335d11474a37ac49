"""The site's addresses, and one for each page that says no: most of them nobody meets at will."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from bgerase_site import urls as site
from processing.views.errors import server_error


def refusal(request: HttpRequest, name: str) -> HttpResponse:
    if name == "500":
        return server_error(request)
    return render(request, f"{name}.html", status=int(name[:3]))


urlpatterns = [path("refusals/<str:name>/", refusal), *site.urlpatterns]
handler400, handler403, handler404 = site.handler400, site.handler403, site.handler404
handler429, handler500 = site.handler429, site.handler500
