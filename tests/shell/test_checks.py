"""`./plantbeat check`: every rule finds what breaks it and leaves alone what keeps it."""

import pytest
from small_checkout import PAGES, UV_LOCK, Checkout

from plantbeat.shell.checks import (
    clocks,
    locks,
    names,
    reads,
    saves,
    sizes,
    templates,
    todos,
    words,
)
from plantbeat.shell.checks.finding import Finding

ACTIONS = "src/plantbeat/areas/daily/actions.py"
KERNEL = "src/plantbeat/kernel/act.py"
TEMPLATE = "src/plantbeat/areas/daily/templates/daily/day.html"


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


# --- one write path -------------------------------------------------------------------------------------

DATABASE = "from django.db import connection\n"

WRITES = [
    "order.save()",
    "order.save(update_fields=['state'])",
    "super().save(*args, **kwargs)",
    "form.save(commit=False)",
    "await order.asave()",
    "order.delete()",
    "Order.objects.create(number='W1')",
    "await Order.objects.acreate(number='W1')",
    "Order.objects.filter(line=line).update(state='done')",
    "visible(Order, by).filter(line=line).delete()",
    "visible(Order, by).update(state='done')",
    "rows = Order.objects.filter(line=line)\nrows.update(state='done')",
    "rows = Order.objects.all()\nlate = rows[:5]\nlate.update(state='done')",
    "def close(queryset):\n    queryset.update(state='done')",
    "order.operation_set.create(place=10)",
    "order.steps.update(state='done')\nsteps = Key(related_name='steps')",
    "order.steps.add(step)\nsteps = Key(related_name='steps')",
    "machine.skills.clear()\nskills = models.ManyToManyField('Skill')",
    "Order._default_manager.bulk_create(rows)",
    "rows.bulk_update(orders, ['state'])",
    "manager.get_or_create(number='W1')",
    "User.objects.create_superuser('admin')",
    DATABASE + "connection.cursor().execute('DELETE FROM orders')",
    DATABASE + "with connection.cursor() as c:\n    c.executemany(f'insert into {name} values (1)', [])",
    DATABASE + "SQL = 'UPDATE orders SET state = 1'\nconnection.cursor().execute(SQL)",
    DATABASE + "with connection.cursor() as cursor:\n    cursor.execute(build())",
    DATABASE + "connection.cursor().execute('WITH late AS (SELECT 1) DELETE FROM orders')",
]

NOT_WRITES = [
    "workbook.save(path)",
    "image.save(buffer, format='png')",
    "symbol.save(out=buffer)",
    "chosen = {}\nchosen.update(state='done')",
    "digest.update(b'x')",
    "context.update(title=title)",
    "cache.set('key', 1)\ncache.delete('key')",
    "client.delete('/api/orders/1')",
    "request.session.save()",
    "seen = set()\nseen.add(order)\nseen.clear()",
    "venv.create(path)",
    "Plan.create(orders)",
    "visible(Order, by).filter(line=line).order_by('due')",
    "act(order, 'close', by=by)",
    "import sqlite3\nsqlite3.connect(path).execute('INSERT INTO waiting VALUES (1)')",
    DATABASE + "with connection.cursor() as cursor:\n    cursor.execute('SELECT 1')",
    "def one():\n    rows = Order.objects.all()\n\ndef two(rows):\n    rows.update(state='done')",
]


@pytest.mark.parametrize("text", WRITES)
def test_a_write_past_act_is_found(checkout, text):
    findings = saves.writes_past_act(checkout.write(ACTIONS, text))
    assert [finding.path for finding in findings] == [ACTIONS]
    assert "past act()" in findings[0].message or "cannot be checked" in findings[0].message


@pytest.mark.parametrize("text", NOT_WRITES)
def test_what_only_looks_like_a_write_is_left_alone(checkout, text):
    assert saves.writes_past_act(checkout.write(ACTIONS, text)) == []


