"""CodeArtifact's control plane and its packages; moto has none of it.

Packages come into being by PublishPackageVersion (as in AWS, for the format `generic`), or by
PUT /_local/codeartifact/<domain>/<repository>/<format>/<namespace or ->/<package>/<version>/<asset>, which stands
for the registries' own protocols (npm, Maven, PyPI …). Those protocols themselves are not served:
GetRepositoryEndpoint answers what LOCAL_AWS_CODEARTIFACT_<FORMAT> says.
"""

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs, unquote

from .. import settings
from . import domains, packages
from .store import Json, Problem, Request

_CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/([^/]+)/codeartifact/aws4_request")


class CodeArtifact:
    """A layer of the web application that answers for CodeArtifact alone."""

    def __init__(self, application: Any) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        local = environ["PATH_INFO"].startswith("/_local/codeartifact/")
        credential = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        if not local and not credential:
            return self._application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query = {k: v[0] for k, v in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True).items()}
        try:
            if local:
                headers, answer = {}, _put_asset(environ, body)
            else:
                headers, answer = _answer(environ, Request(credential[1], query, body))
            status = "200 OK"
        except Problem as problem:
            status, headers = f"{problem.status} {problem.code}", {"x-amzn-errortype": problem.code}
            answer = {"message": problem.message}
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
        start_response(status, list(headers.items()))
        return [content]


def _put_asset(environ: dict[str, Any], body: bytes) -> Json:
    path = unquote((environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")[0])
    domain, repository, format_, namespace, package, version, asset = path.split("/")[3:]
    key = (format_, "" if namespace == "-" else namespace, package)
    stored = packages.store(settings.REGION, (domain, repository), key, version, (asset, body))
    return {"revision": stored.revision}


_HANDLERS = {**domains.HANDLERS, **packages.HANDLERS}
"""By method and path."""


def _answer(environ: dict[str, Any], request: Request) -> tuple[dict[str, str], Json | bytes]:
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/v1/")
    handler = _HANDLERS.get((method, path))
    if handler is None:
        raise Problem("ValidationException", f"{method} {path} is not known here", 400)
    answer = handler(request)
    return answer if isinstance(answer, tuple) else ({}, answer)
