"""The checksums that S3 knows. All are verified, whether or not a fast library is installed."""

import binascii
import hashlib
from base64 import b64encode
from functools import cache

try:
    from crc32c import crc32c as _fast_crc32c
except ImportError:
    _fast_crc32c = None
try:
    from awscrt.checksums import crc64nvme as _fast_crc64nvme
except ImportError:
    _fast_crc64nvme = None

ALGORITHMS = ("crc32", "crc32c", "crc64nvme", "sha1", "sha256")
"""As in the header names: x-amz-checksum-<algorithm>."""


def checksum(algorithm: str, data: bytes) -> bytes:
    match algorithm.lower():
        case "crc32":
            return binascii.crc32(data).to_bytes(4, "big")
        case "crc32c":
            return (_fast_crc32c(data) if _fast_crc32c else _crc(data, 32, 0x82F63B78)).to_bytes(4, "big")
        case "crc64nvme":
            value = _fast_crc64nvme(data) if _fast_crc64nvme else _crc(data, 64, 0x9A6C9329AC4BC9B5)
            return value.to_bytes(8, "big")
        case "sha1":
            return hashlib.sha1(data, usedforsecurity=False).digest()
        case "sha256":
            return hashlib.sha256(data).digest()
    raise ValueError(f"unknown checksum algorithm {algorithm}")


def compute_checksum(body: bytes, algorithm: str, encode_base64: bool = True) -> bytes:
    """With the signature of moto's function of this name, which answers CRC32 where a library is missing."""
    value = checksum(algorithm, body)
    return b64encode(value) if encode_base64 else value


@cache
def _table(polynomial: int) -> list[int]:
    """For two bytes at a time: about 10 MB/s, enough for tests."""
    table = []
    for value in range(1 << 16):
        for _ in range(16):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        table.append(value)
    return table


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    table = _table(polynomial)
    ones = (1 << bits) - 1
    value = ones
    even = len(data) & ~1
    for pair in memoryview(data)[:even].cast("H"):
        value = table[(value ^ pair) & 0xFFFF] ^ (value >> 16)
    for byte in data[even:]:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
    return value ^ ones