@pytest.mark.parametrize(
    "path",
    [
        KERNEL,
        "src/plantbeat/facts/ingest.py",
        "src/plantbeat/areas/daily/migrations/0002_fill.py",
        "tests/kernel/test_act.py",
    ],
)
def test_the_kernel_the_facts_migrations_and_tests_may_write(checkout, path):
    text = "Order.objects.create(number='W1').save()"
    assert saves.writes_past_act(checkout.write(path, text)) == []
    assert saves.writes_past_act(checkout.write(PAGES, text)) != []


def test_a_finding_names_the_line_and_the_call(checkout):
    (finding,) = saves.writes_past_act(checkout.write(PAGES, "x = 1\n\norder.save()\n"))
    assert str(finding) == f"{PAGES}:3: order.save() writes past act(): no permission, no guard, no log"


# --- one read door, one clock ---------------------------------------------------------------------------


@pytest.mark.parametrize("read", ["Order.objects.all()", "model._default_manager.count()", "type(x).objects"])
def test_a_bare_manager_is_found_outside_kernel_facts_and_actions(checkout, read):
    assert [f.line for f in reads.bare_managers(checkout.write(PAGES, f"\n{read}"))] == [2]


def test_bare_managers_are_right_in_kernel_facts_and_actions_and_visible_everywhere(checkout):
    for path in (KERNEL, "src/plantbeat/facts/ingest.py", ACTIONS, "tests/test_x.py"):
        checkout.write(path, "Order.objects.all()")
    assert reads.bare_managers(checkout.write(PAGES, "visible(Order, by).all()\nobjects = Manager()")) == []


@pytest.mark.parametrize(
    "text",
    [
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime as dt\ndt.utcnow()",
        "from datetime import date\ndate.today()",
        "import time\ntime.time()",
        "from time import time_ns\ntime_ns()",
        "from django.utils import timezone\ndefault = timezone.now",
        "from django.utils.timezone import now\nnow()",
        "from django.utils import timezone\ntimezone.localdate()",
        "import time\ntime.strftime('%Y')",
        "from django.db.models.functions import Now\nNow()",
        "from django.db import models\nat = models.DateTimeField(auto_now_add=True)",
    ],
)
def test_a_reading_of_the_wall_clock_is_found(checkout, text):
    findings = clocks.wall_clock(checkout.write(PAGES, text))
    assert [finding.line for finding in findings] == [2]
    assert clocks.wall_clock(Checkout(checkout.root / "other").write(clocks.CLOCK, text)) == []


def test_a_stopwatch_and_given_times_are_fine(checkout):
    text = (
        "import time\nfrom datetime import datetime\nfrom django.utils import timezone\n"
        "time.perf_counter()\ntime.monotonic()\ntime.strftime('%Y', moment)\n"
        "datetime.fromtimestamp(us / 1e6, tz=zone)\ntimezone.localtime(at)\nclock.now()\n"
        "models.DateTimeField(auto_now=False)\nplan.today()\n"
    )
    assert clocks.wall_clock(checkout.write(PAGES, text)) == []


# --- sizes and names ------------------------------------------------------------------------------------


def test_a_file_over_400_lines_is_found_and_a_migration_may_be_longer(checkout):
    checkout.write("src/plantbeat/areas/daily/migrations/0001_initial.py", "x = 1\n" * 900)
    checkout.write(ACTIONS, "x = 1\n" * 400)
    (finding,) = sizes.file_sizes(checkout.write(PAGES, "x = 1\n" * 401))
    assert finding == Finding(PAGES, 0, "401 lines; a file has at most 400")


def function(lines: int) -> str:
    """A function with this many lines of body, a docstring and blank lines beside them."""
    body = "    # a comment counts\n" + "    x = 1\n\n" * (lines - 1)
    return f'@decorated\ndef work(\n    a,\n):\n    """Works.\n\n    Well.\n    """\n{body}'


def test_a_function_over_50_lines_is_found_without_its_docstring_and_blank_lines(checkout):
    checkout.write(ACTIONS, function(50))
    (finding,) = sizes.function_sizes(checkout.write(PAGES, "\n" + function(51)))
    assert finding == Finding(PAGES, 3, "work() has 51 lines; a function has at most 50")


def test_a_compiled_kernel_may_have_150_lines(checkout):
    path = "src/plantbeat/engine/schedule/_kernels.py"
    assert sizes.function_sizes(checkout.write(path, function(150))) == []
    assert len(sizes.function_sizes(checkout.write(path, function(151)))) == 1


