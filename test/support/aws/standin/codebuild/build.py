"""One build: what its project and the request for it come to, and how far it has got."""

import copy
import time
from typing import Any

from .. import settings

Json = dict[str, Any]


class Build:
    def __init__(self, project: Json, request: Json, identifier: str, number: int, region: str) -> None:
        self.project = project
        self.id = identifier
        self.uuid = identifier.partition(":")[2]
        self.number = number
        self.region = region
        self.arn = f"arn:aws:codebuild:{region}:{settings.ACCOUNT}:build/{identifier}"
        self.status = "IN_PROGRESS"
        self.phase = "QUEUED"
        self.phases: list[Json] = []
        self.started = time.time()
        self.ended: float | None = None
        self.exported: list[Json] = []
        self.artifacts: Json = {"location": ""}

        def chosen(name: str, override: str) -> Any:
            value = request.get(override)
            return copy.deepcopy(value if value is not None else project.get(name))

        self.role = chosen("serviceRole", "serviceRoleOverride")
        self.timeout_minutes = chosen("timeoutInMinutes", "timeoutInMinutesOverride")
        self.source_version = chosen("sourceVersion", "sourceVersion")
        self.secondary_sources = chosen("secondarySources", "secondarySourcesOverride") or []
        self.artifacts_config = chosen("artifacts", "artifactsOverride")
        self.secondary_artifacts_config = chosen("secondaryArtifacts", "secondaryArtifactsOverride") or []
        self.logs_config = chosen("logsConfig", "logsConfigOverride") or {}
        self.source = copy.deepcopy(project["source"])
        for field, override in (
            ("type", "sourceTypeOverride"),
            ("location", "sourceLocationOverride"),
            ("buildspec", "buildspecOverride"),
        ):
            if request.get(override) is not None:
                self.source[field] = request[override]
        self.environment = copy.deepcopy(project["environment"])
        self.environment["environmentVariables"] = _merged(
            project["environment"].get("environmentVariables") or [], request.get("environmentVariablesOverride") or []
        )
        for field, override in (("image", "imageOverride"), ("computeType", "computeTypeOverride")):
            if request.get(override):
                self.environment[field] = request[override]

    @property
    def via(self) -> str:
        return f"codebuild:{self.project['name']}"

    def log_place(self) -> tuple[str, str] | None:
        """Group and stream; none where logging is off."""
        config = self.logs_config.get("cloudWatchLogs") or {}
        if config.get("status") == "DISABLED":
            return None
        stream = f"{config['streamName']}/{self.uuid}" if config.get("streamName") else self.uuid
        return config.get("groupName") or f"/aws/codebuild/{self.project['name']}", stream

    def enter(self, phase: str) -> None:
        self.phase = phase
        self.phases.append({"phaseType": phase, "startTime": time.time()})

    def leave(self, status: str, message: str = "") -> None:
        entered = self.phases[-1]
        entered |= {"phaseStatus": status, "endTime": time.time()}
        entered["durationInSeconds"] = int(entered["endTime"] - entered["startTime"])
        if message:
            entered["contexts"] = [{"statusCode": "COMMAND_EXECUTION_ERROR", "message": message}]

    def finish(self, status: str) -> None:
        self.status = status
        self.phase = "COMPLETED"
        self.ended = time.time()
        self.phases.append({"phaseType": "COMPLETED", "startTime": self.ended})

    def describe(self) -> Json:
        place = self.log_place()
        logs: Json = {"cloudWatchLogs": {"status": "ENABLED" if place else "DISABLED"}}
        if place:
            arn = f"arn:aws:logs:{self.region}:{settings.ACCOUNT}:log-group:{place[0]}:log-stream:{place[1]}"
            logs |= {"groupName": place[0], "streamName": place[1], "cloudWatchLogsArn": arn}
        described = {
            "id": self.id,
            "arn": self.arn,
            "buildNumber": self.number,
            "startTime": self.started,
            "endTime": self.ended,
            "currentPhase": self.phase,
            "buildStatus": self.status,
            "sourceVersion": self.source_version,
            "projectName": self.project["name"],
            "phases": self.phases,
            "source": self.source,
            "secondarySources": self.secondary_sources,
            "artifacts": self.artifacts,
            "cache": self.project.get("cache"),
            "environment": self.environment,
            "serviceRole": self.role,
            "logs": logs,
            "timeoutInMinutes": self.timeout_minutes,
            "buildComplete": self.ended is not None,
            "initiator": "local",
            "exportedEnvironmentVariables": self.exported,
        }
        return {name: value for name, value in described.items() if value is not None}


def _merged(variables: list[Json], overrides: list[Json]) -> list[Json]:
    by_name = {variable["name"]: variable for variable in variables}
    by_name |= {variable["name"]: variable for variable in overrides}
    return list(by_name.values())
