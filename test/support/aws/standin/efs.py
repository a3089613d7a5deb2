"""EFS: whether AWS Backup backs a file system up, which moto cannot change, and has on or unknown; and the end of a
file system's policy, which it has not."""

import json

from moto.core.responses import TYPE_RESPONSE
from moto.efs.models import EFSBackend, FileSystem
from moto.efs.responses import EFSResponse


def install() -> None:
    EFSResponse.put_backup_policy = _put_backup_policy
    EFSResponse.delete_file_system_policy = _delete_file_system_policy
    EFSBackend.describe_backup_policy = _describe_backup_policy


def _put_backup_policy(self: EFSResponse) -> TYPE_RESPONSE:
    file_system: FileSystem = self.efs_backend.file_systems_by_id[self._get_param("FileSystemId")]
    file_system._backup = self._get_param("BackupPolicy")["Status"] == "ENABLED"
    answer = {"BackupPolicy": self.efs_backend.describe_backup_policy(file_system.file_system_id)}
    return json.dumps(answer), {"Content-Type": "application/json"}


def _describe_backup_policy(self: EFSBackend, file_system_id: str) -> dict[str, str]:
    file_system: FileSystem = self.file_systems_by_id[file_system_id]
    return file_system.backup_policy or {"Status": "DISABLED"}


def _delete_file_system_policy(self: EFSResponse) -> TYPE_RESPONSE:
    self.efs_backend.file_systems_by_id[self._get_param("FileSystemId")].file_system_policy = None
    return "{}", {"Content-Type": "application/json"}
