"""What CodeArtifact holds, and requests as its operations see them."""

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .. import settings

Json = dict[str, Any]
Handlers = dict[tuple[str, str], Callable[["Request"], Any]]
_PAGE = 50


class Problem(Exception):
    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def missing(what: str) -> Problem:
    return Problem("ResourceNotFoundException", f"{what} does not exist", 404)


@dataclass
class Version:
    assets: dict[str, bytes] = field(default_factory=dict)
    status: str = "Published"
    revision: str = field(default_factory=lambda: uuid.uuid4().hex)
    published: float = field(default_factory=time.time)
    sequence: int = 0


@dataclass
class Repository:
    description: Json
    packages: dict[tuple[str, str, str], dict[str, Version]] = field(default_factory=dict)
    """(format, namespace, package) → version → …"""


domains: dict[tuple[str, str], Json] = {}
repositories: dict[tuple[str, str, str], Repository] = {}
tags: dict[str, list[Json]] = {}


@dataclass
class Request:
    region: str
    query: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.body) if self.body else {}

    def domain(self) -> Json:
        name = self.query.get("domain", "")
        if (self.region, name) not in domains:
            raise missing(f"Domain {name}")
        return domains[self.region, name]

    def repository(self) -> Repository:
        self.domain()
        key = self.region, self.query["domain"], self.query.get("repository", "")
        if key not in repositories:
            raise missing(f"Repository {key[2]}")
        return repositories[key]

    def package_key(self) -> tuple[str, str, str]:
        return self.query["format"], self.query.get("namespace", ""), self.query["package"]

    def versions(self) -> dict[str, Version]:
        packages = self.repository().packages
        if self.package_key() not in packages:
            raise missing(f"Package {self.query['package']}")
        return packages[self.package_key()]

    def version(self) -> Version:
        versions = self.versions()
        if self.query["version"] not in versions:
            raise missing(f"Version {self.query['version']} of {self.query['package']}")
        return versions[self.query["version"]]

    def page(self, name: str, entries: list[Any]) -> Json:
        start = int(self.query.get("next-token") or 0)
        end = start + int(self.query.get("max-results") or _PAGE)
        return {name: entries[start:end], **({"nextToken": str(end)} if end < len(entries) else {})}

    def named(self) -> Json:
        """The package as answers name it."""
        format_, namespace, package = self.package_key()
        return {"format": format_, "package": package, **({"namespace": namespace} if namespace else {})}


def arn_of(region: str, resource: str) -> str:
    return f"arn:aws:codeartifact:{region}:{settings.ACCOUNT}:{resource}"
