"""Unpacks what a function consists of: its own zip (/var/task) and its layers, merged in order (/opt)."""

import hashlib
import io
import os
import shutil
import uuid
import zipfile
from pathlib import Path

from moto.awslambda.models import LambdaFunction, LayerStorage, LayerVersion

from .. import settings

_root = Path(settings.workspace) / "lambda"
_layers: dict[str, LayerVersion] = {}
_original_put_layer = LayerStorage.put_layer_version


def install() -> None:
    LayerStorage.put_layer_version = _put_layer_version


def _put_layer_version(self: LayerStorage, layer_version: LayerVersion) -> None:
    """AWS keeps a deleted layer version alive for the functions that use it; moto forgets it."""
    _original_put_layer(self, layer_version)
    _layers[layer_version.arn] = layer_version


def task_root(function: LambdaFunction) -> Path:
    return _unpacked("task", [function.code_bytes])


def opt(function: LambdaFunction) -> Path:
    return _unpacked("opt", [_layers[layer["Arn"]].code_bytes for layer in function.layers])


def runtime_modules() -> Path:
    """What Lambda's Node runtime brings along: the AWS SDK, here the one that the project has installed."""
    folder = _root / "runtime" / "node_modules"
    if not folder.exists():
        folder.mkdir(parents=True)
        for parent in Path(__file__).resolve().parents:
            installed = parent / "node_modules"
            if installed.is_dir():
                for scope in ("@aws-sdk", "@aws-crypto", "@smithy", "@aws"):
                    if (installed / scope).is_dir():
                        (folder / scope).symlink_to(installed / scope)
                break
    return folder


def programs() -> Path:
    """The few programs that a function may count on. Above all no git: Lambda has none."""
    folder = _root / "bin"
    if not folder.exists():
        folder.mkdir(parents=True)
        for name in ("bash", "sh", "env", "cat", "ls", "cp", "mv", "rm", "mkdir"):
            found = shutil.which(name)
            if found:
                (folder / name).symlink_to(found)
        (folder / "node").symlink_to(shutil.which(settings.node) or settings.node)
    return folder


def _unpacked(kind: str, zips: list[bytes]) -> Path:
    digest = hashlib.sha256(b"".join(hashlib.sha256(z).digest() for z in zips)).hexdigest()[:20]
    folder = _root / kind / digest
    if folder.exists():
        return folder
    draft = _root / kind / uuid.uuid4().hex
    draft.mkdir(parents=True)
    for content in zips:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in archive.infolist():
                path = archive.extract(entry, draft)
                if (entry.external_attr >> 16) & 0o111:
                    os.chmod(path, 0o755)
    try:
        draft.rename(folder)
    except OSError:  # another thread was first
        shutil.rmtree(draft)
    return folder
