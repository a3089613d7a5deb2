"""Who is behind an access key.

Whatever runs inside the stand-in (a function, a build, an execution, a schedule) calls AWS with keys
of its own, so that the record of calls can name the role that needed the permission.
"""

import base64
import hashlib
from dataclasses import dataclass
from threading import Lock

from moto.sts.models import sts_backends


@dataclass(frozen=True)
class Principal:
    role: str | None
    """Role ARN; none for calls with keys that the stand-in did not hand out, such as the tests' own."""
    via: str
    """What acts in that role: `lambda:<function>`, `codebuild:<project>`, `states:<machine>` …"""


@dataclass(frozen=True)
class Credentials:
    access_key: str
    secret_key: str
    token: str


_by_key: dict[str, Principal] = {}
_lock = Lock()


def credentials_of(role: str, via: str) -> Credentials:
    digest = hashlib.sha256(f"{role} {via}".encode()).digest()
    key = "ASIA" + base64.b32encode(digest)[:16].decode()
    with _lock:
        _by_key[key] = Principal(role, via)
    return Credentials(key, "local", "local")


def secret_of(access_key: str) -> dict[str, str] | None:
    """What a key of a session is worth: for a server of the tests that checks signatures itself."""
    if access_key in _by_key:
        return {"secret": "local", "token": "local"}
    for account in list(sts_backends.values()):
        for backend in list(account.values()):
            assumed = backend.get_assumed_role_from_access_key(access_key)
            if assumed:
                return {"secret": assumed.secret_access_key, "token": assumed.session_token}
    return None


def who(access_key: str) -> Principal:
    known = _by_key.get(access_key)
    if known:
        return known
    for account in list(sts_backends.values()):
        for backend in list(account.values()):
            assumed = backend.get_assumed_role_from_access_key(access_key)
            if assumed:
                return Principal(assumed.role_arn, f"sts:{assumed.session_name}")
    return Principal(None, access_key)
