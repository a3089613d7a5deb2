"""A Distributed Map's ResultWriter: manifest.json and one file per outcome. moto writes an empty manifest.

https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

import json
from typing import Any

from .. import calls, clients
from .execution import timestamp
from .integrations import VIA
from .map_run import Child, MapRun

Json = dict[str, Any]


class ResultWriterFailed(Exception):
    pass


def write_results(run: MapRun, parameters: Json, config: Json, region: str, role: str) -> Json:
    """Returns what becomes the Map state's result."""
    bucket, prefix = parameters["Bucket"], (parameters.get("Prefix") or "").rstrip("/")
    folder = f"{prefix}/{run.uuid}" if prefix else run.uuid
    s3 = clients.client("s3", region, role, VIA)
    lines = config.get("OutputType") == "JSONL"
    transformation = config.get("Transformation", "NONE")

    def put(key: str, text: str) -> Json:
        body = text.encode()
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
        return {"Key": key, "Size": len(body)}

    try:
        files: dict[str, list[Json]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
        for outcome in files:
            entries = [_entry(run, child) for child in run.children if _outcome(child) == outcome]
            if not entries:
                continue
            if transformation != "NONE" and outcome == "SUCCEEDED":
                entries = [json.loads(entry["Output"]) for entry in entries]
                if transformation == "FLATTEN":
                    entries = [x for e in entries for x in (e if isinstance(e, list) else [e])]
            text = "\n".join(map(json.dumps, entries)) if lines else json.dumps(entries)
            files[outcome].append(put(f"{folder}/{outcome}_0.{'jsonl' if lines else 'json'}", text))
        manifest = {"DestinationBucket": bucket, "MapRunArn": run.arn, "ResultFiles": files}
        key = put(f"{folder}/manifest.json", json.dumps(manifest))["Key"]
    except Exception as error:
        raise ResultWriterFailed(str(error)) from error
    # AWS writes large results in parts.
    for action in ("GetObject", "ListMultipartUploadParts", "AbortMultipartUpload"):
        calls.note(role, VIA, f"s3:{action}", f"arn:aws:s3:::{bucket}/{key}")
    run.results_written = True
    return {"MapRunArn": run.arn, "ResultWriterDetails": {"Bucket": bucket, "Key": key}}


def _outcome(child: Child) -> str:
    if child.succeeded:
        return "SUCCEEDED"
    return "FAILED" if child.execution else "PENDING"


def _entry(run: MapRun, child: Child) -> Json:
    execution = child.execution
    if execution is None:
        return {"Input": json.dumps(child.input), "InputDetails": {"Included": True}, "Status": "PENDING"}
    described = execution.describe()
    entry = {
        "ExecutionArn": execution.exec_arn,
        "Input": described["input"],
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "RedriveCount": execution.redrive_count,
        "RedriveStatus": described["redriveStatus"],
        "StartDate": timestamp(execution.start_date),
        "StateMachineArn": f"{run.machine_arn}/{run.label}",
        "Status": execution.exec_status.value,
        "StopDate": timestamp(execution.stop_date),
    }
    if child.succeeded:
        entry |= {"Output": described["output"], "OutputDetails": {"Included": True}}
        entry |= {"RedriveStatusReason": described["redriveStatusReason"]}
    else:
        entry |= {"Error": execution.error or "", "Cause": execution.cause or ""}
    return entry
