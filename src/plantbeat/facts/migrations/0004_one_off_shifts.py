"""One-off changes of shifts, planned stops, and patterns that hold from an instant on."""

from datetime import UTC, date, datetime, time, timedelta

import django.db.models.deletion
from django.db import migrations, models

import plantbeat.kernel.fields

BEGINNING = date(1900, 1, 1)
LONG_AGO_US = -(2**62)


def date_patterns(apps, schema_editor):
    """A pattern held from a day on; midnight UTC stands for it, the shifts are written out already."""
    for row in apps.get_model("facts", "FactPattern").objects.select_related("site"):
        since = datetime.combine(row.valid_from, time(), UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        row.since_us = LONG_AGO_US if row.valid_from == BEGINNING else since // timedelta(microseconds=1)
        row.zone, row.owner_day = row.site.zone, row.site.owner_day
        row.save()


class Migration(migrations.Migration):

    dependencies = [
        ('facts', '0003_views'),
        ('kernel', '0001_initial'),
    ]

    operations = [
        migrations.AddField('factpattern', 'since_us', models.BigIntegerField(default=0), preserve_default=False),
        migrations.AddField('factpattern', 'zone', models.CharField(default='UTC', max_length=60), preserve_default=False),
        migrations.AddField('factpattern', 'owner_day', models.CharField(default='start', max_length=20), preserve_default=False),
        migrations.AddField('factpattern', 'rewritten_from', models.DateField(null=True)),
        migrations.RunPython(date_patterns, migrations.RunPython.noop),
        migrations.RemoveConstraint('factpattern', 'fact_pattern_key'),
        migrations.RemoveField('factpattern', 'valid_from'),
        migrations.AddConstraint(
            'factpattern',
            models.UniqueConstraint(fields=('site', 'ref', 'since_us'), name='fact_pattern_key'),
        ),
        migrations.AddField('factshift', 'line', models.BigIntegerField(default=0)),
        migrations.AddField('factshift', 'left_out', models.TextField(default='[]')),
        migrations.RemoveConstraint('factshift', 'fact_shift_key'),
        migrations.AddConstraint(
            'factshift',
            models.UniqueConstraint(
                fields=('site', 'pattern', 'line', 'start_us', 'shift', 'crew'), name='fact_shift_key'
            ),
        ),
        migrations.CreateModel(
            name='FactPlannedStop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(max_length=80)),
                ('start_us', models.BigIntegerField()),
                ('end_us', models.BigIntegerField()),
                ('asset', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to='facts.factasset')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='kernel.site')),
            ],
            options={'db_table': 'fact_planned_stop'},
        ),
        migrations.AddConstraint(
            'factplannedstop',
            models.UniqueConstraint(fields=('site', 'ref'), name='fact_planned_stop_key'),
        ),
        migrations.CreateModel(
            name='FactShiftChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(max_length=80)),
                ('day', models.DateField()),
                ('change', plantbeat.kernel.fields.ChoiceField(max_length=40)),
                ('shift', models.CharField(blank=True, max_length=60)),
                ('crew', models.CharField(blank=True, max_length=40)),
                ('times', models.TextField(blank=True)),
                ('asset', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to='facts.factasset')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='kernel.site')),
            ],
            options={'db_table': 'fact_shift_change'},
        ),
        migrations.AddConstraint(
            'factshiftchange',
            models.UniqueConstraint(fields=('site', 'ref'), name='fact_shift_change_key'),
        ),
    ]