def test_kernel_and_surfaces_have_6000_lines_together(checkout):
    checkout.write("src/plantbeat/surfaces/form/page.py", "x = 1\n" * 3_000)
    assert sizes.generic_rooms(checkout.write(KERNEL, "x = 1\n" * 3_000)) == []
    (finding,) = sizes.generic_rooms(checkout.write(KERNEL, "x = 1\n" * 3_001))
    assert finding.message == "kernel and surfaces have 6001 lines together; at most 6000"


@pytest.mark.parametrize(
    "path",
    [
        "src/plantbeat/kernel/utils.py",
        "src/plantbeat/helpers/form.py",
        "src/plantbeat/facts/ingest_helper.py",
        "tests/common/test_x.py",
        "benchmarks/misc.py",
        "src/plantbeat/areas/plant/manager.py",
    ],
)
def test_a_name_that_says_nothing_is_found(checkout, path):
    assert [finding.path for finding in names.module_names(checkout.write(path, ""))] == [path]


def test_a_name_that_says_something_is_fine(checkout):
    checkout.write("src/plantbeat/shell/management/commands/seal.py", "")
    assert names.module_names(checkout.write("src/plantbeat/kernel/commonality.py", "")) == []


# --- templates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<script>start()</script>", "<script> with content"),
        ("<script>{{ data }}</script>", "<script> with content"),
        ('<p translate="no"><script>start()</script></p>', "<script> with content"),
        ("<style>p { color: red }</style>", "<style> with content"),
        ('<p style="color: red"></p>', "style="),
        ('<a onclick="go()"></a>', "onclick="),
        ("<a {% if x %}onclick='go()'{% endif %}></a>", "onclick="),
        ('<a hx-on:click="go()"></a>', "hx-on:click="),
        ('<a href="javascript:go()"></a>', "href= holds script"),
        ('<a hx-vals="js:{x: 1}"></a>', "hx-vals= holds script"),
        ("<p>Open stops</p>", '"Open stops" is not translatable'),
        ("<p>{{ n }} stops</p>", '"stops" is not translatable'),
        ("<title>Now</title>", '"Now" is not translatable'),
        ('<img src="x" alt="A line">', 'alt="A line" is not translatable'),
        ('<input placeholder="Number">', 'placeholder="Number" is not translatable'),
        ('<img src="{% static "x.svg" %}">', "<img> without alt"),
        ('<form method="post"><input></form>', "POST form without"),
        ('{% csrf_token %}<form method="POST"></form>', "POST form without"),
        ('{% block body_attributes %}class="a" onload="go()"{% endblock %}', "onload="),
    ],
)
def test_a_fault_in_a_template_is_found(checkout, html, said):
    findings = templates.templates(checkout.write(TEMPLATE, f"{{# a page #}}\n\n{html}\n"))
    assert [finding.line for finding in findings] == [3]
    assert said in findings[0].message


CLEAN = """{% extends "page.html" %}{% load i18n %}
{# Text for people who read templates #}
{% comment %} <script>old()</script> {% endcomment %}
<title>{% translate "Now" %} · Plantbeat</title>
<script src="{% static 'day.js' %}" defer></script>
<script type="application/json" id="lines">{"a": 1}</script>
<h1 class="a {% if late %}b{% endif %}"{% if late %} hidden{% endif %}>{{ line.name }} – {{ n }} %</h1>
{% blocktranslate count n=n %}
  One open stop
{% plural %}
  {{ n }} open stops
{% endblocktranslate %}
<form method="post" action="{% url 'close' %}">{% csrf_token %}
  <input type="submit" value="{% translate 'Close' %}" aria-label="{% translate 'Close' %}">
  <input type="hidden" name="kind" value="">
</form>
<form method="get"></form>
<img src="x.svg" alt=""> <img src="y.svg" alt="{{ line.name }}">
{% block body_attributes %}class="wall" data-fixed data-distance="{{ distance }}"{% endblock %}
<code>./plantbeat demo</code> <span translate="no">OEE <b>ISO</b></span> × 3
<a hx-get="/x" hx-trigger="revealed"></a>
"""


