import hashlib
import hmac

import pytest

from app.connectors.signature import TOLERANCE_S, sign, verify

NOW = 1_800_000_000
BODY = b'{"id": "1"}'


def test_it_is_what_the_docs_tell_endpoints_to_compute():
    expected = hmac.new(b"s3cret", b"1800000000." + BODY, hashlib.sha256).hexdigest()
    assert sign("s3cret", NOW, BODY) == f"sha256={expected}"


@pytest.mark.parametrize(
    ("secret", "timestamp", "body", "now", "good"),
    [
        ("s3cret", str(NOW), BODY, NOW, True),
        ("s3cret", str(NOW), BODY, NOW + TOLERANCE_S, True),
        ("s3cret", str(NOW), BODY, NOW + TOLERANCE_S + 1, False),
        ("s3cret", str(NOW + TOLERANCE_S + 1), BODY, NOW, False),
        ("other", str(NOW), BODY, NOW, False),
        ("s3cret", str(NOW), BODY + b" ", NOW, False),
        ("s3cret", str(NOW + 1), BODY, NOW, False),
        ("s3cret", "yesterday", BODY, NOW, False),
        ("s3cret", "-5", BODY, NOW, False),
        ("s3cret", "٣", BODY, NOW, False),
    ],
)
def test_verify(secret, timestamp, body, now, good):
    assert verify(secret, timestamp, body, sign("s3cret", NOW, BODY), now=now) is good


@pytest.mark.parametrize("signature", ["", "sha256=", "md5=00", "sha256=ü"])
def test_a_signature_that_is_none(signature):
    assert not verify("s3cret", str(NOW), BODY, signature, now=NOW)
