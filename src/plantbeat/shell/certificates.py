"""HTTPS on a plant network: an own certificate authority that tablets trust once, or a given certificate.

The authority signs for this installation's names and for addresses of private networks only (name
constraints, RFC 5280 4.2.1.10), so that its key, if stolen, is worth nothing on the open internet. Private
keys lie in the data folder, readable by their owner alone.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from plantbeat.shell.certificate_names import Address, CertificateError, Network, covers, inside, parsed_names

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

AUTHORITY_LIFE = timedelta(days=3_652)
# A renewal with the same key overlaps with the old one for longer than a server certificate lives.
AUTHORITY_RENEWAL = timedelta(days=400)
SERVER_LIFE = timedelta(days=397)
SERVER_RENEWAL = timedelta(days=30)
# Tablets whose clock is behind accept a new certificate too.
BACKDATED = timedelta(days=1)

PRIVATE_ZONES = ("localhost", "local", "lan", "internal", "home.arpa")
PRIVATE_NETWORKS = (
    "10.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)


@dataclass(frozen=True)
class Authority:
    """The own certificate authority, as a tablet sees it."""

    pem: bytes
    der: bytes
    fingerprint: str  # SHA-256, as phones show it: "AB:CD:..."
    expires: datetime


@dataclass(frozen=True)
class ServerCertificate:
    """What the web server is started with. Key and certificate may be one file."""

    certificate: Path
    key: Path
    names: tuple[str, ...]
    expires: datetime
    fingerprint: str


def own_authority(folder: Path, names: Iterable[str], *, now: datetime) -> Authority:
    """The authority of this data folder, made on first call for these host names and addresses.

    It lives ten years; near its end it is renewed with the same key, so that old and new one are both good
    for a year. Raises CertificateError if it may not sign for one of the names, or cannot be read.
    """
    certificate, _ = _authority(folder, parsed_names(names), now)
    return _shown(certificate)


def own_certificate(folder: Path, names: Iterable[str], *, now: datetime) -> ServerCertificate:
    """A server certificate of the own authority for these names, kept in the data folder.

    Made anew when fewer than 30 days are left or the names or the authority have changed; else the kept one.
    """
    from cryptography.hazmat.primitives import serialization

    wanted = parsed_names(names)
    authority, authority_key = _authority(folder, wanted, now)
    file = folder / "server.pem"
    with contextlib.suppress(CertificateError, FileNotFoundError):
        kept, _ = _read_pair(file, file)
        if _still_serves(kept, authority, wanted, now):
            return _usable(kept, file, file)
    made, key = _sign_server(wanted, authority, authority_key, now)
    # Key and certificate in one file: no moment exists in which they do not belong together.
    _write_private(file, _pem(key) + made.public_bytes(serialization.Encoding.PEM), replace=True)
    return _usable(made, file, file)


def given_certificate(
    certificate: Path, key: Path, names: Iterable[str], *, now: datetime
) -> ServerCertificate:
    """A certificate of the plant's own IT, checked: readable, with its key, in date, good for these names."""
    for file, what in ((certificate, "certificate"), (key, "key")):
        if not file.is_file():
            raise CertificateError(f"{file}: there is no such {what} file")
    loaded, _ = _read_pair(certificate, key)
    if now >= loaded.not_valid_after_utc:
        raise CertificateError(
            f"{certificate}: the certificate expired on {_day(loaded.not_valid_after_utc)}"
        )
    if now < loaded.not_valid_before_utc:
        begin = _day(loaded.not_valid_before_utc)
        raise CertificateError(
            f"{certificate}: the certificate is valid only from {begin} on; is the clock right?"
        )
    covered = _names_of(loaded)
    missing = [str(name) for name in parsed_names(names) if not any(covers(one, name) for one in covered)]
    if missing:
        listed = ", ".join(map(str, covered)) or "no name at all"
        raise CertificateError(
            f"{certificate}: the certificate is for {listed}, not for {', '.join(missing)}"
        )
    return _usable(loaded, certificate, key)


def _authority(
    folder: Path, names: Sequence[str | Address], now: datetime
) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    file = folder / "authority.pem"
    if not file.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        made = _sign_authority(key, names, now)
        text = _pem(key) + made.public_bytes(serialization.Encoding.PEM)
        _write_private(file, text, replace=False)  # a second process at the same moment keeps the first one's
    certificate, loaded = _read_pair(file, file)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise CertificateError(f"{file}: the key is not of the kind this authority uses")
    permitted = _permitted_by(certificate)
    refused = [str(name) for name in names if not any(inside(name, zone) for zone in permitted)]
    if refused:
        raise CertificateError(
            f"{file}: this certificate authority may not sign for {', '.join(refused)}; it is limited to"
            f" {', '.join(map(str, permitted))}. Move the file away to make a new one, which every tablet"
            " must then trust anew"
        )
    if certificate.not_valid_after_utc - now < AUTHORITY_RENEWAL:
        certificate = _sign_authority(loaded, permitted, now, subject=certificate.subject)
        text = _pem(loaded) + certificate.public_bytes(serialization.Encoding.PEM)
        _write_private(file, text, replace=True)
    return certificate, loaded


