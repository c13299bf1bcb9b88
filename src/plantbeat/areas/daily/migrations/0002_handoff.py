

import django.core.validators
import django.db.models.deletion
import plantbeat.areas.daily.handoffs.keeping
import plantbeat.kernel.fields
import plantbeat.kernel.record
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('daily', '0001_start_up'),
        ('kernel', '0001_initial'),
        ('people', '0003_attendance'),
        ('plant', '0003_shift_changes_and_planned_stops'),
    ]

    operations = [
        migrations.CreateModel(
            name='Handoff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', plantbeat.kernel.fields.NumberField(editable=False, max_length=24, verbose_name='number')),
                ('place', models.CharField(blank=True, editable=False, max_length=30, verbose_name='place')),
                ('boundary_us', plantbeat.kernel.fields.InstantField(editable=False, verbose_name='at')),
                ('production_day', models.DateField(editable=False, verbose_name='production day')),
                ('shift', models.CharField(editable=False, max_length=120, verbose_name='shift that ends')),
                ('start_us', plantbeat.kernel.fields.InstantField(editable=False, verbose_name='began')),
                ('next_shift', models.CharField(blank=True, editable=False, max_length=120, verbose_name='shift that takes over')),
                ('next_start_us', plantbeat.kernel.fields.InstantField(blank=True, editable=False, null=True, verbose_name='it begins')),
                ('note', models.TextField(blank=True, verbose_name='in own words')),
                ('questions', models.TextField(blank=True, editable=False, verbose_name='questions at the sign-in')),
                ('answers', models.TextField(blank=True, editable=False, verbose_name='answers')),
                ('drafted_us', plantbeat.kernel.fields.InstantField(blank=True, editable=False, null=True, verbose_name='drafted')),
                ('signed_out_by', models.CharField(blank=True, editable=False, max_length=60, verbose_name='signed out by')),
                ('signed_out_us', plantbeat.kernel.fields.InstantField(blank=True, editable=False, null=True, verbose_name='signed out')),
                ('signed_in_by', models.CharField(blank=True, editable=False, max_length=60, verbose_name='signed in by')),
                ('signed_in_us', plantbeat.kernel.fields.InstantField(blank=True, editable=False, null=True, verbose_name='signed in')),
                ('due_us', plantbeat.kernel.fields.InstantField(blank=True, db_index=True, editable=False, null=True, verbose_name='to be signed until')),
                ('escalated_us', plantbeat.kernel.fields.InstantField(blank=True, editable=False, null=True, verbose_name='escalated')),
                ('escalated_to', models.CharField(blank=True, editable=False, max_length=200, verbose_name='escalated to')),
                ('text', models.TextField(blank=True, editable=False, verbose_name='what it says')),
                ('draft', models.TextField(default='', editable=False)),
                ('state', plantbeat.kernel.fields.StateField(db_index=True, default='drafted', editable=False, max_length=40, verbose_name='state')),
                ('area', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='plant.area', verbose_name='area')),
                ('site', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, to='kernel.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'handoff',
                'verbose_name_plural': 'handoffs',
                'db_table': 'daily_handoff',
            },
        ),
        migrations.CreateModel(
            name='HandoffItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=plantbeat.areas.daily.handoffs.keeping.new_code, max_length=120, verbose_name='code')),
                ('kind', plantbeat.kernel.fields.ChoiceField(default='note', max_length=40, verbose_name='kind')),
                ('drafted', models.CharField(blank=True, max_length=500, verbose_name='as drafted')),
                ('text', models.CharField(blank=True, max_length=500, verbose_name='in own words')),
                ('source', models.CharField(blank=True, max_length=200, verbose_name='from')),
                ('opens', models.CharField(blank=True, max_length=300, verbose_name='opens')),
                ('unsafe', models.BooleanField(default=False, verbose_name='unsafe and open')),
                ('handoff', plantbeat.kernel.record.Parent(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='daily.handoff')),
            ],
            options={
                'verbose_name': 'sentence',
                'verbose_name_plural': 'sentences',
                'db_table': 'daily_handoff_item',
            },
        ),
        migrations.CreateModel(
            name='PaperRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('paper', plantbeat.kernel.fields.ChoiceField(default='a4', max_length=40, verbose_name='paper')),
                ('folder', models.CharField(blank=True, help_text='on the server, as in “/srv/packs”; empty: as PLANTBEAT_PACK_FOLDER says', max_length=300, verbose_name='folder of shift packs')),
                ('printer', models.CharField(blank=True, help_text='a print queue of the server; empty: none', max_length=80, validators=[django.core.validators.RegexValidator('^[A-Za-z0-9_.][\\w.\\-]*$', 'the name of a print queue, as lpstat shows it')], verbose_name='printer of shift packs')),
                ('minutes_before', models.PositiveSmallIntegerField(default=30, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(240)], verbose_name='minutes before the shift')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='kernel.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'paper rule',
                'verbose_name_plural': 'paper rules',
                'db_table': 'daily_paper_rule',
            },
        ),
        migrations.CreateModel(
            name='ContingencyPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('number', plantbeat.kernel.fields.NumberField(editable=False, max_length=24, verbose_name='number')),
                ('risk', models.CharField(max_length=160, verbose_name='risk')),
                ('likelihood', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='likelihood (1–5)')),
                ('effect', models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(5)], verbose_name='effect (1–5)')),
                ('trigger', models.CharField(help_text='what shows that it is time, as in “no bottles by 21:00”', max_length=160, verbose_name='trigger')),
                ('plan_b', models.CharField(max_length=300, verbose_name='plan B')),
                ('until', models.DateField(blank=True, help_text='empty: until retired', null=True, verbose_name='holds until')),
                ('state', plantbeat.kernel.fields.StateField(db_index=True, default='ready', editable=False, max_length=40, verbose_name='state')),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='plant.area', verbose_name='area')),
                ('line', models.ForeignKey(blank=True, help_text='neither line nor area: the whole site', null=True, on_delete=django.db.models.deletion.PROTECT, to='plant.line', verbose_name='line')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='people.person', verbose_name='owner')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='kernel.site', verbose_name='site')),
            ],
            options={
                'verbose_name': 'contingency plan',
                'verbose_name_plural': 'contingency plans',
                'db_table': 'daily_contingency_plan',
                'constraints': [models.UniqueConstraint(fields=('site', 'number'), name='daily_contingency_plan_key')],
            },
        ),
        migrations.AddIndex(
            model_name='handoff',
            index=models.Index(fields=['site', 'boundary_us'], name='daily_handoff_time'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.UniqueConstraint(fields=('site', 'number'), name='daily_handoff_key'),
        ),
        migrations.AddConstraint(
            model_name='handoff',
            constraint=models.UniqueConstraint(fields=('site', 'place', 'boundary_us'), name='daily_handoff_boundary'),
        ),
        migrations.AddConstraint(
            model_name='handoffitem',
            constraint=models.UniqueConstraint(fields=('handoff', 'code'), name='daily_handoff_item_key'),
        ),
        migrations.AddConstraint(
            model_name='paperrule',
            constraint=models.UniqueConstraint(fields=('site',), name='daily_paper_rule_key'),
        ),
    ]
