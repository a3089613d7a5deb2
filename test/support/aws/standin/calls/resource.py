"""The main resource of a call as an ARN, as IAM policies name it; `*` where an action has none."""

from collections.abc import Callable
from typing import Any

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
    return _arn(o, f"layer:{p['LayerName']}") if p.get("LayerName") else None


def _events(p: Parameters, o: Operation) -> str | None:
    if o.name == "PutEvents":
        return _arn(o, "event-bus/default")
    name = _first(p, "Rule", "Name")
    return _arn(o, f"rule/{name}") if name else _first(p, "ResourceARN")


def _scheduler(p: Parameters, o: Operation) -> str | None:
    name = _first(p, "Name", "name")
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
    name = _first(p, "AlarmName")
    return _arn(o, f"alarm:{name}") if name else None


def _kms(p: Parameters, o: Operation) -> str | None:
    key = _first(p, "KeyId")
    if not key or key.startswith("arn:"):
        return key
    return _arn(o, key if key.startswith("alias/") else f"key/{key}")


def _ssm(p: Parameters, o: Operation) -> str | None:
    if p.get("DocumentName"):
        return f"arn:aws:ssm:{o.region}::document/{p['DocumentName']}"
    name = _first(p, "Name")
    return _arn(o, f"parameter/{name.lstrip('/')}") if name else None


def _iam(p: Parameters, _: Operation) -> str | None:
    for name, kind in (("RoleName", "role"), ("PolicyName", "policy"), ("InstanceProfileName", "instance-profile")):
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
    name = _first(p, "AutoScalingGroupName")
    return _arn(o, f"autoScalingGroup:*:autoScalingGroupName/{name}") if name else None


def _dynamodb(p: Parameters, o: Operation) -> str | None:
    return _arn(o, f"table/{p['TableName']}") if p.get("TableName") else None


def _elasticfilesystem(p: Parameters, o: Operation) -> str | None:
    return _arn(o, f"file-system/{p['FileSystemId']}") if p.get("FileSystemId") else None


_FINDERS: dict[str, Callable[[Parameters, Operation], str | None]] = {
    "s3": _s3,
    "secretsmanager": _secretsmanager,
    "lambda": _lambda,
    "states": lambda p, _: _first(p, "stateMachineArn", "executionArn", "mapRunArn", "resourceArn"),
    "events": _events,
    "scheduler": _scheduler,
    "sqs": _sqs,
    "sns": lambda p, _: _first(p, "TopicArn", "TargetArn", "SubscriptionArn", "ResourceArn"),
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
    "elasticfilesystem": _elasticfilesystem,
}
