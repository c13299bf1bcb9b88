"""The ladder is climbed by unsigned handoffs too: a rung knows its site, and what else it is about."""

import django.db.models.deletion
from django.db import migrations, models

import plantbeat.kernel.fields


def site_of_calls(apps, _schema_editor):
    """Rungs known so far are of the site of their call."""
    step = apps.get_model("execution", "EscalationStep")
    call = apps.get_model("execution", "AndonCall")
    sites = call.objects.filter(pk=models.OuterRef("call"))
    step.objects.update(site=models.Subquery(sites.values("site")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0033_buttons_of_machines"),
        ("kernel", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="escalationstep",
            name="site",
            field=models.ForeignKey(
                editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="kernel.site",
                verbose_name="site",
            ),
        ),
        migrations.RunPython(site_of_calls, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="escalationstep",
            name="site",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, to="kernel.site",
                verbose_name="site",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="escalationstep",
            name="execution_escalation_step_key",
        ),
        migrations.AddField(
            model_name="escalationrung",
            name="about",
            field=plantbeat.kernel.fields.ChoiceField(default="call", max_length=40, verbose_name="for"),
        ),
        migrations.AddField(
            model_name="escalationstep",
            name="subject",
            field=plantbeat.kernel.fields.ReferenceField(
                blank=True, db_index=True, editable=False, help_text="empty: the call", max_length=80,
                verbose_name="about",
            ),
        ),
        migrations.AlterField(
            model_name="escalationstep",
            name="call",
            field=models.ForeignKey(
                blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                to="execution.andoncall", verbose_name="call",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="escalation",
            field=models.ForeignKey(
                editable=False, on_delete=django.db.models.deletion.PROTECT, related_name="notices",
                to="execution.escalationstep", verbose_name="rung",
            ),
        ),
        migrations.AddIndex(
            model_name="escalationstep",
            index=models.Index(fields=["site", "told_us"], name="execution_escalation_told"),
        ),
        migrations.AddConstraint(
            model_name="escalationstep",
            constraint=models.UniqueConstraint(
                fields=("call", "subject", "place"), name="execution_escalation_step_key"
            ),
        ),
    ]
