"""SQS queues as event sources of functions: polled in batches, with partial batch responses.

moto pushes single messages within SendMessage, knows no batch failures and, where an alias was named,
invokes the version behind it for ever.
"""

import json
import threading
import time
import traceback
from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend, lambda_backends
from moto.sqs.models import Message, sqs_backends

from .. import calls, settings
from ..awslambda import pool

_original_create = LambdaBackend.create_event_source_mapping
_original_update = LambdaBackend.update_event_source_mapping
_POLL_SECONDS = 0.1


def install() -> None:
    LambdaBackend.create_event_source_mapping = _create
    LambdaBackend.update_event_source_mapping = _update


def _create(self: LambdaBackend, spec: dict[str, Any]) -> EventSourceMapping:
    mapping = _original_create(self, spec)
    _keep_alias(self, mapping, spec["FunctionName"])
    if ":sqs:" in mapping.event_source_arn:
        queue = sqs_backends[self.account_id][self.region_name].queues[mapping.event_source_arn.rpartition(":")[2]]
        queue.lambda_event_source_mappings.clear()
        threading.Thread(target=_poll, args=(self, mapping), daemon=True).start()
    return mapping


def _update(self: LambdaBackend, uuid: str, spec: dict[str, Any]) -> EventSourceMapping | None:
    mapping = _original_update(self, uuid, spec)
    if mapping and "FunctionName" in spec:
        _keep_alias(self, mapping, spec["FunctionName"])
    return mapping


def _keep_alias(backend: LambdaBackend, mapping: EventSourceMapping, named: str) -> None:
    if named.startswith("arn:"):
        mapping.function_arn = named
    else:
        mapping.function_arn = f"arn:aws:lambda:{backend.region_name}:{backend.account_id}:function:{named}"


def _poll(backend: LambdaBackend, mapping: EventSourceMapping) -> None:
    while mapping.uuid in lambda_backends[backend.account_id][backend.region_name]._event_source_mappings:
        try:
            if not (mapping.enabled and _serve_batch(backend, mapping)):
                time.sleep(_POLL_SECONDS)
        except Exception:
            traceback.print_exc()
            time.sleep(1)


def _serve_batch(backend: LambdaBackend, mapping: EventSourceMapping) -> bool:
    queues = sqs_backends[backend.account_id][backend.region_name]
    name = mapping.event_source_arn.rpartition(":")[2]
    queue = queues.queues.get(name)
    if queue is None or not queue.messages:
        return False
    settings.pause(float(mapping.max_batch_window or 0))
    messages = queues.receive_message(name, min(mapping.batch_size, 10), 0, int(queue.visibility_timeout), ["All"])
    if not messages:
        return False
    function = backend.get_function(mapping.function_arn)
    via = f"lambda:{function.function_name}"
    for action in ("ReceiveMessage", "GetQueueAttributes", "DeleteMessage"):
        calls.note(function.role, via, f"sqs:{action}", queue.queue_arn)
    if queue.kms_master_key_id:
        calls.note(function.role, via, "kms:Decrypt", calls.key_arn(queue.kms_master_key_id, backend.region_name))
    event = {"Records": [_record(message, queue.queue_arn, backend.region_name) for message in messages]}
    outcome = pool.run(function, event, mapping.function_arn)
    failed = {message.id for message in messages} if outcome.failed else _failures(mapping, outcome.payload, messages)
    for message in messages:
        if message.id not in failed:
            queues.delete_message(name, message.receipt_handle)
        else:
            seconds = round(int(queue.visibility_timeout) * settings.time_scale)
            queues.change_message_visibility(name, message.receipt_handle, seconds)
    if failed:
        time.sleep(_POLL_SECONDS)
    return True


def _failures(mapping: EventSourceMapping, payload: str, messages: list[Message]) -> set[str]:
    """A malformed answer counts as a failure of the whole batch, as in AWS."""
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return set()
    everything = {message.id for message in messages}
    try:
        failures = (json.loads(payload) or {}).get("batchItemFailures") or []
        named = {failure["itemIdentifier"] for failure in failures}
    except (ValueError, KeyError, TypeError, AttributeError):
        return everything
    return named if named <= everything else everything


def _record(message: Message, queue_arn: str, region: str) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": str(message.approximate_receive_count),
            "SentTimestamp": str(message.sent_timestamp),
            "SenderId": message.sender_id,
            "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
            **({"MessageGroupId": message.group_id} if message.group_id else {}),
        },
        "messageAttributes": {
            name: {
                "dataType": value.get("DataType"),
                "stringValue": value.get("StringValue"),
                "stringListValues": [],
                "binaryListValues": [],
            }
            for name, value in (message.message_attributes or {}).items()
        },
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }
