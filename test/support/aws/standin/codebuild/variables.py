"""The environment of a build: the project's and the request's variables, those of Secrets Manager and the
Parameter Store resolved, and what CodeBuild itself sets."""

import json
import os
from typing import Any

from .. import clients, settings
from ..principals import credentials_of
from .build import Build

Json = dict[str, Any]


class BuildVariables:
    def __init__(self, build: Build, home: str, source_folders: dict[str, str]) -> None:
        self._build = build
        self.secret_values: list[str] = []
        """CodeBuild masks these in its logs."""
        self.all = {**self._base(home), **settings.extra_environment, **self._own(source_folders)}

    def add_from_spec(self, env: Json) -> None:
        """A buildspec's own variables; the project's and the request's take precedence."""
        found = {name: str(value) for name, value in (env.get("variables") or {}).items()}
        found |= {n: self._parameter(v) for n, v in (env.get("parameter-store") or {}).items()}
        found |= {n: self._secret(v) for n, v in (env.get("secrets-manager") or {}).items()}
        self.all = {**self.all, **found}

    def add_from_project(self) -> None:
        for variable in self._build.environment["environmentVariables"]:
            name, value = variable["name"], variable["value"]
            match variable.get("type", "PLAINTEXT"):
                case "PARAMETER_STORE":
                    value = self._parameter(value)
                case "SECRETS_MANAGER":
                    value = self._secret(value)
            self.all[name] = value

    def masked(self, text: str) -> str:
        for value in self.secret_values:
            if value:
                text = text.replace(value, "***")
        return text

    def _base(self, home: str) -> dict[str, str]:
        credentials = credentials_of(self._build.role, self._build.via)
        return {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "LANG": "C.UTF-8",
            "AWS_ENDPOINT_URL": settings.endpoint,
            "AWS_REGION": self._build.region,
            "AWS_DEFAULT_REGION": self._build.region,
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_SESSION_TOKEN": credentials.token,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _own(self, source_folders: dict[str, str]) -> dict[str, str]:
        build = self._build
        folders = {f"CODEBUILD_SRC_DIR{'_' + name if name else ''}": path for name, path in source_folders.items()}
        return {
            "CI": "true",
            "CODEBUILD_CI": "true",
            "CODEBUILD_BUILD_ARN": build.arn,
            "CODEBUILD_BUILD_ID": build.id,
            "CODEBUILD_BUILD_IMAGE": build.environment.get("image", ""),
            "CODEBUILD_BUILD_NUMBER": str(build.number),
            "CODEBUILD_BUILD_SUCCEEDING": "1",
            "CODEBUILD_INITIATOR": "local",
            "CODEBUILD_LOG_PATH": build.uuid,
            "CODEBUILD_START_TIME": str(int(build.started * 1000)),
            "CODEBUILD_SOURCE_REPO_URL": build.source.get("location", ""),
            "CODEBUILD_SOURCE_VERSION": build.source_version or "",
            **folders,
        }

    def _client(self, service: str) -> Any:
        return clients.client(service, self._build.region, self._build.role, self._build.via)

    def _parameter(self, name: str) -> str:
        value = self._client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        self.secret_values.append(value)
        return value

    def _secret(self, reference: str) -> str:
        """`<id or arn>[:<json key>[:<version stage>[:<version id>]]]`"""
        parts = reference.split(":")
        length = 7 if reference.startswith("arn:") else 1
        identifier, rest = ":".join(parts[:length]), [*parts[length:], "", "", ""]
        versions = {"VersionStage": rest[1], "VersionId": rest[2]}
        asked = {name: value for name, value in versions.items() if value}
        text = self._client("secretsmanager").get_secret_value(SecretId=identifier, **asked)["SecretString"]
        value = str(json.loads(text)[rest[0]]) if rest[0] else text
        self.secret_values.append(value)
        return value
