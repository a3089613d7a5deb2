"""CodeArtifact, of which moto has nothing: every call goes to the stand-in for it that LOCAL_AWS_CODEARTIFACT_URL names.

That one is test/support/codeartifact-server.ts. Calls pass through here so that they are recorded; what package managers
say to its registries goes straight to it.
"""

import http.client
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from . import settings

_SIGNED = re.compile(r"Credential=[^/]+/\d+/[^/]+/codeartifact/aws4_request")
_OF_THE_CONNECTION = {"connection", "host", "keep-alive", "transfer-encoding"}
_CHUNK = 1 << 16


class CodeArtifact:
    """A layer of the web application that answers for CodeArtifact alone."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not _SIGNED.search(environ.get("HTTP_AUTHORIZATION", "")):
            return self._application(environ, start_response)
        if not settings.codeartifact_url:
            body = json.dumps({"message": "LOCAL_AWS_CODEARTIFACT_URL names no stand-in for CodeArtifact"}).encode()
            headers = [("Content-Type", "application/json"), ("x-amzn-errortype", "InternalServerException")]
            start_response("501 Not Implemented", headers)
            return [body]
        return _forward(environ, start_response)


def _forward(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    url = urlsplit(settings.codeartifact_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=3600)
    try:
        # The recorder has read the body and put it back whole.
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        connection.request(environ["REQUEST_METHOD"], _target(environ), body, _headers(environ))
        answer = connection.getresponse()
    except OSError:
        connection.close()
        raise
    headers = [(name, value) for name, value in answer.getheaders() if name.lower() not in _OF_THE_CONNECTION]
    start_response(f"{answer.status} {answer.reason}", headers)
    return _chunks(connection, answer)


def _chunks(connection: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> Iterable[bytes]:
    try:
        while chunk := answer.read(_CHUNK):
            yield chunk
    finally:
        connection.close()


def _target(environ: dict[str, Any]) -> str:
    query = environ.get("QUERY_STRING", "")
    return environ["PATH_INFO"] + (f"?{query}" if query else "")


def _headers(environ: dict[str, Any]) -> dict[str, str]:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    return {name: value for name, value in headers.items() if name not in _OF_THE_CONNECTION}
