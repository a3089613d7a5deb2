"""Fetches what a build works on."""

import io
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from .. import clients, settings
from .build import Build

Json = dict[str, Any]


def fetch(build: Build, source: Json, version: str | None, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    match source["type"]:
        case "NO_SOURCE":
            return
        case "S3":
            _fetch_from_s3(build, source["location"], version, folder)
        case "CODECOMMIT" | "GITHUB" | "GITHUB_ENTERPRISE" | "BITBUCKET":
            _clone(source["location"], version, folder)
        case other:
            raise NotImplementedError(f"source type {other}")


def _fetch_from_s3(build: Build, location: str, version: str | None, folder: Path) -> None:
    s3 = clients.client("s3", build.region, build.role, build.via)
    bucket, _, key = location.removeprefix("arn:aws:s3:::").partition("/")
    if key.endswith("/"):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key):
            for entry in page.get("Contents", []):
                target = folder / entry["Key"].removeprefix(key)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
        return
    asked = {"VersionId": version} if version else {}
    body = s3.get_object(Bucket=bucket, Key=key, **asked)["Body"].read()
    if not zipfile.is_zipfile(io.BytesIO(body)):
        (folder / Path(key).name).write_bytes(body)
        return
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        for entry in archive.infolist():
            path = archive.extract(entry, folder)
            if (entry.external_attr >> 16) & 0o111:
                os.chmod(path, 0o755)


def _clone(location: str, version: str | None, folder: Path) -> None:
    environment = {**os.environ, **settings.extra_environment, "GIT_TERMINAL_PROMPT": "0"}
    subprocess.run(["git", "clone", "--quiet", "--", location, str(folder)], check=True, env=environment)
    if version:
        subprocess.run(["git", "-C", str(folder), "checkout", "--quiet", version, "--"], check=True, env=environment)
