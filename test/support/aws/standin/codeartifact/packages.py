"""Packages: versions and their assets."""

import hashlib
import uuid

from .events import tell
from .store import Handlers, Json, Problem, Request, Version, missing, repositories


def _list_packages(request: Request) -> Json:
    wanted = {"format": 0, "namespace": 1}
    keys = sorted(request.repository().packages)
    for name, index in wanted.items():
        if request.query.get(name):
            keys = [key for key in keys if key[index] == request.query[name]]
    prefix = request.query.get("package-prefix", "")
    restrictions = {"restrictions": {"publish": "ALLOW", "upstream": "BLOCK"}}
    packages = [
        {"format": f, "package": p, **({"namespace": n} if n else {}), "originConfiguration": restrictions}
        for f, n, p in keys
        if p.startswith(prefix)
    ]
    return request.page("packages", packages)


def _describe_package(request: Request) -> Json:
    request.versions()
    format_, namespace, package = request.package_key()
    return {"package": {"format": format_, "namespace": namespace, "name": package}}


def _list_versions(request: Request) -> Json:
    versions = [
        {"version": name, "revision": version.revision, "status": version.status, "origin": {"originType": "INTERNAL"}}
        for name, version in request.versions().items()
        if request.query.get("status") in (None, version.status)
    ]
    return {**request.named(), **request.page("versions", versions)}


def _describe_version(request: Request) -> Json:
    version = request.version()
    described = {
        "format": request.query["format"],
        "namespace": request.query.get("namespace"),
        "packageName": request.query["package"],
        "version": request.query["version"],
        "publishedTime": version.published,
        "revision": version.revision,
        "status": version.status,
    }
    return {"packageVersion": described}


def _described_asset(name: str, content: bytes) -> Json:
    algorithms = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}
    hashes = {label: hashlib.new(name_, content).hexdigest() for label, name_ in algorithms.items()}
    return {"name": name, "size": len(content), "hashes": hashes}


def _list_assets(request: Request) -> Json:
    version = request.version()
    about = {"version": request.query["version"], "versionRevision": version.revision}
    assets = [_described_asset(name, content) for name, content in sorted(version.assets.items())]
    return {**request.named(), **about, **request.page("assets", assets)}


def _get_asset(request: Request) -> tuple[Json, bytes]:
    version, name = request.version(), request.query["asset"]
    if name not in version.assets:
        raise missing(f"Asset {name}")
    if request.query.get("revision") not in (None, version.revision):
        raise Problem("ConflictException", "The revision of the package version has changed", 409)
    headers = {
        "X-AssetName": name,
        "X-PackageVersion": request.query["version"],
        "X-PackageVersionRevision": version.revision,
        "Content-Type": "application/octet-stream",
    }
    return headers, version.assets[name]


def _publish(request: Request) -> Json:
    if request.query["format"] != "generic":
        raise Problem("ValidationException", "Only the format generic can be published", 400)
    name = request.query["asset"]
    request.repository()
    version = store(
        request.region,
        (request.query["domain"], request.query["repository"]),
        request.package_key(),
        request.query["version"],
        (name, request.body),
    )
    return {
        **request.named(),
        "version": request.query["version"],
        "versionRevision": version.revision,
        "status": version.status,
        "asset": _described_asset(name, request.body),
    }


def store(
    region: str, place: tuple[str, str], key: tuple[str, str, str], version: str, asset: tuple[str, bytes]
) -> Version:
    """Adds the asset, and tells of it as AWS does."""
    repository = repositories.get((region, *place))
    if repository is None:
        raise missing(f"Repository {place[1]}")
    versions = repository.packages.setdefault(key, {})
    created = version not in versions
    stored = versions.setdefault(version, Version())
    stored.assets[asset[0]] = asset[1]
    stored.revision = uuid.uuid4().hex
    tell(region, place, key, version, stored, "Created" if created else "Updated", {"assetsAdded": 1})
    return stored


def _update_status(request: Request) -> Json:
    given, versions = request.json, request.versions()
    changed, failed = {}, {}
    for name in given["versions"]:
        if name not in versions:
            failed[name] = {"errorCode": "NOT_FOUND", "errorMessage": "no such version"}
            continue
        version = versions[name]
        version.status = given["targetStatus"]
        changed[name] = {"revision": version.revision, "status": version.status}
        place = request.query["domain"], request.query["repository"]
        tell(request.region, place, request.package_key(), name, version, "Updated", {"statusChanged": True})
    return {"successfulVersions": changed, "failedVersions": failed}


def _delete_versions(request: Request) -> Json:
    versions, place = request.versions(), (request.query["domain"], request.query["repository"])
    deleted, failed = {}, {}
    for name in request.json["versions"]:
        version = versions.pop(name, None)
        if version is None:
            failed[name] = {"errorCode": "NOT_FOUND", "errorMessage": "no such version"}
            continue
        version.status = "Deleted"
        deleted[name] = {"revision": version.revision, "status": "Deleted"}
        tell(request.region, place, request.package_key(), name, version, "Deleted", {"statusChanged": True})
    return {"successfulVersions": deleted, "failedVersions": failed}


HANDLERS: Handlers = {
    ("POST", "packages"): _list_packages,
    ("GET", "package"): _describe_package,
    ("POST", "package/versions"): _list_versions,
    ("GET", "package/version"): _describe_version,
    ("POST", "package/version/assets"): _list_assets,
    ("GET", "package/version/asset"): _get_asset,
    ("POST", "package/version/publish"): _publish,
    ("POST", "package/versions/update_status"): _update_status,
    ("POST", "package/versions/delete"): _delete_versions,
}