def _sign_authority(
    key: EllipticCurvePrivateKey,
    names: Sequence[str | Address | Network],
    now: datetime,
    subject: x509.Name | None = None,
) -> x509.Certificate:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import NameOID

    mark = secrets.token_hex(2).upper()  # tells two installations apart in a tablet's list
    common = f"Plantbeat {socket.gethostname()[:40]} {mark}"
    subject = subject or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    networks = [ipaddress.ip_network(network) for network in PRIVATE_NETWORKS]
    zones: list[x509.GeneralName] = []
    for name in dict.fromkeys([*PRIVATE_ZONES, *networks, *names]):
        if isinstance(name, str):
            zones.append(x509.DNSName(name.removeprefix("*.")))
        else:
            zones.append(x509.IPAddress(ipaddress.ip_network(name)))
    identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=zones, excluded_subtrees=None), critical=True)
        .add_extension(identity, critical=False)
        .sign(key, hashes.SHA256())
    )


def _sign_server(
    names: Sequence[str | Address],
    authority: x509.Certificate,
    authority_key: EllipticCurvePrivateKey,
    now: datetime,
) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    listed: list[x509.GeneralName] = [
        x509.DNSName(name) if isinstance(name, str) else x509.IPAddress(name) for name in names
    ]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    identity = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    begin = now - BACKDATED
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Plantbeat")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + SERVER_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(listed), critical=False)
        .add_extension(identity, critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return made, key


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    """An authority signs certificates and nothing else; a server proves itself and nothing else."""
    from cryptography import x509

    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _names_of(certificate: x509.Certificate) -> list[str | Address]:
    from cryptography import x509

    try:
        listed = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    hosts = [host.lower() for host in listed.get_values_for_type(x509.DNSName)]
    addresses = listed.get_values_for_type(x509.IPAddress)
    return [*hosts, *(one for one in addresses if isinstance(one, Address))]


def _permitted_by(authority: x509.Certificate) -> list[str | Network]:
    from cryptography import x509

    try:
        limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound:
        return []
    return [zone.value for zone in limits.permitted_subtrees or ()]


def _still_serves(
    kept: x509.Certificate, authority: x509.Certificate, names: Sequence[str | Address], now: datetime
) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        kept.verify_directly_issued_by(authority)
    except (InvalidSignature, TypeError, ValueError):
        return False
    in_date = kept.not_valid_before_utc <= now < kept.not_valid_after_utc - SERVER_RENEWAL
    return in_date and set(_names_of(kept)) == set(names)


def _read_pair(certificate: Path, key: Path) -> tuple[x509.Certificate, PrivateKeyTypes]:
    """The first certificate of one file and the private key of another, or of the same."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    try:
        loaded = x509.load_pem_x509_certificates(_content(certificate))[0]
    except ValueError:
        raise CertificateError(f"{certificate}: holds no certificate in PEM form") from None
    try:
        private = load_pem_private_key(_content(key), password=None)
    except TypeError:
        raise CertificateError(f"{key}: the key is locked with a pass phrase; give it without one") from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError(f"{key}: holds no private key in PEM form") from None
    one, other = (
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for public in (loaded.public_key(), private.public_key())
    )
    if one != other:
        raise CertificateError(f"{key}: the key does not belong to the certificate {certificate}")
    return loaded, private


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as problem:
        raise CertificateError(f"{file}: cannot be read: {problem.strerror}") from None


def _write_private(file: Path, content: bytes, *, replace: bool) -> None:
    """Write a file only its owner may read, whole or not at all; without `replace` the first one stays."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if replace:
            draft.replace(file)
        else:
            with contextlib.suppress(FileExistsError):
                file.hardlink_to(draft)
    except OSError as problem:
        raise CertificateError(f"{file}: cannot be written: {problem.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)


def _pem(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _fingerprint(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives import hashes

    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _shown(authority: x509.Certificate) -> Authority:
    from cryptography.hazmat.primitives.serialization import Encoding

    return Authority(
        pem=authority.public_bytes(Encoding.PEM),
        der=authority.public_bytes(Encoding.DER),
        fingerprint=_fingerprint(authority),
        expires=authority.not_valid_after_utc,
    )


def _usable(certificate: x509.Certificate, file: Path, key: Path) -> ServerCertificate:
    names = tuple(map(str, _names_of(certificate)))
    return ServerCertificate(file, key, names, certificate.not_valid_after_utc, _fingerprint(certificate))


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
