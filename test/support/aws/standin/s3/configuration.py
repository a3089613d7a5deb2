"""Configurations of buckets that moto takes but does not give back whole: replication rules (the selection of
encrypted objects is lost) and the switch that sends events to EventBridge. Terraform would change them for ever.
"""

from typing import Any

from moto.s3.responses import S3Response

_original_parse_replication = S3Response._replication_config_from_xml
_original_get_replication = S3Response.get_bucket_replication
_original_get_notification = S3Response.get_bucket_notification


def install() -> None:
    S3Response._replication_config_from_xml = _parse_replication
    S3Response.get_bucket_replication = _get_replication
    S3Response.get_bucket_notification = _get_notification


def _parse_replication(self: S3Response, xml: Any) -> dict[str, Any]:
    self.backend.get_bucket(self.bucket_name).replication_xml = xml
    return _original_parse_replication(self, xml)


def _get_replication(self: S3Response) -> Any:
    bucket = self.backend.get_bucket(self.bucket_name)
    if not self.backend.get_bucket_replication(self.bucket_name):
        return _original_get_replication(self)
    return 200, {"content-type": "application/xml"}, bucket.replication_xml


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
