"""Certificates and kubeconfigs, made anew for each cluster."""

import base64
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from devcluster.network import API_SERVICE, NODE_ADDRESS

NODE = "devcluster"
SERVER = f"https://{NODE_ADDRESS}:6443"
_LIFE = timedelta(days=365)


@dataclass(frozen=True)
class _Identity:
    name: str
    user: str
    groups: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


_API_NAMES = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost")
_IDENTITIES = (
    _Identity(
        "apiserver", "kube-apiserver", hosts=(*_API_NAMES, "127.0.0.1", API_SERVICE, NODE_ADDRESS)
    ),
    _Identity("admin", "admin", groups=("system:masters",)),
    _Identity(
        "kubelet", f"system:node:{NODE}", groups=("system:nodes",), hosts=(NODE, NODE_ADDRESS)
    ),
    _Identity("controller-manager", "system:kube-controller-manager"),
    _Identity("scheduler", "system:kube-scheduler"),
    _Identity("proxy", "system:kube-proxy"),
)
CLIENTS = ("admin", "kubelet", "controller-manager", "scheduler", "proxy")


def create(folder: Path) -> None:
    """Write an authority, a certificate for each component, and the key of service accounts."""
    folder.mkdir(mode=0o700, parents=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "devcluster")])
    authority = _builder(subject, key.public_key(), subject).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    certificate = authority.sign(key, hashes.SHA256())
    _write(folder, "ca", key, certificate)
    for identity in _IDENTITIES:
        _issue(folder, identity, key, certificate)
    accounts = ec.generate_private_key(ec.SECP256R1())
    _write_private(folder / "accounts.key", _private_bytes(accounts))
    (folder / "accounts.pub").write_bytes(
        accounts.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def kubeconfig(folder: Path, client: str) -> str:
    """A kubeconfig that carries everything within itself."""

    def embedded(name: str) -> str:
        return base64.b64encode((folder / name).read_bytes()).decode()

    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": NODE,
        "contexts": [{"name": NODE, "context": {"cluster": NODE, "user": client}}],
        "clusters": [
            {
                "name": NODE,
                "cluster": {"server": SERVER, "certificate-authority-data": embedded("ca.crt")},
            }
        ],
        "users": [
            {
                "name": client,
                "user": {
                    "client-certificate-data": embedded(f"{client}.crt"),
                    "client-key-data": embedded(f"{client}.key"),
                },
            }
        ],
    }
    return yaml.safe_dump(config, sort_keys=False)


def _issue(
    folder: Path,
    identity: _Identity,
    authority_key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    organisations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, g) for g in identity.groups]
    common = x509.NameAttribute(NameOID.COMMON_NAME, identity.user)
    builder = _builder(x509.Name([*organisations, common]), key.public_key(), authority.subject)
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    if identity.hosts:
        names = x509.SubjectAlternativeName([_host(host) for host in identity.hosts])
        builder = builder.add_extension(names, critical=False)
    _write(folder, identity.name, key, builder.sign(authority_key, hashes.SHA256()))


def _builder(
    subject: x509.Name, key: ec.EllipticCurvePublicKey, issuer: x509.Name
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _LIFE)
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(
    folder: Path, name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate
) -> None:
    _write_private(folder / f"{name}.key", _private_bytes(key))
    (folder / f"{name}.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        # kube-controller-manager signs with keys of the traditional form only.
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _write_private(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)
