"""The main resource of a call as an ARN, as IAM policies name it; `*` where an action has none."""

from collections.abc import Callable
from typing import Any

from moto.efs.models import efs_backends
from moto.secretsmanager.models import secretsmanager_backends

from .. import settings
from .operation import Operation

Parameters = dict[str, Any]


def resource_of(operation: Operation) -> str:
    find = _FINDERS.get(operation.service)
    return (find(operation.parameters, operation) if find else None) or "*"


def _arn(operation: Operation, resource: str, service: str | None = None) -> str:
    return f"arn:aws:{service or operation.service}:{operation.region}:{settings.ACCOUNT}:{resource}"


def _first(parameters: Parameters, *names: str) -> str | None:
    return next((str(parameters[n]) for n in names if parameters.get(n)), None)


def _s3(p: Parameters, _: Operation) -> str | None:
    if not p["Bucket"]:
        return None
    return f"arn:aws:s3:::{p['Bucket']}" + (f"/{p['Key']}" if p["Key"] else "")


def _secretsmanager(p: Parameters, o: Operation) -> str | None:
    name = _first(p, "SecretId", "Name")
    if not name or name.startswith("arn:"):
        return name
    secret = secretsmanager_backends[settings.ACCOUNT][o.region].secrets.get(name)
    return secret.arn if secret else _arn(o, f"secret:{name}")


def _lambda(p: Parameters, o: Operation) -> str | None:
    name = _first(p, "FunctionName", "Resource")
    if name and not name.startswith("arn:"):
        name = _arn(o, f"function:{name}")
    qualifier = _first(p, "Qualifier")
    if name and qualifier and name.count(":") == 6:
        name += f":{qualifier}"
    if name:
        return name
    version = f":{p['VersionNumber']}" if p.get("VersionNumber") else ""
    return _arn(o, f"layer:{p['LayerName']}{version}") if p.get("LayerName") else None


def _states(p: Parameters, o: Operation) -> str | None:
    if o.name == "CreateStateMachine":
        return _arn(o, f"stateMachine:{p['name']}")
    return _first(p, "stateMachineArn", "executionArn", "mapRunArn", "resourceArn")


def _events(p: Parameters, o: Operation) -> str | None:
    if o.name == "PutEvents":
        return _arn(o, "event-bus/default")
    name = _first(p, "Rule", "Name")
    if o.name.endswith("EventBus"):
        return _arn(o, f"event-bus/{name}")
    # A rule of another bus than the account's own has that bus in its ARN.
    bus = _first(p, "EventBusName") or "default"
    path = name if bus == "default" else f"{bus.rpartition('/')[2]}/{name}"
    return _arn(o, f"rule/{path}") if name else _first(p, "ResourceARN")


def _scheduler(p: Parameters, o: Operation) -> str | None:
    name = _first(p, "Name", "name")
    if o.name.endswith("ScheduleGroup"):
        return _arn(o, f"schedule-group/{name}")
    if _first(p, "ResourceArn"):
        return _first(p, "ResourceArn")
    group = _first(p, "GroupName", "groupName") or "default"
    return _arn(o, f"schedule/{group}/{name}") if name else None


def _sqs(p: Parameters, o: Operation) -> str | None:
    name = _first(p, "QueueUrl", "QueueName")
    return _arn(o, name.rpartition("/")[2]) if name else None


def _logs(p: Parameters, o: Operation) -> str | None:
    name = _first(p, "logGroupName", "logGroupIdentifier", "resourceArn", "logGroupNamePrefix")
    if not name or name.startswith("arn:"):
        return name
    stream = _first(p, "logStreamName")
    return _arn(o, f"log-group:{name}:" + (f"log-stream:{stream}" if stream else "*"))


def _cloudwatch(p: Parameters, o: Operation) -> str | None:
    dashboard = _first(p, "DashboardName", "DashboardNames.member.1")
    if dashboard:
        return f"arn:aws:cloudwatch::{settings.ACCOUNT}:dashboard/{dashboard}"
    name = _first(p, "AlarmName", "AlarmNames.member.1")
    return _arn(o, f"alarm:{name}") if name else _first(p, "ResourceARN")


def _sns(p: Parameters, o: Operation) -> str | None:
    name = _first(p, "Name")
    if name:
        return _arn(o, name)
    subscription = _first(p, "SubscriptionArn")
    # The rights to a subscription are those to its topic.
    return subscription.rpartition(":")[0] if subscription else _first(p, "TopicArn", "TargetArn", "ResourceArn")


def _kms(p: Parameters, o: Operation) -> str | None:
    key = _first(p, "AliasName", "KeyId")
    if not key or key.startswith("arn:"):
        return key
    return _arn(o, key if key.startswith("alias/") else f"key/{key}")


