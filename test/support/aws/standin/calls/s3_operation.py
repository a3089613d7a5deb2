"""Operation, IAM actions and resource of an S3 request.

S3 is the one service whose actions are named differently from its operations.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

import re
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import unescape

from .operation import Operation

Permission = dict[str, Any]
_ARN = "arn:aws:s3:::"

_BUCKET_SUBRESOURCES = {
    # sub-resource: (what its actions are called, how they are called in operations)
    "versioning": "BucketVersioning",
    "policy": "BucketPolicy",
    "lifecycle": "LifecycleConfiguration",
    "encryption": "EncryptionConfiguration",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "object-lock": "BucketObjectLockConfiguration",
    "replication": "ReplicationConfiguration",
    "notification": "BucketNotification",
    "ownershipControls": "BucketOwnershipControls",
    "tagging": "BucketTagging",
    "acl": "BucketAcl",
    "cors": "BucketCORS",
    "website": "BucketWebsite",
    "logging": "BucketLogging",
    "accelerate": "AccelerateConfiguration",
    "requestPayment": "BucketRequestPayment",
    "location": "BucketLocation",
    "policyStatus": "BucketPolicyStatus",
}


def identify(environ: dict[str, Any], region: str, body: bytes) -> tuple[Operation, list[Permission]]:
    """The operation (parameters Bucket and Key), and what IAM has to allow for it."""
    method = environ["REQUEST_METHOD"]
    path = unquote((environ.get("RAW_URI") or environ["PATH_INFO"]).partition("?")[0])
    bucket, _, key = path.lstrip("/").partition("/")
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    resource = f"{_ARN}{bucket}/{key}" if key else f"{_ARN}{bucket}"
    if not bucket:
        name, actions, resource = "ListBuckets", ["ListAllMyBuckets"], "*"
    elif key:
        name, actions = _object(method, query, environ)
    else:
        name, actions = _bucket(method, query)
    permissions = [{"action": f"s3:{action}", "resource": resource} for action in actions]
    permissions += _behind(name, environ, resource, body.decode("utf-8", "replace"))
    if name == "DeleteObjects":
        permissions = _deletions(bucket, body.decode("utf-8", "replace"))
    if name in ("CopyObject", "UploadPartCopy"):
        source = unquote(environ["HTTP_X_AMZ_COPY_SOURCE"]).lstrip("/").partition("?")
        action = "s3:GetObjectVersion" if "versionId=" in source[2] else "s3:GetObject"
        permissions.append({"action": action, "resource": _ARN + source[0]})
    return Operation("s3", name, {"Bucket": bucket, "Key": key, **query}, region), permissions


def _behind(name: str, environ: dict[str, Any], bucket: str, body: str) -> list[Permission]:
    """What IAM asks for beside the action itself.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
    """
    if name == "CreateBucket" and environ.get("HTTP_X_AMZ_BUCKET_OBJECT_LOCK_ENABLED", "").lower() == "true":
        actions = ("s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning")
        return [{"action": action, "resource": bucket} for action in actions]
    role = re.search(r"<Role>([^<]+)</Role>", body) if name == "PutReplicationConfiguration" else None
    if role:
        conditions = {"iam:PassedToService": "s3.amazonaws.com"}
        return [{"action": "iam:PassRole", "resource": role[1], "conditions": conditions}]
    return []


def conditions_of(operation: Operation, environ: dict[str, Any]) -> dict[str, str]:
    """The condition keys of the request that policies of buckets ask for.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
    """
    found: dict[str, str] = {}
    if operation.name in ("PutObject", "CopyObject", "CompleteMultipartUpload"):
        found["s3:ObjectCreationOperation"] = "true"
    if operation.name in ("CreateMultipartUpload", "UploadPart", "UploadPartCopy"):
        found["s3:ObjectCreationOperation"] = "false"
    if "HTTP_IF_NONE_MATCH" in environ:
        found["s3:if-none-match"] = environ["HTTP_IF_NONE_MATCH"]
    if operation.name in ("ListObjects", "ListObjectsV2") and "prefix" in operation.parameters:
        found["s3:prefix"] = operation.parameters["prefix"]
    return found


def when_missing(operation: Operation) -> list[Permission]:
    """Without this permission S3 answers 403 instead of 404."""
    if operation.name not in ("GetObject", "HeadObject"):
        return []
    return [{"action": "s3:ListBucket", "resource": _ARN + operation.parameters["Bucket"]}]


def _deletions(bucket: str, body: str) -> list[Permission]:
    permissions = []
    for entry in re.findall(r"<Object>(.*?)</Object>", body, re.DOTALL):
        key = re.search(r"<Key>(.*?)</Key>", entry, re.DOTALL)
        action = "s3:DeleteObjectVersion" if "<VersionId>" in entry else "s3:DeleteObject"
        permissions.append({"action": action, "resource": f"{_ARN}{bucket}/{unescape(key[1]) if key else '*'}"})
    return permissions


def _object(method: str, query: dict[str, str], environ: dict[str, Any]) -> tuple[str, list[str]]:
    version = "Version" if query.get("versionId") else ""
    if "uploads" in query:
        return "CreateMultipartUpload", ["PutObject", *_object_extras(environ)]
    if "uploadId" in query:
        match method:
            case "GET":
                return "ListParts", ["ListMultipartUploadParts"]
            case "DELETE":
                return "AbortMultipartUpload", ["AbortMultipartUpload"]
            case "POST":
                return "CompleteMultipartUpload", ["PutObject"]
        return ("UploadPartCopy" if "HTTP_X_AMZ_COPY_SOURCE" in environ else "UploadPart"), ["PutObject"]
    for name, operation in (("tagging", "Tagging"), ("retention", "Retention"), ("legal-hold", "LegalHold")):
        if name in query:
            verb = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}[method]
            suffix = f"Object{version}{operation}" if name == "tagging" else f"Object{operation}"
            return f"{verb}Object{operation}", [verb + suffix]
    if "acl" in query:
        verb = "Get" if method == "GET" else "Put"
        return f"{verb}ObjectAcl", [f"{verb}Object{version}Acl"]
    if "attributes" in query:
        return "GetObjectAttributes", [f"GetObject{version}", f"GetObject{version}Attributes"]
    if "restore" in query:
        return "RestoreObject", ["RestoreObject"]
    match method:
        case "GET":
            return "GetObject", [f"GetObject{version}"]
        case "HEAD":
            return "HeadObject", [f"GetObject{version}"]
        case "DELETE":
            extra = ["BypassGovernanceRetention"] if "HTTP_X_AMZ_BYPASS_GOVERNANCE_RETENTION" in environ else []
            return "DeleteObject", [f"DeleteObject{version}", *extra]
    copies = "HTTP_X_AMZ_COPY_SOURCE" in environ
    return ("CopyObject" if copies else "PutObject"), ["PutObject", *_object_extras(environ)]


def _object_extras(environ: dict[str, Any]) -> list[str]:
    """Headers of an upload that need a permission of their own."""
    extras = []
    if "HTTP_X_AMZ_TAGGING" in environ:
        extras.append("PutObjectTagging")
    if "HTTP_X_AMZ_OBJECT_LOCK_MODE" in environ:
        extras.append("PutObjectRetention")
    if "HTTP_X_AMZ_OBJECT_LOCK_LEGAL_HOLD" in environ:
        extras.append("PutObjectLegalHold")
    if "HTTP_X_AMZ_ACL" in environ:
        extras.append("PutObjectAcl")
    return extras


def _bucket(method: str, query: dict[str, str]) -> tuple[str, list[str]]:
    for name, action in _BUCKET_SUBRESOURCES.items():
        if name in query:
            verb = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}.get(method, method)
            # Removing such a configuration needs the permission to put it, except for the policy.
            permission = "Put" if verb == "Delete" and name != "policy" else verb
            return f"{verb}{action}", [f"{permission}{action}"]
    if "uploads" in query:
        return "ListMultipartUploads", ["ListBucketMultipartUploads"]
    if "versions" in query:
        return "ListObjectVersions", ["ListBucketVersions"]
    if "delete" in query:
        return "DeleteObjects", ["DeleteObject"]
    match method:
        case "PUT":
            return "CreateBucket", ["CreateBucket"]
        case "DELETE":
            return "DeleteBucket", ["DeleteBucket"]
        case "HEAD":
            return "HeadBucket", ["ListBucket"]
    return ("ListObjectsV2" if query.get("list-type") == "2" else "ListObjects"), ["ListBucket"]
