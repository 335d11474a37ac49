from django.urls import path

from accounts.views import account, activity, training

urlpatterns = [
    path("", account.account, name="account"),
    path("devices/<int:device_id>/sign-out/", account.sign_out, name="device-sign-out"),
    path("training/", training.training, name="training"),
    path("training/off/", training.off, name="training-off"),
    path("training/history/", training.history, name="training-history"),
    path("training/history.json", training.history_json, name="training-history-json"),
    path("activity/", activity.activity, name="activity"),
    path("activity.csv", activity.as_csv, name="activity-csv"),
    path("activity.json", activity.as_json, name="activity-json"),
]
