import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_lean_indexes"),
        ("processing", "0008_shares"),
    ]

    operations = [
        migrations.AddField(
            model_name="image",
            name="batch",
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name="image",
            index=models.Index(
                condition=models.Q(("batch__isnull", False)),
                fields=["batch"],
                name="image_of_batch",
            ),
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("digest", models.CharField(max_length=32, null=True)),
                ("kept_digest", models.CharField(max_length=32, null=True)),
                (
                    "image",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tags",
                        to="processing.image",
                    ),
                ),
                (
                    "workspace",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.workspace",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["workspace", "-id"], name="tag_latest"),
                    models.Index(fields=["digest"], name="tag_by_digest"),
                    models.Index(
                        condition=models.Q(("kept_digest__isnull", False)),
                        fields=["kept_digest"],
                        name="tag_by_kept_digest",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("image", "digest"), name="one_tag_of_a_word")
                ],
            },
        ),
    ]
