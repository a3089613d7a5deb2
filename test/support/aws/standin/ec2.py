"""What moto keeps otherwise than AWS, so that Terraform plans a change for ever.

Launch templates: the tag specifications for the template itself are not part of its data. Security groups: rules that
name another group have descriptions, too.
"""

from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplateBackend
from moto.ec2.models.security_groups import SecurityGroupRule

_original_create = LaunchTemplateBackend.create_launch_template


def install() -> None:
    LaunchTemplateBackend.create_launch_template = _create
    SecurityGroupRule.description = property(_description)


def _create(self: LaunchTemplateBackend, name: str, description: str, data: Any, tag_spec: Any) -> Any:
    specifications = data.pop("TagSpecifications", [])
    kept = [s for s in specifications if s["ResourceType"] != "launch-template"]
    if kept:
        data["TagSpecifications"] = kept
    return _original_create(self, name, description, data, tag_spec)


def _description(self: SecurityGroupRule) -> str | None:
    return self.ip_range.get("Description") or self.source_group.get("Description")
