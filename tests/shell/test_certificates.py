"""HTTPS certificates: the own authority, its server certificates, and those of the plant's IT department."""

import ipaddress
import os
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.shell.certificate_names import CertificateError, covers, inside, machine_names, parsed_names
from plantbeat.shell.certificates import given_certificate, own_authority, own_certificate

NOW = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
NAMES = ["plant-server", "localhost", "127.0.0.1", "192.168.7.20"]


def loaded(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(file.read_bytes())[0]


# --- the own authority ----------------------------------------------------------------------------------


def test_the_authority_signs_servers_only_for_ten_years_and_for_private_names(tmp_path):
    authority = own_authority(tmp_path, NAMES, now=NOW)
    certificate = x509.load_der_x509_certificate(authority.der)
    assert certificate == x509.load_pem_x509_certificate(authority.pem)
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.digital_signature) == (True, False)
    assert certificate.not_valid_after_utc == authority.expires == NOW + timedelta(days=3_652)
    limits = certificate.extensions.get_extension_for_class(x509.NameConstraints)
    permitted = {zone.value for zone in limits.value.permitted_subtrees}
    assert limits.critical
    assert {"plant-server", "local", ipaddress.ip_network("192.168.0.0/16")} <= permitted


def test_the_fingerprint_is_the_sha_256_of_the_certificate_as_phones_show_it(tmp_path):
    import hashlib

    authority = own_authority(tmp_path, NAMES, now=NOW)
    assert authority.fingerprint.replace(":", "").lower() == hashlib.sha256(authority.der).hexdigest()
    assert authority.fingerprint.count(":") == 31


def test_the_authority_stays_the_same_from_call_to_call_and_differs_between_plants(tmp_path):
    first = own_authority(tmp_path / "a", NAMES, now=NOW)
    assert own_authority(tmp_path / "a", NAMES, now=NOW + timedelta(days=3_000)) == first
    other = own_authority(tmp_path / "b", NAMES, now=NOW)
    assert other.fingerprint != first.fingerprint
    assert (
        x509.load_der_x509_certificate(other.der).subject != x509.load_der_x509_certificate(first.der).subject
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_private_keys_are_readable_by_their_owner_alone_and_nothing_else_is_left(tmp_path):
    folder = tmp_path / "tls"
    own_certificate(folder, NAMES, now=NOW)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()} == {
        "authority.pem": 0o600,
        "server.pem": 0o600,
    }


def test_processes_that_start_at_once_get_one_authority(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: own_authority(tmp_path, NAMES, now=NOW), range(8)))
    assert len({authority.fingerprint for authority in made}) == 1


def test_near_its_end_the_authority_is_renewed_with_the_same_key(tmp_path):
    old = own_authority(tmp_path, NAMES, now=NOW)
    later = NOW + timedelta(days=3_652 - 399)
    server = loaded(own_certificate(tmp_path, NAMES, now=later).certificate)
    new = own_authority(tmp_path, NAMES, now=later)
    assert new.expires == later + timedelta(days=3_652)
    # A tablet that trusts either of the two accepts the server.
    for authority in (old, new):
        server.verify_directly_issued_by(x509.load_der_x509_certificate(authority.der))


def test_a_name_outside_the_authoritys_limits_is_refused_with_what_to_do(tmp_path):
    own_authority(tmp_path, NAMES, now=NOW)
    with pytest.raises(CertificateError) as refused:
        own_certificate(tmp_path, [*NAMES, "plant.example.com", "8.8.8.8"], now=NOW)
    said = str(refused.value)
    assert "may not sign for plant.example.com, 8.8.8.8" in said
    assert "every tablet" in said


def test_a_damaged_authority_is_named_and_not_replaced(tmp_path):
    own_authority(tmp_path, NAMES, now=NOW)
    (tmp_path / "authority.pem").write_text("not a key")
    with pytest.raises(CertificateError, match=r"authority\.pem: holds no certificate in PEM form"):
        own_authority(tmp_path, NAMES, now=NOW)
    assert (tmp_path / "authority.pem").read_text() == "not a key"


