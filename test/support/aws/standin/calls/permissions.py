"""The IAM permissions that a call needs, those included that AWS asks for behind the call's back (KMS)."""

from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from .. import settings
from .behind import Permission, behind
from .operation import Operation

_ACTIONS = {
    # where IAM's action is not called like the operation
    ("lambda", "Invoke"): "InvokeFunction",
    ("lambda", "InvokeAsync"): "InvokeFunction",
    ("lambda", "ListVersionsByFunction20150331"): "ListVersionsByFunction",
}



def permissions_of(operation: Operation, resource: str) -> list[Permission]:
    name = _ACTIONS.get((operation.service, operation.name), operation.name)
    needed = [{"action": f"{operation.service}:{name}", "resource": resource}]
    if operation.service == "ssm" and operation.name == "SendCommand":
        instances = operation.parameters.get("InstanceIds") or []
        arn = f"arn:aws:ec2:{operation.region}:{settings.ACCOUNT}:instance/"
        needed += [{"action": "ssm:SendCommand", "resource": arn + i} for i in instances]
    if operation.service == "codeartifact" and operation.name == "GetAuthorizationToken":
        needed.append({"action": "sts:GetServiceBearerToken", "resource": "*"})
    return needed + behind(operation)


def kms_permissions_of(operation: Operation) -> list[Permission]:
    find = {"s3": _s3, "secretsmanager": _secretsmanager, "sns": _sns, "sqs": _sqs}.get(operation.service)
    actions, key = find(operation) if find else ([], None)
    if not key or key.startswith("alias/aws/"):
        return []
    arn = key_arn(key, operation.region)
    return [{"action": f"kms:{action}", "resource": arn} for action in actions]


def key_arn(key: str, region: str) -> str:
    backend = kms_backends[settings.ACCOUNT][region]
    name = key.rpartition(":")[2] if key.startswith("arn:") else key
    if name.startswith("alias/"):
        name = backend.get_key_id_from_alias(name) or name
    name = name.rpartition("/")[2] if "alias/" not in name else name
    known = backend.keys.get(name)
    return known.arn if known else key


def _s3(operation: Operation) -> tuple[list[str], str | None]:
    actions = {
        "PutObject": ["GenerateDataKey"],
        "CopyObject": ["GenerateDataKey"],
        "CreateMultipartUpload": ["GenerateDataKey"],
        # S3 reads back the parts of a multipart upload.
        "UploadPart": ["GenerateDataKey", "Decrypt"],
        "CompleteMultipartUpload": ["Decrypt"],
        "GetObject": ["Decrypt"],
    }.get(operation.name, [])
    if not actions:
        return [], None
    bucket = s3_backends[settings.ACCOUNT]["aws"].buckets.get(operation.parameters["Bucket"])
    rule = bucket.encryption["Rule"]["ApplyServerSideEncryptionByDefault"] if bucket and bucket.encryption else {}
    return actions, rule.get("KMSMasterKeyID")


def _secretsmanager(operation: Operation) -> tuple[list[str], str | None]:
    actions = {"GetSecretValue": ["Decrypt"], "PutSecretValue": ["GenerateDataKey"]}.get(operation.name, [])
    secrets = secretsmanager_backends[settings.ACCOUNT][operation.region].secrets
    name = operation.parameters.get("SecretId", "")
    return actions, secrets[name].kms_key_id if actions and name in secrets else None


def _sns(operation: Operation) -> tuple[list[str], str | None]:
    if operation.name not in ("Publish", "PublishBatch"):
        return [], None
    topic = sns_backends[settings.ACCOUNT][operation.region].topics.get(operation.parameters.get("TopicArn"))
    return ["GenerateDataKey", "Decrypt"], topic.kms_master_key_id if topic else None


def _sqs(operation: Operation) -> tuple[list[str], str | None]:
    actions = {
        "SendMessage": ["GenerateDataKey", "Decrypt"],
        "SendMessageBatch": ["GenerateDataKey", "Decrypt"],
        "ReceiveMessage": ["Decrypt"],
    }.get(operation.name, [])
    name = str(operation.parameters.get("QueueUrl", "")).rpartition("/")[2]
    queue = sqs_backends[settings.ACCOUNT][operation.region].queues.get(name)
    return actions, getattr(queue, "kms_master_key_id", None) if queue and actions else None
