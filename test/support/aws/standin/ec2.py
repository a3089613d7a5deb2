"""Launch templates: the tag specifications for the template itself are not part of its data.

moto keeps them there, so that Terraform plans a change for ever.
"""

from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplateBackend

_original_create = LaunchTemplateBackend.create_launch_template


def install() -> None:
    LaunchTemplateBackend.create_launch_template = _create


def _create(self: LaunchTemplateBackend, name: str, description: str, data: Any, tag_spec: Any) -> Any:
    specifications = data.pop("TagSpecifications", [])
    kept = [s for s in specifications if s["ResourceType"] != "launch-template"]
    if kept:
        data["TagSpecifications"] = kept
    return _original_create(self, name, description, data, tag_spec)
