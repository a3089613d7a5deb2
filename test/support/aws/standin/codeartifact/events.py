"""The event that tells of a change of a package version."""

import uuid

from .. import settings
from ..events.bus import emit
from .store import Version, arn_of


def tell(
    region: str,
    place: tuple[str, str],
    key: tuple[str, str, str],
    name: str,
    version: Version,
    operation: str,
    changes: dict[str, int | bool],
) -> None:
    """https://docs.aws.amazon.com/codeartifact/latest/ug/service-event-format-example.html"""
    (domain, repository), (format_, namespace, package) = place, key
    version.sequence += 1
    detail = {
        "domainName": domain,
        "domainOwner": settings.ACCOUNT,
        "repositoryName": repository,
        "repositoryAdministrator": settings.ACCOUNT,
        "packageFormat": format_,
        "packageNamespace": namespace or None,
        "packageName": package,
        "packageVersion": name,
        "packageVersionState": version.status,
        "packageVersionRevision": version.revision,
        "changes": {
            "assetsAdded": int(changes.get("assetsAdded", 0)),
            "assetsRemoved": 0,
            "assetsUpdated": 0,
            "metadataUpdated": False,
            "statusChanged": bool(changes.get("statusChanged", operation == "Created")),
        },
        "operationType": operation,
        "sequenceNumber": version.sequence,
        "eventDeduplicationId": uuid.uuid4().hex,
    }
    resource = arn_of(region, f"package/{domain}/{repository}/{format_}/{namespace}/{package}")
    emit("aws.codeartifact", "CodeArtifact Package Version State Change", detail, [resource], region)