def test_a_clean_template_passes(checkout):
    assert templates.templates(checkout.write(TEMPLATE, CLEAN)) == []


def test_text_after_untranslated_markup_is_read_again_and_named_by_its_own_line(checkout):
    html = '<span translate="no">OEE</span>\n<br>\n<p>\n  fine: 3\n</p>'
    (finding,) = templates.templates(checkout.write(TEMPLATE, html))
    assert finding.line == 4


# --- locks, open notes, words ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        'source = { registry = "https://mirror.example/simple" }',
        'source = { registry = "file:///opt/simple" }',
        'wheels = [{ url = "http://files.pythonhosted.org.example/x.whl" }]',
        'source = { git = "https://github.com/x/y?rev=1" }',
    ],
)
def test_a_foreign_address_in_uv_lock_is_found(checkout, line):
    assert [f.line for f in locks.lock_hosts(checkout.write("uv.lock", f"{UV_LOCK}{line}\n"))] == [5]


def test_the_npm_lock_names_no_address_to_fetch_from(checkout):
    checkout.write("uv.lock", UV_LOCK)
    checkout.write("web/package.json", "{}")
    clean = '{"packages": {"": {"name": "web"}, "a": {"funding": {"url": "https://a.example"}}}}'
    assert locks.lock_hosts(checkout.write("web/package-lock.json", clean)) == []
    bad = '{"packages": {"node_modules/a": {"resolved": "https://registry.npmjs.org/a.tgz"}}}'
    (finding,) = locks.lock_hosts(checkout.write("web/package-lock.json", bad))
    assert finding.message.startswith("node_modules/a names its address")


def test_a_missing_or_broken_lock_is_found(checkout):
    tree = checkout.write("web/package.json", "{}")
    assert [f.message.split(";")[0] for f in locks.lock_hosts(tree)] == ["is missing", "is missing"]
    checkout.write("uv.lock", UV_LOCK)
    assert "is not JSON" in locks.lock_hosts(checkout.write("web/package-lock.json", "{"))[0].message


@pytest.mark.parametrize("note", ["TODO", "FIXME: later", "TODO(someone): later"])
@pytest.mark.parametrize(("path", "sign"), [(PAGES, "#"), ("web/src/day.js", "//")])
def test_an_open_note_must_name_an_issue_of_the_roadmap(checkout, note, path, sign):
    checkout.write("docs/ROADMAP.md", "# Roadmap\n\n## The schedule engine\n")
    assert [f.line for f in todos.open_notes(checkout.write(path, f"x = 1\n{sign} {note}\n"))] == [2]
    named = f"x = 1\n{sign} TODO(The schedule engine): blocked operations\n"
    assert todos.open_notes(checkout.write(path, named)) == []


def test_a_note_is_found_even_without_a_roadmap_and_a_string_is_not_a_note(checkout):
    assert len(todos.open_notes(checkout.write(PAGES, "# TODO\n"))) == 1
    assert todos.open_notes(checkout.write(PAGES, "word = 'TODO'\n")) == []


@pytest.mark.parametrize("word", words.FORBIDDEN)
def test_a_foreign_word_is_found_in_code_and_in_documents(checkout, word):
    checkout.write(PAGES, f"# written by {word.lower()}s\n")
    findings = words.foreign_words(checkout.write("docs/page.md", f"\n{word}\n"))
    assert [(f.path, f.line) for f in findings] == [("docs/page.md", 2), (PAGES, 1)]


def test_words_of_the_field_are_fine(checkout):
    text = "A cleaning agent, an HTTP session, a cursor, a clauded word, OpenAPI, the plant's own language.\n"
    assert words.foreign_words(checkout.write("docs/page.md", text)) == []


def test_built_fetched_and_hidden_files_are_not_read(checkout):
    for folder in ("build", "docs/site", "web/node_modules/a", "src/plantbeat/static/dist", ".venv/lib"):
        checkout.write(f"{folder}/x.js", words.FORBIDDEN[0])
    assert checkout.write("web/build/icons.mjs", "x").files == ["web/build/icons.mjs"]
