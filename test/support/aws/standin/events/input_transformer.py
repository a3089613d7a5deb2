"""A rule's InputTransformer. A placeholder outside of quotes becomes JSON, one within quotes becomes text.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import time
from typing import Any

from jsonpath_ng.ext import parse


def transform(template: str, paths: dict[str, str], event: dict[str, Any], rule: dict[str, str]) -> str:
    values: dict[str, Any] = {
        "aws.events.event": event,
        "aws.events.event.json": event,
        "aws.events.event.ingestion-time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **{f"aws.events.{name}": value for name, value in rule.items()},
    }
    for name, path in paths.items():
        found = parse(path).find(event)
        values[name] = found[0].value if found else None
    written = []
    position, quoted = 0, False
    while position < len(template):
        character = template[position]
        end = template.find(">", position)
        if character == "<" and end > 0 and template[position + 1 : end] in values:
            written.append(_inserted(values[template[position + 1 : end]], quoted))
            position = end + 1
            continue
        if character == "\\" and quoted:
            written.append(template[position : position + 2])
            position += 2
            continue
        if character == '"':
            quoted = not quoted
        written.append(character)
        position += 1
    return "".join(written)


def _inserted(value: Any, quoted: bool) -> str:
    if not quoted:
        return json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(text)[1:-1]
