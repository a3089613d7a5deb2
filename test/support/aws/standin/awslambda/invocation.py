"""Invoke: synchronous, and asynchronous with retries, dead-letter queue and destinations."""

import base64
import json
import threading
import time
import traceback
import uuid
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse

from .. import settings
from ..targets import deliver_message
from . import pool
from .event_invoke_config import config_of
from .sandbox import Outcome

_SYNCHRONOUS_LIMIT = 6 * 1024 * 1024
_ASYNCHRONOUS_LIMIT = 1024 * 1024
_RETRY_DELAYS = (60, 120)


def install() -> None:
    LambdaResponse.invoke = _respond
    LambdaBackend.invoke = _invoke
    LambdaFunction.invoke = _invoke_function
    LambdaFunction._invoke_lambda = _invoke_lambda


def _respond(self: LambdaResponse) -> tuple[int, dict[str, Any], bytes]:
    """moto overlooks the qualifier."""
    name = unquote(self.path.rsplit("/", 2)[-2])
    qualifier = self.querystring.get("Qualifier", [None])[0]
    headers: dict[str, Any] = {"content-type": "application/json"}
    payload = self.backend.invoke(name, qualifier, self.body, self.headers, headers)
    if self.headers.get("X-Amz-Log-Type") != "Tail":
        headers.pop("x-amz-log-result", None)
    status = {"Event": 202, "DryRun": 204}.get(self.headers.get("X-Amz-Invocation-Type"), 200)
    headers["status"] = status  # moto's dispatcher looks here
    return status, headers, payload


def _invoke(
    self: LambdaBackend,
    function_name: str,
    qualifier: str | None,
    body: Any,
    headers: Any,
    response_headers: dict[str, Any],
) -> bytes:
    function = self.get_function(function_name, qualifier)
    if ":" in function_name.rpartition(":function:")[2]:
        qualifier = function_name.rpartition(":")[2]
    unqualified = f"arn:aws:lambda:{function.region}:{function.account_id}:function:{function.function_name}"
    arn = f"{unqualified}:{qualifier}" if qualifier else unqualified
    headers = {name.lower(): value for name, value in dict(headers).items()}
    payload = body.encode() if isinstance(body, str) else body or b""
    kind = headers.get("x-amz-invocation-type", "RequestResponse")
    if kind == "DryRun":
        return b""
    _check_size(payload, _ASYNCHRONOUS_LIMIT if kind == "Event" else _SYNCHRONOUS_LIMIT)
    event = json.loads(payload) if payload else {}
    trace = headers.get("x-amzn-trace-id")
    if kind == "Event":
        threading.Thread(target=_run_asynchronously, args=(function, event, arn, qualifier, trace), daemon=True).start()
        return b""
    outcome = pool.run(function, event, arn, trace=trace)
    response_headers["x-amz-executed-version"] = str(function.version)
    return _answer(outcome, response_headers)


def _check_size(payload: bytes, limit: int) -> None:
    if len(payload) > limit:
        error = LambdaClientError(
            "RequestTooLargeException", f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        )
        error.code = 413
        raise error


def _answer(outcome: Outcome, response_headers: dict[str, Any]) -> bytes:
    response_headers["x-amz-log-result"] = base64.b64encode(outcome.log.encode()[-4096:]).decode()
    payload = outcome.payload.encode()
    if len(payload) > _SYNCHRONOUS_LIMIT:
        message = f"Response payload size exceeded maximum allowed payload size ({_SYNCHRONOUS_LIMIT} bytes)."
        payload = json.dumps({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}).encode()
        outcome.failed = True
    if outcome.failed:
        response_headers["x-amz-function-error"] = "Unhandled"
    response_headers["Content-Length"] = str(len(payload))
    return payload


def _invoke_function(self: LambdaFunction, body: str, request_headers: Any, response_headers: Any) -> bytes:
    """For callers inside moto, such as SNS and S3 notifications: asynchronous, as in AWS."""
    event = json.loads(body) if body else {}
    arguments = (self, event, self.function_arn, None, None)
    threading.Thread(target=_run_asynchronously, args=arguments, daemon=True).start()
    return b""


def _invoke_lambda(self: LambdaFunction, event: Any = None) -> tuple[str, bool, str]:
    outcome = pool.run(self, event if event is not None else {}, self.function_arn)
    return outcome.payload, outcome.failed, outcome.log


def _run_asynchronously(
    function: LambdaFunction, event: Any, arn: str, qualifier: str | None, trace: str | None
) -> None:
    try:
        config = config_of(function, qualifier)
        attempts = 1 + int(config.get("MaximumRetryAttempts", 2))
        request_id = str(uuid.uuid4())
        for attempt in range(attempts):
            outcome = pool.run(function, event, arn, request_id, trace)
            if not outcome.failed:
                break
            if attempt + 1 < attempts:
                settings.pause(_RETRY_DELAYS[attempt])
        _hand_on(function, config, event, arn, request_id, attempt + 1, outcome)
    except Exception:
        traceback.print_exc()


def _hand_on(
    function: LambdaFunction,
    config: dict[str, Any],
    event: Any,
    arn: str,
    request_id: str,
    attempts: int,
    outcome: Outcome,
) -> None:
    """To the destination for this outcome, and to the dead-letter queue."""
    via = f"lambda:{function.function_name}"
    destinations = config.get("DestinationConfig") or {}
    destination = (destinations.get("OnFailure" if outcome.failed else "OnSuccess") or {}).get("Destination")
    if destination:
        record = {
            "version": "1.0",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "requestContext": {
                "requestId": request_id,
                "functionArn": arn if arn.count(":") > 6 else f"{arn}:$LATEST",
                "condition": "RetriesExhausted" if outcome.failed else "Success",
                "approximateInvokeCount": attempts,
            },
            "requestPayload": event,
            "responseContext": {
                "statusCode": 200,
                "executedVersion": str(function.version),
                **({"functionError": "Unhandled"} if outcome.failed else {}),
            },
            "responsePayload": json.loads(outcome.payload),
        }
        deliver_message(destination, json.dumps(record), function.role, via)
    dead_letters = (getattr(function, "dead_letter_config", None) or {}).get("TargetArn")
    if outcome.failed and dead_letters:
        error = json.loads(outcome.payload)
        attributes = {
            "RequestID": {"DataType": "String", "StringValue": request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": str(error.get("errorMessage"))[:1024] or "-"},
        }
        deliver_message(dead_letters, json.dumps(event), function.role, via, attributes)
