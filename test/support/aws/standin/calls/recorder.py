"""Keeps the record. A layer in front of everything else sees each request and the status of its answer."""

import io
import re
import sys
import traceback
from collections.abc import Iterable
from datetime import datetime, timezone
from threading import Lock
from typing import Any
from urllib.parse import unquote

from ..principals import who
from . import behind, operation, s3_operation
from .permissions import kms_permissions_of, permissions_of
from .resource import resource_of

_record: list[dict[str, Any]] = []
_lock = Lock()
_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")


def recorded() -> list[dict[str, Any]]:
    with _lock:
        return list(_record)


def clear() -> None:
    with _lock:
        _record.clear()


def note(role: str, via: str, action: str, resource: str) -> None:
    """A call that AWS makes in the role's name and the stand-in does not make over HTTP."""
    service, _, name = action.partition(":")
    _add(
        {
            "caller": {"role": role, "via": via},
            "service": service,
            "operation": name,
            "resource": resource,
            "permissions": [{"action": action, "resource": resource}],
            "status": 200,
        }
    )


def _add(call: dict[str, Any]) -> None:
    with _lock:
        _record.append({"at": datetime.now(timezone.utc).isoformat(), **call})


class RecordedCalls:
    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        signed = environ.get("HTTP_AUTHORIZATION") or unquote(environ.get("QUERY_STRING", ""))
        credential = _CREDENTIAL.search(signed)
        if not credential:
            return self._application(environ, start_response)
        access_key, region, service = credential.groups()
        status = 0

        def remember_status(line: str, *rest: Any) -> Any:
            nonlocal status
            status = int(line.split()[0])
            return start_response(line, *rest)

        # Described before it runs: afterwards a deleted resource can no longer be found.
        try:
            described, when_missing = _describe(environ, service, region)
        except Exception:
            # An unforeseen request must not fail because of the record; the log says what was missed.
            traceback.print_exc(file=sys.stderr)
            described, when_missing = {"service": service, "operation": "?", "resource": "*", "permissions": []}, []
        caller = who(access_key)
        try:
            return self._application(environ, remember_status)
        finally:
            if status == 404:
                described["permissions"] += when_missing
            _add({"caller": {"role": caller.role, "via": caller.via}, **described, "status": status})


def _describe(environ: dict[str, Any], service: str, region: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The call, and the permissions that it needs on top where the answer is 404."""
    path, when_missing = environ["PATH_INFO"], []
    conditions: dict[str, Any] = {}
    if service == "s3" and not path.startswith("/v20180820/"):
        found, permissions = s3_operation.identify(environ, region, _body(environ) if _says_in_body(environ) else b"")
        when_missing = s3_operation.when_missing(found)
        conditions = s3_operation.conditions_of(found, environ)
        resource = resource_of(found)
    else:
        found = operation.identify(environ, _body(environ), "s3control" if service == "s3" else service, region)
        resource = resource_of(found)
        permissions = permissions_of(found, resource)
        conditions = behind.conditions_of(found)
    described = {
        "service": found.service,
        "operation": found.name,
        "resource": resource,
        "permissions": permissions + kms_permissions_of(found),
        "conditions": conditions,
    }
    return described, when_missing


def _says_in_body(environ: dict[str, Any]) -> bool:
    """Whether what an S3 request needs depends on its body."""
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    return (method == "POST" and "delete" in query) or (method == "PUT" and "replication" in query)


def _body(environ: dict[str, Any]) -> bytes:
    """Reads the body and puts it back."""
    length = environ.get("CONTENT_LENGTH")
    if length:
        body = environ["wsgi.input"].read(int(length))
    else:
        body = environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else b""
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    return body
