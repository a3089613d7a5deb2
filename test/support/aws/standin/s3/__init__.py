"""S3 as strict as the real one where a backup depends on it."""

from . import bucket_policy, configuration, multipart, object_lock
from .checked_uploads import CheckedUploads


def install() -> None:
    bucket_policy.install()
    configuration.install()
    multipart.install()
    object_lock.install()


__all__ = ["CheckedUploads", "install"]