def _ssm(p: Parameters, o: Operation) -> str | None:
    if p.get("DocumentName"):
        name = p["DocumentName"]
        # Documents of AWS's own belong to no account.
        return f"arn:aws:ssm:{o.region}::document/{name}" if name.startswith("AWS-") else _arn(o, f"document/{name}")
    name = _first(p, "Name")
    if name and "Document" in o.name:
        return _arn(o, f"document/{name}")
    if p.get("ResourceType") == "Document":
        return _arn(o, f"document/{p['ResourceId']}")
    return _arn(o, f"parameter/{name.lstrip('/')}") if name else None


def _iam(p: Parameters, _: Operation) -> str | None:
    for name, kind in (("InstanceProfileName", "instance-profile"), ("RoleName", "role"), ("PolicyName", "policy")):
        if p.get(name):
            return f"arn:aws:iam::{settings.ACCOUNT}:{kind}/{p[name]}"
    return _first(p, "PolicyArn")


def _codebuild(p: Parameters, o: Operation) -> str | None:
    many = p.get("names") or p.get("ids") or []
    name = _first(p, "projectName", "name", "id") or (many[0] if many else None)
    if not name or name.startswith("arn:"):
        return name
    return _arn(o, f"project/{name.partition(':')[0]}")


def _codecommit(p: Parameters, o: Operation) -> str | None:
    names = p.get("repositoryNames") or [None]
    name = _first(p, "repositoryName") or names[0]
    return _arn(o, name) if name else _first(p, "resourceArn")


def _codeartifact(p: Parameters, o: Operation) -> str | None:
    domain, package = p.get("domain"), p.get("package")
    repository = _first(p, "repository", "source-repository")
    owner = _first(p, "domain-owner", "domainOwner") or settings.ACCOUNT
    prefix = f"arn:aws:codeartifact:{o.region}:{owner}"
    if package:
        path = [domain, repository, p.get("format", ""), p.get("namespace", ""), package]
        return f"{prefix}:package/" + "/".join(map(str, path))
    if repository:
        return f"{prefix}:repository/{domain}/{repository}"
    return f"{prefix}:domain/{domain}" if domain else _first(p, "resourceArn")


def _autoscaling(p: Parameters, o: Operation) -> str | None:
    name = _first(p, "AutoScalingGroupName", "Tags.member.1.ResourceId")
    return _arn(o, f"autoScalingGroup:*:autoScalingGroupName/{name}") if name else None


def _dynamodb(p: Parameters, o: Operation) -> str | None:
    return _arn(o, f"table/{p['TableName']}") if p.get("TableName") else _first(p, "ResourceArn")


def _elasticfilesystem(p: Parameters, o: Operation) -> str | None:
    identifier = _first(p, "FileSystemId", "ResourceId")
    target = _first(p, "MountTargetId")
    if target:
        # A reader of a mount target needs the permission on its file system.
        known = efs_backends[settings.ACCOUNT][o.region].mount_targets_by_id.get(target)
        identifier = known.file_system_id if known else None
    return _arn(o, f"file-system/{identifier}") if identifier else None


def _ec2(p: Parameters, o: Operation) -> str | None:
    identifier = _first(p, "LaunchTemplateId", "GroupId", "ResourceId.1")
    if o.name in ("CreateSecurityGroup", "CreateLaunchTemplate"):
        identifier = {"CreateSecurityGroup": "sg-*", "CreateLaunchTemplate": "lt-*"}[o.name]
    kind = _EC2_KINDS.get(identifier.partition("-")[0]) if identifier and not o.name.startswith("Describe") else None
    return _arn(o, f"{kind}/{identifier}") if kind else None


_EC2_KINDS = {"sg": "security-group", "sgr": "security-group-rule", "lt": "launch-template", "i": "instance"}


_FINDERS: dict[str, Callable[[Parameters, Operation], str | None]] = {
    "s3": _s3,
    "secretsmanager": _secretsmanager,
    "lambda": _lambda,
    "states": _states,
    "events": _events,
    "scheduler": _scheduler,
    "sqs": _sqs,
    "sns": _sns,
    "logs": _logs,
    "cloudwatch": _cloudwatch,
    "kms": _kms,
    "ssm": _ssm,
    "iam": _iam,
    "sts": lambda p, _: _first(p, "RoleArn"),
    "codebuild": _codebuild,
    "codecommit": _codecommit,
    "codeartifact": _codeartifact,
    "autoscaling": _autoscaling,
    "dynamodb": _dynamodb,
    "ec2": _ec2,
    "elasticfilesystem": _elasticfilesystem,
}
