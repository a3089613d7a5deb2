"""The web application: each layer does one thing and hands the request to the next, moto being the last."""

import importlib
import re
import threading
from collections.abc import Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from . import awslambda, codebuild, codecommit, events, s3, sqs
from .calls import RecordedCalls
from .codeartifact import CodeArtifact
from .local_api import LocalApi

_WHEN_ASKED_FOR = {
    "autoscaling": "autoscaling",
    "ec2": "ec2",
    "elasticfilesystem": "efs",
    "ssm": "ssm",
    "states": "stepfunctions",
}
"""Services, by their signing names, whose models take long to load, and the modules that patch them."""


class _QuietHandler(WSGIRequestHandler):
    """No line per request: a test run makes thousands."""

    def log_request(self, *_: object) -> None:
        pass


class _LatePatches:
    """Patches a service before its first request reaches moto."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._waiting = dict(_WHEN_ASKED_FOR)
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self._waiting:
            service = re.search(r"/([^/]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
            with self._lock:
                module = self._waiting.pop(service[1], None) if service else None
                if module:
                    importlib.import_module(f".{module}", __package__).install()
        return self._application(environ, start_response)


class _OneAtATime:
    """Conditional writes of DynamoDB win once. moto looks and then writes, so two threads could both have looked."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if "/dynamodb/aws4_request" not in environ.get("HTTP_AUTHORIZATION", ""):
            return self._application(environ, start_response)
        with self._lock:
            return self._application(environ, start_response)


def listen(host: str, port: int) -> BaseWSGIServer:
    for service in (s3, awslambda, events, codebuild, codecommit, sqs):
        service.install()
    application = DomainDispatcherApplication(create_backend_app)
    application = _OneAtATime(application)
    application = _LatePatches(application)
    application = CodeArtifact(application)
    application = s3.CheckedUploads(application)
    application = RecordedCalls(application)
    application = LocalApi(application)
    return make_server(host, port, application, threaded=True, request_handler=_QuietHandler)
