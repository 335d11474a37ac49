from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_lean_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("image.uploaded", "Uploaded"),
                    ("image.viewed", "Viewed"),
                    ("image.downloaded", "Downloaded"),
                    ("image.edited", "Edited"),
                    ("image.shortened", "Given a shorter life"),
                    ("image.erased", "Erased on request"),
                    ("image.expired", "Erased at its deadline"),
                    ("image.ticket_saved", "Claim ticket saved"),
                    ("consent.on", "Training opt-in turned on"),
                    ("consent.off", "Training opt-in turned off"),
                    ("workspace.retention_changed", "Life of new photos changed"),
                    ("account.data_exported", "Data downloaded"),
                    ("account.closed", "Account closed"),
                    ("account.signed_in", "Signed in"),
                    ("account.signed_out", "Signed out"),
                    ("account.sign_in_failed", "Sign-in refused"),
                    ("account.security_changed", "Password or second factor changed"),
                    ("staff.opened", "Opened by staff"),
                    ("staff.viewed", "Viewed by staff"),
                ],
                max_length=32,
            ),
        ),
    ]
