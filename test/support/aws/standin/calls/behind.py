"""What IAM asks for behind a call that sets something up: roles that are handed over, tags, networks, instances.

Each rule is from the documentation of its API operation or from the dependent actions of the service authorization
reference, https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from moto.autoscaling.models import autoscaling_backends
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from .. import settings
from .operation import Operation

Permission = dict[str, Any]
"""An action, the resource that it must be allowed on, and the condition keys that AWS gives for it alone."""

Parameters = dict[str, Any]


def behind(operation: Operation) -> list[Permission]:
    rule = _RULES.get((operation.service, operation.name))
    return list(rule(operation.parameters, operation)) if rule else []


def conditions_of(operation: Operation) -> dict[str, Any]:
    """The condition keys of the request as a whole: its tags, and the boundary of the role that it is about."""
    tags = tags_of(operation.parameters)
    found: dict[str, Any] = {f"aws:RequestTag/{name}": value for name, value in tags.items()}
    if tags:
        found["aws:TagKeys"] = list(tags)
    if operation.service == "iam":
        boundary = _boundary(operation.parameters)
        if boundary:
            found["iam:PermissionsBoundary"] = boundary
    if operation.service == "lambda" and "EventSourceMapping" in operation.name:
        function = _mapped_function(operation.parameters)
        if function:
            found["lambda:FunctionArn"] = function
    return found


def tags_of(parameters: Parameters) -> dict[str, str]:
    """In all the forms in which APIs take tags."""
    for name in ("Tags", "tags"):
        given = parameters.get(name)
        if isinstance(given, dict):
            return {str(key): str(value) for key, value in given.items()}
        if isinstance(given, list):
            lowered = [{key.lower().removeprefix("tag"): value for key, value in tag.items()} for tag in given]
            return {str(tag.get("key")): str(tag.get("value", "")) for tag in lowered}
    flat = {}
    for name, key in parameters.items():
        if re.fullmatch(r"(Tags\.member\.\d+|TagSpecification\.\d+\.Tag\.\d+|Tag\.\d+)\.Key", name):
            flat[key] = parameters.get(f"{name.removesuffix('Key')}Value", "")
    return flat


def _boundary(p: Parameters) -> str | None:
    if p.get("PermissionsBoundary"):
        return str(p["PermissionsBoundary"])
    roles = iam_backends[settings.ACCOUNT]["aws"].roles.values()
    found = next((one for one in roles if one.name == p.get("RoleName")), None)
    return found.permissions_boundary_arn if found else None


def _mapped_function(p: Parameters) -> str | None:
    from moto.awslambda.models import lambda_backends

    if p.get("FunctionName"):
        return str(p["FunctionName"])
    identifier = str(p.get("UUID"))
    for backend in lambda_backends[settings.ACCOUNT].values():
        mapping = backend._event_source_mappings.get(identifier)
        if mapping:
            _functions[identifier] = str(mapping.function_arn)
    return _functions.get(identifier)


_functions: dict[str, str] = {}
"""The function of each mapping, also of one that is gone: Terraform asks until it is."""


def _arn(o: Operation, service: str, resource: str) -> str:
    return f"arn:aws:{service}:{o.region}:{settings.ACCOUNT}:{resource}"


def _ec2(o: Operation, kind: str, identifier: str = "*") -> str:
    return _arn(o, "ec2", f"{kind}/{identifier}")


def _need(action: str, resource: str = "*", **conditions: Any) -> Permission:
    found: Permission = {"action": action, "resource": resource}
    if conditions:
        found["conditions"] = {name.replace("__", ":"): value for name, value in conditions.items()}
    return found


def _pass_role(role: Any, service: str) -> Iterable[Permission]:
    if role:
        arn = role if str(role).startswith("arn:") else f"arn:aws:iam::{settings.ACCOUNT}:role/{role}"
        yield _need("iam:PassRole", arn, iam__PassedToService=f"{service}.amazonaws.com")


def _tagged(action: str, resource: Callable[[Parameters, Operation], str]) -> Callable[..., Iterable[Permission]]:
    """The creator of something with tags must be allowed to tag it."""

    def rule(p: Parameters, o: Operation) -> Iterable[Permission]:
        if tags_of(p):
            yield _need(action, resource(p, o))

    return rule


def _function(p: Parameters, o: Operation) -> Iterable[Permission]:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    yield from _pass_role(p.get("Role"), "lambda")
    for layer in p.get("Layers") or []:
        yield _need("lambda:GetLayerVersion", layer)
    if (p.get("VpcConfig") or {}).get("SubnetIds"):
        for action in ("ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"):
            yield _need(action)
    if tags_of(p):
        yield _need("lambda:TagResource", _arn(o, "lambda", f"function:{p['FunctionName']}"))


def _event_source_mapping(p: Parameters, o: Operation) -> Iterable[Permission]:
    if tags_of(p):
        yield _need("lambda:TagResource", _arn(o, "lambda", "event-source-mapping:*"))


def _state_machine(p: Parameters, o: Operation) -> Iterable[Permission]:
    yield from _pass_role(p.get("roleArn"), "states")
    if (p.get("loggingConfiguration") or {}).get("destinations"):
        # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
        for name in ("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery"):
            yield _need(f"logs:{name}")
        for name in ("ListLogDeliveries", "PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"):
            yield _need(f"logs:{name}")
    if tags_of(p):
        yield _need("states:TagResource", _arn(o, "states", f"stateMachine:{p['name']}"))


def _schedule(p: Parameters, _: Operation) -> Iterable[Permission]:
    return _pass_role(p["Target"]["RoleArn"], "scheduler")


def _project(p: Parameters, _: Operation) -> Iterable[Permission]:
    return _pass_role(p.get("serviceRole"), "codebuild")


def _targets(p: Parameters, _: Operation) -> Iterable[Permission]:
    for target in p.get("Targets") or []:
        yield from _pass_role(target.get("RoleArn"), "events")


def _alias(p: Parameters, o: Operation) -> Iterable[Permission]:
    # https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
    from .permissions import key_arn

    target = p.get("TargetKeyId") or p["AliasName"]
    yield _need(f"kms:{o.name}", key_arn(str(target), o.region))


def _log_group(p: Parameters, o: Operation) -> Iterable[Permission]:
    group = _arn(o, "logs", f"log-group:{p['logGroupName']}")
    if p.get("kmsKeyId"):
        yield _need("logs:AssociateKmsKey", f"{group}:*")
    if tags_of(p):
        yield _need("logs:TagResource", group)


def _instance_profile_role(p: Parameters, _: Operation) -> Iterable[Permission]:
    return _pass_role(p["RoleName"], "ec2")


def _file_system(p: Parameters, o: Operation) -> Iterable[Permission]:
    # https://docs.aws.amazon.com/efs/latest/ug/API_CreateFileSystem.html
    if tags_of(p):
        made = {"elasticfilesystem__CreateAction": o.name}
        yield _need("elasticfilesystem:TagResource", _arn(o, "elasticfilesystem", "file-system/*"), **made)
    if p.get("KmsKeyId"):
        via = f"elasticfilesystem.{o.region}.amazonaws.com"
        for action in ("kms:CreateGrant", "kms:GenerateDataKeyWithoutPlaintext"):
            yield _need(action, str(p["KmsKeyId"]), kms__ViaService=via)
        yield _need("kms:DescribeKey", str(p["KmsKeyId"]))


def _mount_target(p: Parameters, o: Operation) -> Iterable[Permission]:
    # https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html
    yield _need("ec2:DescribeSubnets")
    yield _need("ec2:DescribeNetworkInterfaces")
    yield _need("ec2:CreateNetworkInterface", _ec2(o, "subnet", p["SubnetId"]))
    yield _need("ec2:CreateNetworkInterface", _ec2(o, "network-interface"))
    for group in p.get("SecurityGroups") or []:
        yield _need("ec2:CreateNetworkInterface", _ec2(o, "security-group", group))


def _on_interface(action: str) -> Callable[..., Iterable[Permission]]:
    """What is asked for on the network interface of a mount target."""

    def rule(_: Parameters, o: Operation) -> Iterable[Permission]:
        yield _need(action, _ec2(o, "network-interface", "eni-0123456789abcdef0"), aws__ViaAWSService="true")

    return rule


def _ec2_tags(p: Parameters, o: Operation, kind: str) -> Iterable[Permission]:
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
    if tags_of(p):
        yield _need("ec2:CreateTags", _ec2(o, kind), ec2__CreateAction=o.name)


def _security_group(p: Parameters, o: Operation) -> Iterable[Permission]:
    yield _need("ec2:CreateSecurityGroup", _ec2(o, "vpc", p["VpcId"]))
    yield from _ec2_tags(p, o, "security-group")


def _security_group_rule(p: Parameters, o: Operation) -> Iterable[Permission]:
    # A rule is asked for as soon as the request tags it.
    if tags_of(p):
        yield _need(f"ec2:{o.name}", _ec2(o, "security-group-rule"))
    yield from _ec2_tags(p, o, "security-group-rule")


def _launch_template(p: Parameters, o: Operation) -> Iterable[Permission]:
    return _ec2_tags(p, o, "launch-template")


def _group(p: Parameters, o: Operation) -> Iterable[Permission]:
    """A caller that gives a group a launch template must be able to launch it.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
    """
    template = _template(p, o)
    if template is None:
        return
    arn = _ec2(o, "launch-template", template.id)
    launched = {"ec2__LaunchTemplate": arn}
    yield _need("ec2:RunInstances", arn)
    for kind in ("instance", "network-interface", "volume"):
        yield _need("ec2:RunInstances", _ec2(o, kind), **launched)
    groups = autoscaling_backends[settings.ACCOUNT][o.region].autoscaling_groups
    known = groups.get(p["AutoScalingGroupName"])
    subnets = p.get("VPCZoneIdentifier") or getattr(known, "vpc_zone_identifier", "") or ""
    for subnet in filter(None, subnets.split(",")):
        yield _need("ec2:RunInstances", _ec2(o, "subnet", subnet), **launched)
    data = template.latest_version().data
    yield _need("ec2:RunInstances", f"arn:aws:ec2:{o.region}::image/ami-0123456789abcdef0", **launched)
    for security_group in _security_groups(data):
        yield _need("ec2:RunInstances", _ec2(o, "security-group", security_group), **launched)
    for specification in _listed(data.get("TagSpecifications") or data.get("TagSpecification")):
        kind = specification["ResourceType"]
        yield _need("ec2:CreateTags", _ec2(o, kind), ec2__CreateAction="RunInstances")
    image = str(data.get("ImageId", ""))
    if image.startswith("resolve:ssm:"):
        name = image.removeprefix("resolve:ssm:").lstrip("/")
        account = "" if name.startswith("aws/") else settings.ACCOUNT
        yield _need("ssm:GetParameters", f"arn:aws:ssm:{o.region}:{account}:parameter/{name}")
    profile = data.get("IamInstanceProfile") or {}
    yield from _pass_role(_role_of(profile), "ec2")
    if o.name == "CreateAutoScalingGroup":
        service = "autoscaling.amazonaws.com"
        role = f"role/aws-service-role/{service}/AWSServiceRoleForAutoScaling"
        arn = f"arn:aws:iam::{settings.ACCOUNT}:{role}"
        yield _need("iam:CreateServiceLinkedRole", arn, iam__AWSServiceName=service)


def _template(p: Parameters, o: Operation) -> Any:
    templates = ec2_backends[settings.ACCOUNT][o.region].launch_templates
    identifier = p.get("LaunchTemplate.LaunchTemplateId")
    return templates.get(identifier) if identifier else None


def _security_groups(data: dict[str, Any]) -> list[str]:
    groups = _listed(data.get("SecurityGroupIds") or data.get("SecurityGroupId"))
    for interface in _listed(data.get("NetworkInterfaces") or data.get("NetworkInterface")):
        groups += _listed(interface.get("Groups") or interface.get("SecurityGroupId") or [])
    return groups


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else [value]


def _role_of(profile: dict[str, Any]) -> str | None:
    name = profile.get("Name") or str(profile.get("Arn", "")).rpartition("/")[2]
    profiles = iam_backends[settings.ACCOUNT]["aws"].instance_profiles.values()
    found = next((one for one in profiles if one.name == name), None)
    return found.roles[0].arn if found and found.roles else None


def _named(service: str, kind: str, parameter: str) -> Callable[[Parameters, Operation], str]:
    return lambda p, o: _arn(o, service, f"{kind}{p[parameter]}")


def _iam(kind: str, parameter: str) -> Callable[[Parameters, Operation], str]:
    return lambda p, _: f"arn:aws:iam::{settings.ACCOUNT}:{kind}/{p[parameter]}"


def _rule_arn(p: Parameters, o: Operation) -> str:
    from .resource import resource_of

    return resource_of(o)


_RULES: dict[tuple[str, str], Callable[[Parameters, Operation], Iterable[Permission]]] = {
    ("lambda", "CreateFunction"): _function,
    ("lambda", "UpdateFunctionConfiguration"): _function,
    ("lambda", "CreateEventSourceMapping"): _event_source_mapping,
    ("states", "CreateStateMachine"): _state_machine,
    ("states", "UpdateStateMachine"): _state_machine,
    ("scheduler", "CreateSchedule"): _schedule,
    ("scheduler", "UpdateSchedule"): _schedule,
    ("scheduler", "CreateScheduleGroup"): _tagged(
        "scheduler:TagResource", lambda p, o: _arn(o, "scheduler", f"schedule-group/{p.get('Name') or p.get('name')}")
    ),
    ("codebuild", "CreateProject"): _project,
    ("codebuild", "UpdateProject"): _project,
    ("events", "PutTargets"): _targets,
    ("events", "PutRule"): _tagged("events:TagResource", _rule_arn),
    ("events", "CreateEventBus"): _tagged("events:TagResource", _rule_arn),
    ("sns", "CreateTopic"): _tagged("sns:TagResource", _named("sns", "", "Name")),
    ("sqs", "CreateQueue"): _tagged("sqs:TagQueue", _named("sqs", "", "QueueName")),
    ("kms", "CreateKey"): _tagged("kms:TagResource", lambda _, o: _arn(o, "kms", "key/*")),
    ("kms", "CreateAlias"): _alias,
    ("kms", "UpdateAlias"): _alias,
    ("kms", "DeleteAlias"): _alias,
    ("logs", "CreateLogGroup"): _log_group,
    ("cloudwatch", "PutMetricAlarm"): _tagged("cloudwatch:TagResource", _named("cloudwatch", "alarm:", "AlarmName")),
    ("dynamodb", "CreateTable"): _tagged("dynamodb:TagResource", _named("dynamodb", "table/", "TableName")),
    ("iam", "CreateRole"): _tagged("iam:TagRole", _iam("role", "RoleName")),
    ("iam", "CreateInstanceProfile"): _tagged(
        "iam:TagInstanceProfile", _iam("instance-profile", "InstanceProfileName")
    ),
    ("iam", "AddRoleToInstanceProfile"): _instance_profile_role,
    ("ssm", "CreateDocument"): _tagged("ssm:AddTagsToResource", _named("ssm", "document/", "Name")),
    ("elasticfilesystem", "CreateFileSystem"): _file_system,
    ("elasticfilesystem", "CreateMountTarget"): _mount_target,
    # https://docs.aws.amazon.com/efs/latest/ug/API_DeleteMountTarget.html and the pages beside it
    ("elasticfilesystem", "DeleteMountTarget"): _on_interface("ec2:DeleteNetworkInterface"),
    ("elasticfilesystem", "DescribeMountTargetSecurityGroups"): _on_interface("ec2:DescribeNetworkInterfaceAttribute"),
    ("elasticfilesystem", "ModifyMountTargetSecurityGroups"): _on_interface("ec2:ModifyNetworkInterfaceAttribute"),
    ("ec2", "CreateSecurityGroup"): _security_group,
    ("ec2", "AuthorizeSecurityGroupIngress"): _security_group_rule,
    ("ec2", "AuthorizeSecurityGroupEgress"): _security_group_rule,
    ("ec2", "CreateLaunchTemplate"): _launch_template,
    ("autoscaling", "CreateAutoScalingGroup"): _group,
    ("autoscaling", "UpdateAutoScalingGroup"): _group,
}
