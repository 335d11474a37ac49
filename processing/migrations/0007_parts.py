import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("processing", "0006_erasing_in_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "image",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="arrival",
                        serialize=False,
                        to="processing.image",
                    ),
                ),
                ("size", models.BigIntegerField()),
                ("model_asked", models.CharField(blank=True, default="", max_length=64)),
                ("heard_at", models.DateTimeField()),
            ],
        ),
    ]
