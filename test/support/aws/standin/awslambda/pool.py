"""Keeps sandboxes warm and bounds how many run at the same time."""

import json
import threading
import uuid
from typing import Any

from moto.awslambda.models import LambdaFunction

from .. import settings
from .sandbox import Outcome, Sandbox

_idle: list[tuple[str, Sandbox]] = []
_lock = threading.Lock()
_running = threading.BoundedSemaphore(settings.concurrency)


def run(
    function: LambdaFunction, event: Any, arn: str, request_id: str | None = None, trace: str | None = None
) -> Outcome:
    with _running:
        key = _identity(function)
        sandbox = _take(key) or Sandbox(function)
        try:
            outcome = sandbox.invoke(event, request_id or str(uuid.uuid4()), arn, trace)
        except BaseException:
            sandbox.end()
            raise
        _keep(key, sandbox)
        return outcome


def _identity(function: LambdaFunction) -> str:
    """A sandbox serves one version of one function in one configuration."""
    parts = [
        function.function_arn,
        function.code_sha_256,
        function.handler,
        function.role,
        function.layers,
        function.environment_vars,
        function.timeout,
        function.memory_size,
        function.tracing_config,
        getattr(function, "logging_config", None),
    ]
    return json.dumps(parts, sort_keys=True, default=str)


def _take(key: str) -> Sandbox | None:
    with _lock:
        for index in range(len(_idle) - 1, -1, -1):
            if _idle[index][0] == key:
                sandbox = _idle.pop(index)[1]
                if sandbox.alive():
                    return sandbox
    return None


def _keep(key: str, sandbox: Sandbox) -> None:
    if not sandbox.alive():
        return
    with _lock:
        _idle.append((key, sandbox))
        surplus = [_idle.pop(0)[1] for _ in range(len(_idle) - 2 * settings.concurrency)]
    for old in surplus:
        old.end()
