"""Configurations of buckets that moto takes but does not give back whole: replication rules (the selection of
encrypted objects is lost), lifecycle rules (a filter by size alone is lost) and the switch that sends events to
EventBridge. Terraform would change them for ever, or wait for them in vain.
"""

from typing import Any

import xmltodict
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response

_MINIMUM_SIZE = "x-amz-transition-default-minimum-object-size"
_original_put = S3Response._bucket_response_put
_original_get_lifecycle = S3Response.get_bucket_lifecycle
_original_parse_replication = S3Response._replication_config_from_xml
_original_get_replication = S3Response.get_bucket_replication
_original_get_notification = S3Response.get_bucket_notification
_original_put_lifecycle = S3Backend.put_bucket_lifecycle
_original_get_lifecycle = S3Response.get_bucket_lifecycle


def install() -> None:
    S3Response._bucket_response_put = _put
    S3Response.get_bucket_lifecycle = _get_lifecycle
    S3Response._replication_config_from_xml = _parse_replication
    S3Response.get_bucket_replication = _get_replication
    S3Response.get_bucket_notification = _get_notification
    S3Backend.put_bucket_lifecycle = _put_lifecycle
    S3Response.get_bucket_lifecycle = _get_lifecycle


def _put(self: S3Response, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    answer = _original_put(self, request, bucket_name, querystring)
    if "lifecycle" in querystring:  # moto has checked it, or has raised
        bucket = self.backend.get_bucket(bucket_name)
        bucket.lifecycle_xml = self.body
        bucket.lifecycle_minimum = self.headers.get(_MINIMUM_SIZE, "all_storage_classes_128K")
    return answer


def _get_lifecycle(self: S3Response) -> Any:
    bucket = self.backend.get_bucket(self.bucket_name)
    if not self.backend.get_bucket_lifecycle(self.bucket_name):
        return _original_get_lifecycle(self)
    return 200, {"content-type": "application/xml", _MINIMUM_SIZE: bucket.lifecycle_minimum}, bucket.lifecycle_xml


def _parse_replication(self: S3Response, xml: Any) -> dict[str, Any]:
    self.backend.get_bucket(self.bucket_name).replication_xml = xml
    return _original_parse_replication(self, xml)


def _get_replication(self: S3Response) -> Any:
    bucket = self.backend.get_bucket(self.bucket_name)
    if not self.backend.get_bucket_replication(self.bucket_name):
        return _original_get_replication(self)
    return 200, {"content-type": "application/xml"}, bucket.replication_xml


def _put_lifecycle(self: S3Backend, bucket_name: str, rules: Any) -> None:
    _original_put_lifecycle(self, bucket_name, rules)
    self.get_bucket(bucket_name).lifecycle_xml = xmltodict.unparse({"LifecycleConfiguration": {"Rule": rules}})


def _get_lifecycle(self: S3Response) -> Any:
    bucket = self.backend.get_bucket(self.bucket_name)
    if not self.backend.get_bucket_lifecycle(self.bucket_name):
        return _original_get_lifecycle(self)
    headers = {
        "content-type": "application/xml",
        "x-amz-transition-default-minimum-object-size": "all_storage_classes_128K",
    }
    return 200, headers, bucket.lifecycle_xml


def _get_notification(self: S3Response) -> Any:
    status, headers, body = _original_get_notification(self)
    configured = self.backend.get_bucket_notification_configuration(self.bucket_name)
    if configured is None or configured.event_bridge is None:
        return status, headers, body
    text = body.decode() if isinstance(body, bytes) else body
    if text.rstrip().endswith("/>"):
        start, _, _ = text.rpartition("/>")
        tag = start.rpartition("<")[2].split()[0]
        return status, headers, f"{start}><EventBridgeConfiguration/></{tag}>"
    return status, headers, "<EventBridgeConfiguration/></".join(text.rsplit("</", 1))
