"""Auto Scaling's lifecycle: hooks hold instances while they start or end, until completed or timed out.

In moto hooks never fire, CompleteLifecycleAction and RecordLifecycleActionHeartbeat are missing, no events are
sent, and hooks come back with a made-up role and queue, which Terraform would change for ever.
What instances run is in instances.py.
"""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.autoscaling.models import (
    AutoScalingBackend,
    FakeAutoScalingGroup,
    InstanceState,
    LifecycleHook,
    TerminateInstanceActivity,
    autoscaling_backends,
)
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import EmptyResult

from . import instances, local_api, settings
from .events.bus import emit

_STARTED = ("InService", "Pending", "Pending:Wait", "Pending:Proceed")
_original_hook_init = LifecycleHook.__init__
_original_put_hook = AutoScalingResponse.put_lifecycle_hook
_original_launch = FakeAutoScalingGroup.replace_autoscaling_group_instances
_original_set_desired = FakeAutoScalingGroup.set_desired_capacity
_original_delete = AutoScalingBackend.delete_auto_scaling_group


class NoSuchAction(ServiceException):
    code = "ValidationError"


@dataclass
class _Waiting:
    """An instance that a hook holds."""

    group: str
    hook: LifecycleHook
    instance: str
    token: str = field(default_factory=lambda: str(uuid.uuid4()))
    answer: str | None = None
    answered: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.beat()

    def beat(self) -> None:
        self.deadline = time.monotonic() + max(2.0, float(self.hook.heartbeat_timeout) * settings.time_scale)


_waiting: dict[str, _Waiting] = {}


def install() -> None:
    LifecycleHook.__init__ = _hook_init
    AutoScalingResponse.put_lifecycle_hook = _put_hook
    AutoScalingResponse.complete_lifecycle_action = _complete
    AutoScalingResponse.record_lifecycle_action_heartbeat = _heartbeat
    FakeAutoScalingGroup.replace_autoscaling_group_instances = _launch
    FakeAutoScalingGroup.set_desired_capacity = _set_desired_capacity
    FakeAutoScalingGroup.active_instances = _active_instances
    AutoScalingBackend.terminate_instance = _terminate_instance
    AutoScalingBackend.delete_auto_scaling_group = _delete_group
    local_api.route("POST", "instances/*/vanish", _vanish)


# --- hooks ---


def _hook_init(self: LifecycleHook, *arguments: Any, **named: Any) -> None:
    _original_hook_init(self, *arguments, **named)
    self.role_arn = self.notification_target_arn = self.notification_metadata = None


def _put_hook(self: AutoScalingResponse) -> Any:
    answer = _original_put_hook(self)
    name = f"{self._get_param('AutoScalingGroupName')}_{self._get_param('LifecycleHookName')}"
    hook = self.autoscaling_backend.lifecycle_hooks[name]
    hook.role_arn = self._get_param("RoleARN")
    hook.notification_target_arn = self._get_param("NotificationTargetARN")
    hook.notification_metadata = self._get_param("NotificationMetadata")
    return answer


def _held(response: AutoScalingResponse) -> _Waiting:
    token, instance = response._get_param("LifecycleActionToken"), response._get_param("InstanceId")
    hook, group = response._get_param("LifecycleHookName"), response._get_param("AutoScalingGroupName")
    for waiting in list(_waiting.values()):
        if (
            waiting.group == group
            and waiting.hook.name == hook
            and (token or instance) in (waiting.token, waiting.instance)
        ):
            return waiting
    raise NoSuchAction(f"No active Lifecycle Action found with instance ID {instance or token}")


def _complete(self: AutoScalingResponse) -> Any:
    waiting = _held(self)
    waiting.answer = self._get_param("LifecycleActionResult")
    waiting.answered.set()
    return EmptyResult()


def _heartbeat(self: AutoScalingResponse) -> Any:
    _held(self).beat()
    return EmptyResult()


def _hold(group: FakeAutoScalingGroup, state: InstanceState, transition: str, go_on: Callable[[str], None]) -> None:
    """Calls `go_on` with CONTINUE or ABANDON: at once where there is no hook for the transition."""
    kind = f"autoscaling:EC2_INSTANCE_{transition}"
    hooks = [
        hook
        for hook in group.autoscaling_backend.lifecycle_hooks.values()
        if hook.auto_scaling_group_name == group.name and hook.lifecycle_transition == kind
    ]
    if not hooks:
        go_on("CONTINUE")
        return
    state.lifecycle_state = "Terminating:Wait" if transition == "TERMINATING" else "Pending:Wait"
    waiting = _Waiting(group.name, hooks[0], state.instance.id)
    _waiting[waiting.token] = waiting
    threading.Thread(target=_wait, args=(group, waiting, transition, go_on), daemon=True).start()


