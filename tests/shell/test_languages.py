"""Languages: operators read their own, complete; pages of other people are in one language."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from small_checkout import Checkout

from people_of_the_plant import SYSTEM
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.shell.checks import languages

REPOSITORY = Path(__file__).parents[2]
SAYS = "src/plantbeat/areas/execution/live.py"
SPANISH = "src/plantbeat/locale/es/LC_MESSAGES/django.po"
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
pytestmark = pytest.mark.requirement("X9")


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def found(checkout: Checkout, source: str, catalogue: str) -> list[str]:
    checkout.write(SAYS, source)
    return [one.message for one in languages.untranslated(checkout.write(SPANISH, HEAD + catalogue))]


@pytest.mark.parametrize(
    ("source", "catalogue", "fault"),
    [
        ('_("Running")', "", "“Running” is missing"),
        ('_("Running")', 'msgid "Running"\nmsgstr ""\n', "“Running” has no translation"),
        ("", 'msgid "Running"\nmsgstr "En marcha"\n', "“Running” is said nowhere"),
        ('_("%(n)s pcs")', 'msgid "%(n)s pcs"\nmsgstr "piezas"\n', "has other places to fill in"),
        ('ngettext("1 stop", "%(n)s stops", n)', "", "“1 stop” is missing"),
    ],
)
def test_the_check_finds(checkout, source, catalogue, fault):
    assert fault in " ".join(found(checkout, source, catalogue))


def test_the_check_leaves_alone_what_is_complete(checkout):
    assert found(checkout, '_("Running")', 'msgid "Running"\nmsgstr "En marcha"\n') == []


def test_a_template_is_read_with_its_comments_and_plurals(checkout):
    page = (
        '{# a remark #}{% translate "Stop" %} {# "x #}\n'
        "{% blocktranslate count n=n %}one\n{% plural %}{{ n }} more{% endblocktranslate %}"
    )
    tree = checkout.write("src/plantbeat/surfaces/templates/components/new.html", page)
    assert set(languages.spoken(tree)) == {"Stop", ("one\n", "%(n)s more")}


def test_new_texts_are_written_and_old_ones_taken_out(checkout):
    checkout.write(SAYS, '_("Running")\n_("Stopped")')
    old = 'msgid "Gone"\nmsgstr "Ido"\n\nmsgid "Running"\nmsgstr "En marcha"\n'
    checkout.write(SPANISH, HEAD + old)
    languages.write_catalogues(checkout.root)
    text = (checkout.root / SPANISH).read_text(encoding="utf-8")
    assert 'msgid "Stopped"\nmsgstr ""' in text
    assert 'msgstr "En marcha"' in text
    assert "Gone" not in text


def test_a_catalogue_is_compiled_as_django_reads_it(checkout):
    spec = importlib.util.spec_from_file_location("hatch_build", REPOSITORY / "hatch_build.py")
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    checkout.write(SPANISH, HEAD + 'msgid "Running"\nmsgstr "En marcha"\n')
    hook.compile_texts(checkout.root)
    assert (checkout.root / SPANISH).with_suffix(".mo").read_bytes()[:4] == b"\xde\x12\x04\x95"


@pytest.mark.django_db
def test_pages_speak_the_language_of_the_person_and_not_of_the_browser(plant, client):
    user = plant.user(Role.operator)
    client.force_login(user)
    browser = {"headers": {"accept-language": "es"}}
    assert 'lang="en"' in client.get("/overview/", **browser).content.decode()
    act(user, "edit", SYSTEM, {"language": "es"})
    page = client.get("/overview/").content.decode()
    assert 'lang="es"' in page
    assert "Ir al contenido" in page


@pytest.mark.django_db
def test_before_anybody_signs_in_the_browser_says_the_language(plant, client):
    page = client.get("/accounts/operator/", headers={"accept-language": "es"}).content.decode()
    assert "Escanee su credencial" in page
