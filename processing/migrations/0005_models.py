from django.db import migrations, models

import processing.models.job


class Migration(migrations.Migration):
    dependencies = [
        ("processing", "0004_renderings"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="model_asked",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="workerbeat",
            name="serves",
            field=models.JSONField(default=processing.models.job.the_sites_own),
        ),
        migrations.AddField(
            model_name="workerbeat",
            name="load",
            field=models.JSONField(default=dict),
        ),
    ]
