from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("processing", "0011_jobs_that_may_write"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="little_found",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