# --- its server certificates ----------------------------------------------------------------------------


def test_a_server_certificate_names_hosts_and_addresses_for_397_days(tmp_path):
    made = own_certificate(tmp_path, NAMES, now=NOW)
    assert set(made.names) == set(NAMES)
    certificate = loaded(made.certificate)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=397)
    assert certificate.not_valid_before_utc < NOW < made.expires
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert basic.ca is False


@pytest.mark.parametrize(
    ("days", "names", "renewed"),
    [
        (0, NAMES, False),
        (365, NAMES, False),
        (367, NAMES, True),
        (500, NAMES, True),
        (1, list(reversed(NAMES)), False),
        (1, [*NAMES, "192.168.7.21"], True),
        (1, NAMES[:3], True),
    ],
)
def test_it_is_renewed_when_30_days_are_left_or_the_names_change(tmp_path, days, names, renewed):
    first = own_certificate(tmp_path, NAMES, now=NOW)
    second = own_certificate(tmp_path, names, now=NOW + timedelta(days=days))
    assert (second.fingerprint != first.fingerprint) == renewed
    assert set(second.names) == set(names)


def test_it_is_renewed_when_the_authority_was_replaced_or_the_file_is_damaged(tmp_path):
    first = own_certificate(tmp_path, NAMES, now=NOW)
    (tmp_path / "authority.pem").unlink()
    second = own_certificate(tmp_path, NAMES, now=NOW)
    assert second.fingerprint != first.fingerprint
    second.certificate.write_text("damaged")
    assert own_certificate(tmp_path, NAMES, now=NOW).fingerprint != second.fingerprint


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str:
    """Sign on to a server that answers under this name; returns the protocol."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                try:
                    server.wrap_socket(connection, server_side=True).close()
                except (ssl.SSLError, OSError):
                    return  # what the client says counts

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            with (
                socket.create_connection(listener.getsockname(), timeout=10) as plain,
                client.wrap_socket(plain, server_hostname=name) as secured,
            ):
                return str(secured.version())
        finally:
            thread.join()


def test_a_client_that_trusts_the_authority_reaches_the_server_under_its_names_only(tmp_path):
    now = datetime.now(UTC)
    made = own_certificate(tmp_path, NAMES, now=now)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate, made.key)
    client = ssl.create_default_context(cadata=own_authority(tmp_path, NAMES, now=now).pem.decode())
    for name in NAMES:
        assert handshake(server, client, name) == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError, match="other-server"):
        handshake(server, client, "other-server")


def test_what_a_stolen_authority_key_signs_for_the_internet_is_refused(tmp_path):
    from plantbeat.shell import certificates

    now = datetime.now(UTC)
    authority = own_authority(tmp_path, NAMES, now=now)
    certificate, key = certificates._read_pair(tmp_path / "authority.pem", tmp_path / "authority.pem")
    forged, forged_key = certificates._sign_server(["bank.example.com"], certificate, key, now)
    file = tmp_path / "forged.pem"
    file.write_bytes(certificates._pem(forged_key) + forged.public_bytes(Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=authority.pem.decode())
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        handshake(server, client, "bank.example.com")


# --- a given certificate --------------------------------------------------------------------------------


@pytest.fixture
def given_files(tmp_path):
    """Certificate and key in two files, as an IT department hands them over."""
    made = own_certificate(tmp_path / "it", ["mes.local", "*.plant.local", "10.0.0.5"], now=NOW)
    text = made.certificate.read_text()
    begin = text.index("-----BEGIN CERTIFICATE")
    certificate, key = tmp_path / "mes.crt", tmp_path / "mes.key"
    certificate.write_text(text[begin:])
    key.write_text(text[:begin])
    return certificate, key


def test_a_given_certificate_is_used_as_it_is(given_files):
    used = given_certificate(*given_files, ["mes.local", "line1.plant.local", "10.0.0.5"], now=NOW)
    assert (used.certificate, used.key) == given_files
    assert used.names == ("mes.local", "*.plant.local", "10.0.0.5")


def refusal(certificate: Path, key: Path, names: list[str], now: datetime = NOW) -> str:
    with pytest.raises(CertificateError) as refused:
        given_certificate(certificate, key, names, now=now)
    said = str(refused.value)
    assert "\n" not in said
    return said


def test_a_missing_file_is_named(given_files, tmp_path):
    certificate, key = given_files
    absent = tmp_path / "absent.pem"
    assert refusal(absent, key, ["mes.local"]) == f"{absent}: there is no such certificate file"
    assert refusal(certificate, absent, ["mes.local"]) == f"{absent}: there is no such key file"


def test_a_key_of_another_certificate_is_refused(given_files, tmp_path):
    certificate, _ = given_files
    other = own_certificate(tmp_path / "other", ["mes.local"], now=NOW).key
    assert "does not belong to the certificate" in refusal(certificate, other, ["mes.local"])


def test_a_locked_key_and_files_in_another_form_are_refused(given_files):
    certificate, key = given_files
    private = load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")))
    assert "locked with a pass phrase" in refusal(certificate, key, ["mes.local"])
    key.write_bytes(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")))
    assert "holds no private key in PEM form" in refusal(certificate, key, ["mes.local"])
    certificate.write_bytes(loaded(certificate).public_bytes(Encoding.DER))
    assert "holds no certificate in PEM form" in refusal(certificate, key, ["mes.local"])


def test_an_expired_or_future_certificate_is_refused_with_the_day(given_files):
    assert "expired on 2027-04-01" in refusal(*given_files, ["mes.local"], NOW + timedelta(days=400))
    assert "valid only from 2026-02-28 on" in refusal(*given_files, ["mes.local"], NOW - timedelta(days=9))


def test_a_certificate_for_other_names_is_refused_with_both(given_files):
    said = refusal(*given_files, ["mes.local", "mes.plant.example", "a.b.plant.local"])
    assert "is for mes.local, *.plant.local, 10.0.0.5, not for mes.plant.example, a.b.plant.local" in said


# --- names ----------------------------------------------------------------------------------------------


def test_names_are_brought_to_the_form_certificates_hold():
    given_names = ["Plant-Server.", "[::1]", "fe80::1%eth0", "münchen.local", "10.0.0.5", "plant-server"]
    assert list(map(str, parsed_names(given_names))) == [
        "plant-server",
        "::1",
        "fe80::1",
        "xn--mnchen-3ya.local",
        "10.0.0.5",
    ]


@pytest.mark.parametrize(
    "name", ["", "a b", "-x", "x..y", "10.0.0", "300.1.1.1", "http://x", "x" * 64, "*", "*."]
)
def test_what_is_neither_host_nor_address_is_refused(name):
    with pytest.raises(CertificateError, match="neither a host name nor an IP address"):
        parsed_names([name])


def test_an_address_nobody_can_call_and_an_empty_list_are_refused():
    with pytest.raises(CertificateError, match=r"0\.0\.0\.0 is no address a browser can call"):
        parsed_names(["0.0.0.0"])
    with pytest.raises(CertificateError, match="at least one"):
        parsed_names([])


LABELS = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)


@settings(deadline=None)
@given(LABELS, LABELS, LABELS)
def test_a_star_covers_one_label_and_a_zone_all_below_it(one, other, third):
    zone = f"{third}.plant"
    assert covers(f"*.{zone}", f"{one}.{zone}")
    assert not covers(f"*.{zone}", f"{one}.{other}.{zone}")
    assert not covers(f"*.{zone}", zone)
    assert inside(f"{one}.{other}.{zone}", zone)
    assert inside(zone, zone)
    assert not inside(f"{one}{zone}", zone)


def test_this_machine_has_names_a_certificate_can_hold():
    names = parsed_names(machine_names())
    assert {"localhost", ipaddress.ip_address("127.0.0.1")} <= set(names)
