"""Attributes of queues.

Gaps in moto: setting one attribute erases the queue's policy; the redrive allow policy is forgotten; redrive
policies come back with white space that AWS does not send, which Terraform would plan away for ever.
"""

import json
from typing import Any

from moto.sqs.models import Queue

_original_attributes = Queue.attributes.fget
_original_set = Queue._set_attributes
_COMPACT = ("RedrivePolicy", "RedriveAllowPolicy")


def install() -> None:
    Queue.BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "Policy", *_COMPACT]
    Queue.policy_of_redrive = None
    Queue.attributes = property(_attributes)
    Queue._set_attributes = _set_attributes


def _set_attributes(self: Queue, attributes: dict[str, Any], now: float | None = None) -> None:
    attributes = dict(attributes)
    attributes.setdefault("Policy", getattr(self, "policy", None))
    _original_set(self, attributes, now)


def _attributes(self: Queue) -> dict[str, Any]:
    kept = Queue.BASE_ATTRIBUTES
    Queue.BASE_ATTRIBUTES = [name for name in kept if name not in ("Policy", *_COMPACT)]
    try:
        attributes = _original_attributes(self)
    finally:
        Queue.BASE_ATTRIBUTES = kept
    allowed = getattr(self, "redrive_allow_policy", None)
    if allowed:
        attributes["RedriveAllowPolicy"] = allowed
    for name in _COMPACT:
        if attributes.get(name):
            attributes[name] = json.dumps(json.loads(attributes[name]), separators=(",", ":"))
    return attributes
