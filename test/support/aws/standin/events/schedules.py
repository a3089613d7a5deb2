"""Scheduler: schedules never fire by themselves here; a test fires one with POST /_local/schedules/<name>/fire,
and its real target gets its real input, and one that is to go when it has fired goes. moto never delivers."""

import time
import uuid
from typing import Any

from moto.scheduler.models import Schedule, ScheduleGroup, scheduler_backends

from .. import local_api, settings
from ..targets import deliver, deliver_message


_last: dict[str, int] = {}


def install() -> None:
    local_api.route("POST", "schedules/*/fire", _fire)


def _find(name: str) -> tuple[ScheduleGroup, Schedule]:
    for backend in list(scheduler_backends[settings.ACCOUNT].values()):
        for group in list(backend.schedule_groups.values()):
            if name in group.schedules:
                return group, group.schedules[name]
    raise KeyError(f"there is no schedule {name}")


def _fire(name: str) -> dict[str, Any]:
    group, schedule = _find(name)
    if schedule.state != "ENABLED":
        raise KeyError(f"schedule {name} is {schedule.state}")
    target = schedule.target
    payload = _with_context(schedule, target.get("Input") or "{}")
    role, via = target["RoleArn"], f"schedule:{schedule.name}"
    try:
        answer = deliver(target["Arn"], payload, role, via, target)
    except Exception as error:
        dead_letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if dead_letters:
            deliver_message(dead_letters, payload, role, via)
        return {"target": target["Arn"], "input": payload, "error": str(error), "deadLettered": bool(dead_letters)}
    if schedule.action_after_completion == "DELETE" and schedule.schedule_expression.startswith("at("):
        group.delete_schedule(name)
    return {"target": target["Arn"], "input": payload, **answer}


def _with_context(schedule: Schedule, text: str) -> str:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""
    # A schedule is due at no time twice, however fast a test fires it.
    due = _last[schedule.arn] = max(int(time.time()), _last.get(schedule.arn, 0) + 1)
    attributes = {
        "schedule-arn": schedule.arn,
        "scheduled-time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(due)),
        "execution-id": str(uuid.uuid4()),
        "attempt-number": "1",
    }
    for name, value in attributes.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text
