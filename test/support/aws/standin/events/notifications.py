"""SNS: keeps every message for GET /_local/notifications, and tells a subscribed function the true topic
(moto sends it a sample event)."""

import json
import time
from typing import Any

from moto.sns.models import Subscription, Topic

from .. import local_api
from ..targets import deliver_message

_published: list[dict[str, Any]] = []
_original_publish = Topic.publish
_original_deliver = Subscription.publish


def install() -> None:
    Topic.publish = _publish
    Subscription.publish = _deliver
    local_api.route("GET", "notifications", lambda _: list(_published))
    local_api.route("DELETE", "notifications", lambda _: _published.clear())


def _publish(self: Topic, message: str, subject: str | None = None, **rest: Any) -> str:
    message_id = _original_publish(self, message, subject, **rest)
    _published.append(
        {
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "topicArn": self.arn,
            "messageId": message_id,
            "subject": subject,
            "message": message,
            "attributes": rest.get("message_attributes") or {},
        }
    )
    return message_id


def _deliver(self: Subscription, message: str, message_id: str, **rest: Any) -> None:
    if self.protocol != "lambda":
        _original_deliver(self, message, message_id, **rest)
        return
    attributes = rest.get("message_attributes") or {}
    if self._filter_policy_matcher and not self._filter_policy_matcher.matches(attributes, message):
        return
    notification = {
        "Type": "Notification",
        "MessageId": message_id,
        "TopicArn": self.topic.arn,
        "Subject": rest.get("subject"),
        "Message": message,
        "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "MessageAttributes": attributes,
    }
    record = {
        "EventVersion": "1.0",
        "EventSubscriptionArn": self.arn,
        "EventSource": "aws:sns",
        "Sns": notification,
    }
    deliver_message(self.endpoint, json.dumps({"Records": [record]}), "sns.amazonaws.com", f"topic:{self.topic.name}")
