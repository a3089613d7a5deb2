"""Hands an event or message to what an ARN names, in the name of a role: the one place where AWS's event
sources (rules, schedules, destinations, dead-letter queues) meet their targets.

moto raises for functions, state machines, topics and builds.
"""

import json
import re
import uuid
from typing import Any

from . import clients, settings


def deliver(arn: str, payload: str, role: str, via: str, target: dict[str, Any]) -> dict[str, Any]:
    """`target` is the configuration of a rule's or schedule's target. Returns what it answered."""
    parts = arn.split(":", 5)
    service, region, name = parts[2], parts[3], parts[5]
    if service == "scheduler":
        return _universal_target(name, payload, role, via)

    def client(service_name: str) -> Any:
        return clients.client(service_name, region, role, via)

    match service:
        case "lambda":
            client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=payload.encode())
            return {}
        case "states":
            answer = client("stepfunctions").start_execution(stateMachineArn=arn, name=str(uuid.uuid4()), input=payload)
            return {"executionArn": answer["executionArn"]}
        case "sqs" | "sns":
            return deliver_message(
                arn, payload, role, via, group=(target.get("SqsParameters") or {}).get("MessageGroupId")
            )
        case "codebuild":
            # Of the event itself a build takes nothing; a rule's own input may override its parameters.
            overrides = json.loads(payload) if target.get("Input") or target.get("InputTransformer") else {}
            answer = client("codebuild").start_build(**{**overrides, "projectName": name.partition("/")[2]})
            return {"buildId": answer["build"]["id"]}
        case "events":
            detail = target.get("EventBridgeParameters") or {}
            event = json.loads(payload)
            entry = {
                "Source": detail.get("Source") or event.get("source"),
                "DetailType": detail.get("DetailType") or event.get("detail-type"),
                "Detail": payload if detail else json.dumps(event.get("detail", {})),
                "EventBusName": arn,
            }
            client("events").put_events(Entries=[entry])
            return {}
    raise NotImplementedError(f"delivery to {arn}")


def deliver_message(
    arn: str,
    message: str,
    role: str,
    via: str,
    attributes: dict[str, Any] | None = None,
    group: str | None = None,
) -> dict[str, Any]:
    """To a queue, a topic, a function or an event bus."""
    _, _, service, region, _, name = arn.split(":", 5)

    def client(service_name: str) -> Any:
        return clients.client(service_name, region, role, via)

    match service:
        case "sqs":
            queue = f"{settings.endpoint}/{settings.ACCOUNT}/{name}"
            extra = {"MessageGroupId": group} if group else {}
            sent = client("sqs").send_message(
                QueueUrl=queue, MessageBody=message, MessageAttributes=attributes or {}, **extra
            )
            return {"messageId": sent["MessageId"]}
        case "sns":
            sent = client("sns").publish(TopicArn=arn, Message=message, MessageAttributes=attributes or {})
            return {"messageId": sent["MessageId"]}
        case "lambda":
            client("lambda").invoke(FunctionName=arn, InvocationType="Event", Payload=message.encode())
            return {}
        case "events":
            entry = {"Source": "lambda", "DetailType": "Lambda Function Invocation Result", "Detail": message}
            client("events").put_events(Entries=[{**entry, "EventBusName": arn}])
            return {}
    raise NotImplementedError(f"delivery to {arn}")


def _universal_target(name: str, payload: str, role: str, via: str) -> dict[str, Any]:
    """arn:aws:scheduler:::aws-sdk:<service>:<action>: any API call, with the input as its parameters."""
    _, service, action = name.split(":")
    client = clients.client({"sfn": "stepfunctions"}.get(service, service), settings.REGION, role, via)
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).input_shape
    names = {member.lower(): member for member in shape.members}
    parameters = {names.get(key.lower(), key): value for key, value in json.loads(payload).items()}
    answer = getattr(client, method)(**parameters)
    answer.pop("ResponseMetadata", None)
    return json.loads(json.dumps(answer, default=str))
