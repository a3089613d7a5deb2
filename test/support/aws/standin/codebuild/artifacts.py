"""Uploads what a build produced."""

import glob
import io
import os
import zipfile
from pathlib import Path
from typing import Any

from .. import clients
from .build import Build

Json = dict[str, Any]


def upload(build: Build, spec: Json, config: Json, folder: Path) -> str:
    """`spec` is the buildspec's part, `config` the project's. Returns the location."""
    base = folder / (spec.get("base-directory") or "")
    names: list[str] = []
    for pattern in spec.get("files") or []:
        found = glob.glob(pattern, root_dir=base, recursive=True, include_hidden=True)
        names += [name for name in found if (base / name).is_file() and name not in names]

    def called(name: str) -> str:
        return os.path.basename(name) if spec.get("discard-paths") in ("yes", True) else name

    s3 = clients.client("s3", build.region, build.role, build.via)
    namespace = build.uuid if config.get("namespaceType") == "BUILD_ID" else ""
    name = spec.get("name") if config.get("overrideArtifactName") else config.get("name")
    prefix = "/".join(filter(None, [(config.get("path") or "").strip("/"), namespace, name or build.project["name"]]))
    if config.get("packaging") != "ZIP":
        for entry in names:
            s3.put_object(Bucket=config["location"], Key=f"{prefix}/{called(entry)}", Body=(base / entry).read_bytes())
    else:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in names:
                archive.write(base / entry, called(entry))
        s3.put_object(Bucket=config["location"], Key=prefix, Body=packed.getvalue())
    return f"arn:aws:s3:::{config['location']}/{prefix}"
