"""Unpacks what a function consists of: its own zip (/var/task) and its layers, merged in order (/opt)."""

import hashlib
import io
import os
import shutil
import threading
import uuid
import zipfile
from pathlib import Path

from moto.awslambda.models import LambdaFunction, LayerStorage, LayerVersion

from .. import settings

_root = Path(settings.workspace) / "lambda"
_lock = threading.Lock()
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


def node() -> str:
    found = shutil.which(settings.node)
    if not found:
        raise FileNotFoundError(f"there is no {settings.node} to run functions with")
    return found


def runtime_modules() -> Path:
    """What Lambda's Node runtime brings along: the AWS SDK, here the one that the project has installed."""
    links = {}
    for parent in Path(__file__).resolve().parents:
        installed = parent / "node_modules"
        if installed.is_dir():
            links = {scope: installed / scope for scope in ("@aws-sdk", "@aws-crypto", "@smithy", "@aws")}
            break
    return _folder_of_links("runtime/node_modules", {k: v for k, v in links.items() if v.is_dir()})


def programs() -> Path:
    """The few programs that a function may count on. Above all no git: Lambda has none."""
    names = ("bash", "sh", "env", "cat", "ls", "cp", "mv", "rm", "mkdir")
    found = {name: shutil.which(name) for name in names}
    return _folder_of_links("bin", {"node": node(), **{k: v for k, v in found.items() if v}})


def _folder_of_links(name: str, links: dict[str, str | Path]) -> Path:
    folder = _root / name
    with _lock:
        if not folder.exists():
            folder.mkdir(parents=True)
            for link, target in links.items():
                (folder / link).symlink_to(target)
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
