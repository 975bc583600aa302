"""RS256 signatures with Python's standard library alone.

For this test server only: the arithmetic is not constant in time and the key lives for one run.
"""

import base64
import hashlib
import json
import math
import secrets

KEY_BITS = 2048
EXPONENT = 65537
# DER of `DigestInfo` for SHA-256, up to the digest (RFC 8017 section 9.2, note 1).
SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
SMALL_PRIMES = [p for p in range(3, 2000, 2) if all(p % q for q in range(3, math.isqrt(p) + 1, 2))]


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _is_prime(n: int, rounds: int = 8) -> bool:
    """Miller-Rabin with random bases, for random odd numbers: few rounds are enough for them."""
    if any(n % p == 0 for p in SMALL_PRIMES):
        return False
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(rounds):
        x = pow(secrets.randbelow(n - 3) + 2, odd, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = pow(x, 2, n)
            if x == n - 1:
                break
        else:
            return False
    return True


def _prime(bits: int) -> int:
    # The two highest bits are set, so that the product of two such primes has twice as many bits.
    while True:
        n = secrets.randbits(bits) | (3 << (bits - 2)) | 1
        if n % EXPONENT != 1 and _is_prime(n):
            return n


class SigningKey:
    """An RSA key that signs JWTs and publishes its public half as a JWK."""

    def __init__(self, kid: str):
        self.kid = kid
        p, q = _prime(KEY_BITS // 2), _prime(KEY_BITS // 2)
        d = pow(EXPONENT, -1, (p - 1) * (q - 1))
        self._n, self._p, self._q = p * q, p, q
        self._dp, self._dq, self._q_inverse = d % (p - 1), d % (q - 1), pow(q, -1, p)

    def jwk(self) -> dict:
        return {
            "kid": self.kid,
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "n": base64url(self._n.to_bytes(KEY_BITS // 8, "big")),
            "e": base64url(EXPONENT.to_bytes(3, "big")),
        }

    def jwt(self, claims: dict) -> str:
        header = {"alg": "RS256", "kid": self.kid, "typ": "JWT"}
        parts = [base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)]
        signature = self._sign(".".join(parts).encode())
        return ".".join([*parts, base64url(signature)])

    def _sign(self, message: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.1), by the Chinese remainder theorem."""
        digest = SHA256_PREFIX + hashlib.sha256(message).digest()
        size = KEY_BITS // 8
        padded = b"\x00\x01" + b"\xff" * (size - 3 - len(digest)) + b"\x00" + digest
        m = int.from_bytes(padded, "big")
        mp, mq = pow(m % self._p, self._dp, self._p), pow(m % self._q, self._dq, self._q)
        return (mq + (mp - mq) * self._q_inverse % self._p * self._q).to_bytes(size, "big")
