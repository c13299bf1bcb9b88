"""The page on which a tablet learns to trust the plant's own authority."""

from __future__ import annotations

import pytest
from cryptography import x509
from django.urls import reverse

from plantbeat.kernel import clock
from plantbeat.shell.certificates import own_certificate

pytestmark = pytest.mark.django_db


@pytest.fixture
def with_authority(settings, tmp_path, plant):
    settings.DATA = tmp_path
    settings.ALLOWED_HOSTS = ["plant.local", "testserver"]
    return own_certificate(tmp_path / "certificates", settings.ALLOWED_HOSTS, now=clock.now())


def test_the_page_needs_no_sign_in_and_shows_what_to_compare(client, with_authority):
    page = client.get(reverse("trust"))
    assert page.status_code == 200
    assert page.context["authority"].fingerprint in page.content.decode()
    assert client.get(reverse("trust_code")).content.startswith(b"<?xml")


def test_the_file_is_the_authority_and_nothing_secret(client, with_authority):
    file = client.get(reverse("authority_file", args=["cer"]))
    authority = x509.load_der_x509_certificate(file.content)
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    pem = client.get(reverse("authority_file", args=["pem"])).content
    assert b"PRIVATE" not in pem
    assert x509.load_pem_x509_certificate(pem) == authority


def test_without_an_own_authority_there_is_nothing_to_trust(client, settings, tmp_path, plant):
    settings.DATA = tmp_path
    assert client.get(reverse("trust")).status_code == 404
    assert client.get(reverse("authority_file", args=["key"])).status_code == 404
