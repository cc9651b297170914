"""Makes the certificates of these tests anew: a root, a signer under it, and another root that vouches for nobody.

Usage: python3 make.py (needs `cryptography`). They are worth nothing outside the tests: the signer's key lies beside them.
The roots' keys are not kept.
"""

import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HERE = pathlib.Path(__file__).parent
FROM, UNTIL = datetime.datetime(2020, 1, 1), datetime.datetime(2120, 1, 1)


def name(common):
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Gongdao tests"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def usage(**on):
    kinds = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    off = dict.fromkeys([*kinds.split(), "encipher_only", "decipher_only"], False)
    return x509.KeyUsage(**(off | on))


def certificate(subject, issuer, key, signer, extensions):
    builder = x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), x509.random_serial_number(), FROM, UNTIL)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    for extension, critical in [(own, False), (above, False), *extensions]:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())


def root(file, common):
    key = ec.generate_private_key(ec.SECP256R1())
    rules = [(x509.BasicConstraints(True, None), True), (usage(key_cert_sign=True, crl_sign=True), True)]
    pem = certificate(common, common, key, key, rules).public_bytes(serialization.Encoding.PEM)
    (HERE / file).write_bytes(pem)
    return key


above = root("root.pem", "Test root")
root("stranger.pem", "Root that vouches for nobody")
key = ec.generate_private_key(ec.SECP256R1())
rules = [
    (x509.BasicConstraints(False, None), True),
    (usage(digital_signature=True), True),
    (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False),
]
signer = certificate("Test signer", "Test root", key, above, rules)
(HERE / "signer.pem").write_bytes(signer.public_bytes(serialization.Encoding.PEM))
encoding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
(HERE / "signer.key").write_bytes(key.private_bytes(*encoding))
