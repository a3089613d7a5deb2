"""Which service and operation an HTTP request is for, and its parameters, by botocore's service models."""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.loaders import Loader

_MODEL_NAMES = {
    # signing name → botocore's name, where they differ
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "elasticfilesystem": "efs",
    "s3control": "s3control",
}
_loader = Loader()


@dataclass
class Operation:
    service: str
    """The prefix of the service's actions in IAM policies."""
    name: str
    parameters: dict[str, Any] = field(default_factory=dict)
    region: str = "us-east-1"


def identify(environ: dict[str, Any], body: bytes, service: str, region: str) -> Operation:
    """For every service but S3, whose operations follow from sub-resources in the query."""
    prefix = {"monitoring": "cloudwatch"}.get(service, service)
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return Operation(prefix, target.rpartition(".")[2], _json(body), region)
    path = environ.get("RAW_URI") or environ["PATH_INFO"]
    path = path.partition("?")[0]
    cbor = re.fullmatch(r"/service/[^/]+/operation/([^/]+)", path)
    if cbor:
        return Operation(prefix, cbor[1], {}, region)
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    form = {}
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    action = form.get("Action") or query.get("Action")
    if action:
        return Operation(prefix, action, form or query, region)
    for name, method, pattern in _routes(_MODEL_NAMES.get(service, service)):
        match = pattern.fullmatch(path)
        if match and method == environ["REQUEST_METHOD"]:
            labels = {k.replace("__", "-"): unquote(v) for k, v in match.groupdict().items()}
            return Operation(prefix, name, {**_json(body), **query, **labels}, region)
    return Operation(prefix, f"{environ['REQUEST_METHOD']} {path}", query, region)


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body) if body else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@cache
def _routes(model_name: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Operation, method and path of a REST service; paths with more fixed text first."""
    try:
        model = _loader.load_service_model(model_name, "service-2")
    except Exception:
        return []
    routes = []
    for name, operation in model["operations"].items():
        uri = operation["http"]["requestUri"].partition("?")[0]
        labels = re.findall(r"{([^}+]+)\+?}", uri)
        pattern = re.escape(uri)
        for label in labels:
            group = f"(?P<{label.replace('-', '__')}>"
            pattern = pattern.replace(re.escape("{" + label + "+}"), group + ".+)")
            pattern = pattern.replace(re.escape("{" + label + "}"), group + "[^/]+)")
        routes.append((name, operation["http"]["method"], re.compile(pattern + "/?"), len(labels)))
    routes.sort(key=lambda route: route[3])
    return [route[:3] for route in routes]
