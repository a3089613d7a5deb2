"""The API: projects and builds."""

import json
import time
import uuid
from typing import Any

from moto.codebuild.exceptions import (
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from moto.codebuild.responses import CodeBuildResponse

from .. import settings
from .build import Build
from .runner import start, stop

Json = dict[str, Any]

_projects: dict[str, Json] = {}
_builds: dict[str, Build] = {}
_FIELDS = (
    "description",
    "source",
    "secondarySources",
    "sourceVersion",
    "secondarySourceVersions",
    "artifacts",
    "secondaryArtifacts",
    "cache",
    "environment",
    "serviceRole",
    "timeoutInMinutes",
    "queuedTimeoutInMinutes",
    "encryptionKey",
    "tags",
    "vpcConfig",
    "badgeEnabled",
    "logsConfig",
    "fileSystemLocations",
    "buildBatchConfig",
    "concurrentBuildLimit",
)


def install() -> None:
    for respond in (
        create_project,
        update_project,
        delete_project,
        batch_get_projects,
        list_projects,
        start_build,
        stop_build,
        batch_get_builds,
        batch_delete_builds,
        list_builds,
        list_builds_for_project,
    ):
        setattr(CodeBuildResponse, respond.__name__, respond)


def _name(text: str) -> str:
    """Projects go by name or ARN."""
    return text.rpartition("/")[2]


def _project(text: str) -> Json:
    name = _name(text)
    if name not in _projects:
        raise ResourceNotFoundException(f"Project cannot be found: {text}")
    return _projects[name]


def _build(text: str) -> Build:
    """Builds go by id or ARN."""
    identifier = text.rpartition("/")[2]
    if identifier not in _builds:
        raise ResourceNotFoundException(f"Build {text} does not exist")
    return _builds[identifier]


def _given(response: CodeBuildResponse) -> Json:
    body = json.loads(response.body)
    return {name: body[name] for name in _FIELDS if name in body}


def _check(project: Json) -> None:
    source = project.get("source") or {}
    if source.get("type") == "NO_SOURCE" and not source.get("buildspec"):
        raise InvalidInputException("Invalid project source: buildspec is required when source type is NO_SOURCE")
    if source.get("type") not in ("NO_SOURCE", "CODEPIPELINE") and not source.get("location"):
        raise InvalidInputException("Project source location is required")
    if not project.get("serviceRole", "").startswith("arn:"):
        raise InvalidInputException("Invalid service role: Service role account ID does not match caller's account")
    if not project.get("environment") or not project.get("artifacts"):
        raise InvalidInputException("Project environment and artifacts are required")


def create_project(self: CodeBuildResponse) -> str:
    name = json.loads(self.body)["name"]
    if name in _projects:
        raise ResourceAlreadyExistsException(f"Project already exists: {_projects[name]['arn']}")
    prefix = f"{self.region}:{settings.ACCOUNT}"
    project = {
        "name": name,
        "arn": f"arn:aws:codebuild:{prefix}:project/{name}",
        "encryptionKey": f"arn:aws:kms:{prefix}:alias/aws/s3",
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "cache": {"type": "NO_CACHE"},
        "projectVisibility": "PRIVATE",
        "created": time.time(),
        "lastModified": time.time(),
        **_given(self),
    }
    project["badge"] = {"badgeEnabled": bool(project.pop("badgeEnabled", False))}
    _check(project)
    _projects[name] = project
    return json.dumps({"project": project})


def update_project(self: CodeBuildResponse) -> str:
    project = _project(json.loads(self.body)["name"])
    changed = {**project, **_given(self), "lastModified": time.time()}
    if "badgeEnabled" in changed:
        changed["badge"] = {"badgeEnabled": bool(changed.pop("badgeEnabled"))}
    _check(changed)
    _projects[project["name"]] = changed
    return json.dumps({"project": changed})


def delete_project(self: CodeBuildResponse) -> str:
    _projects.pop(_name(json.loads(self.body)["name"]), None)
    return "{}"


def batch_get_projects(self: CodeBuildResponse) -> str:
    names = json.loads(self.body)["names"]
    found = [_projects[_name(name)] for name in names if _name(name) in _projects]
    missing = [name for name in names if _name(name) not in _projects]
    return json.dumps({"projects": found, "projectsNotFound": missing})


def list_projects(self: CodeBuildResponse) -> str:
    return json.dumps({"projects": sorted(_projects)})


def start_build(self: CodeBuildResponse) -> str:
    request = json.loads(self.body)
    project = _project(request["projectName"])
    identifier = f"{project['name']}:{uuid.uuid4()}"
    number = 1 + sum(build.project["name"] == project["name"] for build in _builds.values())
    build = Build(project, request, identifier, number, self.region)
    _builds[identifier] = build
    start(build)
    return json.dumps({"build": build.describe()})


def stop_build(self: CodeBuildResponse) -> str:
    build = _build(json.loads(self.body)["id"])
    stop(build)
    return json.dumps({"build": build.describe()})


def batch_get_builds(self: CodeBuildResponse) -> str:
    names = json.loads(self.body)["ids"]
    known = [name for name in names if name.rpartition("/")[2] in _builds]
    missing = [name for name in names if name not in known]
    return json.dumps({"builds": [_build(name).describe() for name in known], "buildsNotFound": missing})


def batch_delete_builds(self: CodeBuildResponse) -> str:
    deleted = [_builds.pop(_build(name).id).arn for name in json.loads(self.body)["ids"]]
    return json.dumps({"buildsDeleted": deleted})


def list_builds(self: CodeBuildResponse) -> str:
    return json.dumps({"ids": list(_builds)[::-1]})


def list_builds_for_project(self: CodeBuildResponse) -> str:
    name = _project(json.loads(self.body)["projectName"])["name"]
    ids = [build.id for build in _builds.values() if build.project["name"] == name]
    return json.dumps({"ids": ids[::-1]})