def _wait(group: FakeAutoScalingGroup, waiting: _Waiting, transition: str, go_on: Callable[[str], None]) -> None:
    hook = waiting.hook
    word = "terminate" if transition == "TERMINATING" else "launch"
    detail = {
        "LifecycleActionToken": waiting.token,
        "AutoScalingGroupName": group.name,
        "LifecycleHookName": hook.name,
        "EC2InstanceId": waiting.instance,
        "LifecycleTransition": hook.lifecycle_transition,
        "NotificationMetadata": hook.notification_metadata,
    }
    _emit(group, f"EC2 Instance-{word} Lifecycle Action", {k: v for k, v in detail.items() if v is not None})
    while waiting.answer is None and time.monotonic() < waiting.deadline:
        waiting.answered.wait(0.1)
    _waiting.pop(waiting.token, None)
    go_on(waiting.answer or hook.default_result)


# --- instances ---


def _active_instances(self: FakeAutoScalingGroup) -> list[InstanceState]:
    return [state for state in self.instance_states if state.lifecycle_state in _STARTED]


def _launch(self: FakeAutoScalingGroup, count_needed: int, propagated_tags: dict[str, str]) -> None:
    before = list(self.instance_states)
    _original_launch(self, count_needed, propagated_tags)
    for state in [state for state in self.instance_states if state not in before]:

        def go_on(answer: str, state: InstanceState = state) -> None:
            if answer == "CONTINUE":
                state.lifecycle_state = "InService"
                _tell(self, state, "Launch")
            else:
                _end(self, state)
                self.set_desired_capacity(self.desired_capacity)

        _boot(self, state)
        _hold(self, state, "LAUNCHING", go_on)


def _boot(group: FakeAutoScalingGroup, state: InstanceState) -> None:
    """A hook holds an instance that is already starting."""
    template = group.ec2_launch_template
    if template:
        version = template.get_version(group.launch_template_version)
        instances.boot(state.instance.id, version.data, version.user_data.as_bytes() if version.user_data else b"")


def _set_desired_capacity(self: FakeAutoScalingGroup, new_capacity: int | None) -> None:
    wanted = self.min_size if new_capacity is None else new_capacity
    active = self.active_instances()
    if wanted >= len(active):
        _original_set_desired(self, new_capacity)
        return
    self.desired_capacity = wanted
    removable = [state for state in active if not state.protected_from_scale_in]
    for state in removable[: len(active) - wanted]:
        _terminate(self, state)


def _terminate_instance(
    self: AutoScalingBackend, instance_id: str, should_decrement: bool
) -> TerminateInstanceActivity:
    for group in self.autoscaling_groups.values():
        for state in group.instance_states:
            if state.instance.id == instance_id:
                size = group.desired_capacity
                _terminate(group, state)
                if should_decrement:
                    group.desired_capacity = size - 1
                else:
                    group.set_desired_capacity(size)
                return TerminateInstanceActivity(state.instance, size)
    raise NoSuchAction(f"Instance Id not found - No managed instance found for instance ID {instance_id}")


def _terminate(group: FakeAutoScalingGroup, state: InstanceState) -> None:
    def go_on(_: str) -> None:
        _end(group, state)
        _tell(group, state, "Terminate")

    _hold(group, state, "TERMINATING", go_on)


def _end(group: FakeAutoScalingGroup, state: InstanceState) -> None:
    state.lifecycle_state = "Terminated"
    instances.end(state.instance.id)
    group.instance_states = [other for other in group.instance_states if other is not state]
    group.autoscaling_backend.ec2_backend.terminate_instances([state.instance.id])


def _delete_group(self: AutoScalingBackend, group_name: str) -> None:
    """A deletion by force does not wait for hooks."""
    group = self.autoscaling_groups.get(group_name)
    for state in list(group.instance_states) if group else []:
        _end(group, state)
    _original_delete(self, group_name)


def _vanish(instance_id: str) -> None:
    """The machine under an instance is lost, and nobody is told: no hook, no event, no other one in its place."""
    for account in list(autoscaling_backends.values()):
        for backend in list(account.values()):
            for group in list(backend.autoscaling_groups.values()):
                for state in list(group.instance_states):
                    if state.instance.id == instance_id:
                        _end(group, state)
                        return
    raise KeyError(f"there is no instance {instance_id}")


# --- events ---


def _tell(group: FakeAutoScalingGroup, state: InstanceState, what: str) -> None:
    detail = {
        "StatusCode": "InProgress",
        "AutoScalingGroupName": group.name,
        "ActivityId": str(uuid.uuid4()),
        "RequestId": str(uuid.uuid4()),
        "EC2InstanceId": state.instance.id,
        "Details": {"Availability Zone": state.availability_zone},
        "Description": f"{what} EC2 instance: {state.instance.id}",
        "Cause": "",
        "StartTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "EndTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    _emit(group, f"EC2 Instance {what} Successful", detail)


def _emit(group: FakeAutoScalingGroup, detail_type: str, detail: dict[str, Any]) -> None:
    emit("aws.autoscaling", detail_type, detail, [group.arn], group.autoscaling_backend.region_name)
