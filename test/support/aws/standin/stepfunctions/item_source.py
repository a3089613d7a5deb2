"""Where a Distributed Map takes its items from: an array in its input, or S3 (JSON, JSON Lines, CSV, a listing)."""

import csv
import io
import json
from typing import Any

from .. import clients
from .integrations import VIA

Json = dict[str, Any]


class ItemReaderFailed(Exception):
    pass


def read_items(reader: Json, parameters: Json, config: Json, region: str, role: str) -> list[Any]:
    """`reader` is the ItemReader's JSON, `parameters` what its Parameters came to."""
    s3 = clients.client("s3", region, role, VIA)
    try:
        if reader["Resource"].endswith(":s3:listObjectsV2"):
            items = _listing(s3, parameters)
        else:
            body = s3.get_object(**parameters)["Body"].read().decode("utf-8-sig")
            items = _parse(body, config)
    except ItemReaderFailed:
        raise
    except Exception as error:
        raise ItemReaderFailed(str(error)) from error
    limit = int(config.get("MaxItems") or 0)
    return items[:limit] if limit else items


def _parse(body: str, config: Json) -> list[Any]:
    match config.get("InputType", "JSON"):
        case "JSON":
            content = json.loads(body)
            for step in filter(None, (config.get("ItemsPointer") or "").split("/")):
                content = content[int(step) if isinstance(content, list) else step]
            if isinstance(content, dict):
                return [{"Key": key, "Value": value} for key, value in content.items()]
            if not isinstance(content, list):
                raise ItemReaderFailed("Attempting to map over non-iterable node.")
            return content
        case "JSONL":
            return [json.loads(line) for line in body.splitlines() if line.strip()]
        case "CSV":
            rows = list(csv.reader(io.StringIO(body)))
            given = config.get("CSVHeaderLocation") == "GIVEN"
            headers = config["CSVHeaders"] if given else rows.pop(0)
            return [{h: row[i] if i < len(row) else "" for i, h in enumerate(headers)} for row in rows]
    raise ItemReaderFailed(f"InputType {config['InputType']} is not known here")


def _listing(s3: Any, parameters: Json) -> list[Json]:
    pages = s3.get_paginator("list_objects_v2").paginate(**parameters)
    found = [entry for page in pages for entry in page.get("Contents", [])]
    fields = ("Etag", "Key", "LastModified", "Size", "StorageClass")
    return [
        dict(zip(fields, (e["ETag"], e["Key"], int(e["LastModified"].timestamp()), e["Size"], e["StorageClass"])))
        for e in found
    ]
