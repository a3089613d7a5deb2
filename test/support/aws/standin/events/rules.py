"""EventBridge rules: what matches is delivered to every target, retried, and then goes to the dead-letter queue.

moto delivers to queues and log groups only, whole events only, and takes no notice of a disabled rule.
"""

import json
import sys
import threading
import time
from typing import Any

from moto.events.models import Rule

from .. import settings
from ..targets import deliver, deliver_message
from .input_transformer import transform

_original = Rule.send_to_targets
_SERVICE = "events.amazonaws.com"
_ATTEMPTS = 3
"""AWS goes on for a day; here a test waits."""


def install() -> None:
    Rule.send_to_targets = _send_to_targets


def _send_to_targets(self: Rule, original_event: dict[str, Any], transform_input: bool = True) -> None:
    if self.state == "DISABLED" or not self.event_pattern.matches_event(original_event):
        return
    event = _as_sent(original_event)
    for target in list(self.targets):
        if target["Arn"].split(":")[2] == "logs":
            _with_targets(self, [target], original_event, transform_input)
            continue
        payload = _payload(self, target, event)
        threading.Thread(target=_deliver, args=(self, target, payload), daemon=True).start()


def _with_targets(rule: Rule, targets: list[Any], event: dict[str, Any], transform_input: bool) -> None:
    kept, rule.targets = rule.targets, targets
    try:
        _original(rule, event, transform_input)
    finally:
        rule.targets = kept


def _as_sent(event: dict[str, Any]) -> dict[str, Any]:
    sent = {name: value for name, value in event.items() if name != "ingestion-time"}
    when = sent.get("time")
    if isinstance(when, (int, float)):
        sent["time"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when))
    return sent


def _payload(rule: Rule, target: dict[str, Any], event: dict[str, Any]) -> str:
    if target.get("Input"):
        return target["Input"]
    if target.get("InputTransformer"):
        transformer = target["InputTransformer"]
        paths = transformer.get("InputPathsMap") or {}
        return transform(transformer["InputTemplate"], paths, event, {"rule-name": rule.name, "rule-arn": rule.arn})
    part: Any = event
    for step in (target.get("InputPath") or "$").lstrip("$").strip(".").split("."):
        part = part[step] if step else part
    return json.dumps(part)


def _deliver(rule: Rule, target: dict[str, Any], payload: str) -> None:
    role, via = target.get("RoleArn") or _SERVICE, f"rule:{rule.name}"
    attempts = min(_ATTEMPTS, 1 + int((target.get("RetryPolicy") or {}).get("MaximumRetryAttempts", 185)))
    problem = ""
    for attempt in range(attempts):
        try:
            deliver(target["Arn"], payload, role, via, target)
            return
        except Exception as error:
            problem = str(error)
            print(f"rule {rule.name} → {target['Arn']}: {problem}", file=sys.stderr)
            settings.pause(10 * (attempt + 1))
    dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
    if dead_letters:
        about = {"RULE_ARN": rule.arn, "TARGET_ARN": target["Arn"], "ERROR_MESSAGE": problem[:1024]}
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in about.items()}
        deliver_message(dead_letters, payload, _SERVICE, via, attributes)
