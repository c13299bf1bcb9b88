
import django.db.models.deletion
import plantbeat.kernel.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('execution', '0020_hours_and_stops'),
        ('kernel', '0001_initial'),
        ('plant', '0004_pack_sizes'),
    ]

    operations = [
        migrations.CreateModel(
            name='ShiftSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', plantbeat.kernel.fields.NumberField(editable=False, max_length=24, verbose_name='number')),
                ('production_day', models.DateField(editable=False, verbose_name='production day')),
                ('shift', models.CharField(editable=False, max_length=60, verbose_name='shift')),
                ('crew', models.CharField(blank=True, editable=False, max_length=40, verbose_name='crew')),
                ('start_us', plantbeat.kernel.fields.InstantField(editable=False, verbose_name='begins')),
                ('end_us', plantbeat.kernel.fields.InstantField(editable=False, verbose_name='ends')),
                ('written_us', plantbeat.kernel.fields.InstantField(blank=True, editable=False, null=True, verbose_name='pack written')),
                ('written_to', models.CharField(blank=True, editable=False, max_length=400, verbose_name='written to')),
                ('trouble', models.CharField(blank=True, editable=False, max_length=400, verbose_name='trouble')),
                ('keyed_us', plantbeat.kernel.fields.InstantField(blank=True, editable=False, null=True, verbose_name='keyed in')),
                ('keyed_by', models.CharField(blank=True, editable=False, max_length=60, verbose_name='keyed in by')),
                ('good', models.PositiveBigIntegerField(blank=True, editable=False, null=True, verbose_name='good pieces keyed in')),
                ('scrap', models.PositiveBigIntegerField(blank=True, editable=False, null=True, verbose_name='scrap keyed in')),
                ('state', plantbeat.kernel.fields.StateField(db_index=True, default='on_paper', editable=False, max_length=40, verbose_name='state')),
                ('line', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, to='plant.line', verbose_name='line')),
                ('site', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, to='kernel.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'shift sheet',
                'verbose_name_plural': 'shift sheets',
                'db_table': 'execution_shift_sheet',
                'constraints': [models.UniqueConstraint(fields=('site', 'number'), name='execution_shift_sheet_key'), models.UniqueConstraint(fields=('line', 'start_us'), name='execution_sheet_shift')],
            },
        ),
    ]
