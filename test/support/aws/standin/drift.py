"""Small differences between moto's answers and AWS's that make Terraform plan changes for ever.

- SQS: AWS gives redrive policies back without white space; moto forgets which queues may redrive;
- EC2: tag specifications for the launch template itself are not part of its data.
"""

import json
from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplateBackend
from moto.sqs.models import Queue

_queue_attributes = Queue.attributes.fget
_create_launch_template = LaunchTemplateBackend.create_launch_template


def install() -> None:
    Queue.attributes = property(_attributes)
    LaunchTemplateBackend.create_launch_template = _create


def _attributes(self: Queue) -> dict[str, Any]:
    attributes = _queue_attributes(self)
    allowed = getattr(self, "redrive_allow_policy", None)
    if allowed:
        attributes["RedriveAllowPolicy"] = allowed
    for name in ("RedrivePolicy", "RedriveAllowPolicy"):
        if attributes.get(name):
            attributes[name] = json.dumps(json.loads(attributes[name]), separators=(",", ":"))
    return attributes


def _create(self: LaunchTemplateBackend, name: str, description: str, data: Any, tag_spec: Any) -> Any:
    specifications = data.pop("TagSpecifications", [])
    kept = [s for s in specifications if s["ResourceType"] != "launch-template"]
    if kept:
        data["TagSpecifications"] = kept
    return _create_launch_template(self, name, description, data, tag_spec)
