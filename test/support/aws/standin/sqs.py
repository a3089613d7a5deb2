"""Attributes of queues.

Gaps in moto: setting one attribute erases the queue's policy; the redrive allow policy is forgotten; redrive
policies come back with white space that AWS does not send, which Terraform would plan away for ever.
"""

import json
from typing import Any

from moto.sqs.models import Queue

_original_attributes = Queue.attributes.fget
_original_set = Queue._set_attributes


def install() -> None:
    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]
    Queue.redrive_allow_policy = None
    Queue.attributes = property(_attributes)
    Queue._set_attributes = _set_attributes


def _set_attributes(self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    kept = {"Policy": getattr(self, "policy", None)}
    _original_set(self, {**kept, **attributes}, now)


def _attributes(self: Queue) -> dict[str, Any]:
    attributes = _original_attributes(self)
    for name in ("RedrivePolicy", "RedriveAllowPolicy"):
        if not attributes.get(name):
            attributes.pop(name, None)  # set to nothing means removed
        else:
            attributes[name] = json.dumps(json.loads(attributes[name]), separators=(",", ":"))
    return attributes
