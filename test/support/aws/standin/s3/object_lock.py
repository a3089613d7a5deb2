"""Object Lock.

Gaps in moto: it can be configured on an empty bucket only (AWS dropped that rule in 2023), and anybody may
shorten or lift the retention of an object version.
"""

from datetime import datetime, timezone
from typing import Any

import xmltodict
from moto.s3.exceptions import InvalidBucketState, S3ClientError
from moto.s3.models import S3Backend
from moto.s3.responses import S3Response

_original_put_retention = S3Response.put_object_retention


def install() -> None:
    S3Backend.put_object_lock_configuration = _put_configuration
    S3Response.put_object_retention = _put_retention
    S3Response._mode_until_from_body = _mode_until


def _put_configuration(
    self: S3Backend,
    bucket_name: str,
    lock_enabled: bool,
    mode: str | None = None,
    days: int | None = None,
    years: int | None = None,
) -> None:
    bucket = self.get_bucket(bucket_name)
    if not bucket.is_versioned:
        raise InvalidBucketState("Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration")
    if lock_enabled:
        bucket.object_lock_enabled = True
    bucket.default_lock_mode, bucket.default_lock_days, bucket.default_lock_years = mode, days, years


def _put_retention(self: S3Response) -> Any:
    key = self.backend.get_object(self.bucket_name, self.parse_key_name(), version_id=self._get_param("versionId"))
    if key is not None and key.lock_mode and _moment(key.lock_until) > datetime.now(timezone.utc):
        mode, until = self._mode_until_from_body()
        shorter = mode is None or until is None or _moment(until) < _moment(key.lock_until)
        weaker = shorter or (key.lock_mode == "COMPLIANCE" and mode != "COMPLIANCE")
        bypass = self.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
        if weaker and not (key.lock_mode == "GOVERNANCE" and bypass):
            raise S3ClientError("AccessDenied", "Access Denied because object protected by object lock.")
    return _original_put_retention(self)


def _mode_until(self: S3Response) -> tuple[str | None, str | None]:
    """An empty element lifts the retention."""
    retention = xmltodict.parse(self.body)["Retention"] or {}
    return retention.get("Mode"), retention.get("RetainUntilDate")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
