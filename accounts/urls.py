from django.urls import path

from accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("devices/<int:device_id>/sign-out/", views.sign_out, name="device-sign-out"),
]
