"""Distributed Map: each item (or batch) in a child execution of its own.

The engine runs the items as iterations of the parent, swallows every failure, knows neither batches nor
thresholds, and writes no results. Here children are real executions: they can be described, their failures
count, and a redrive of the parent redrives those that did not succeed.
"""

import copy
import json
import threading
import uuid
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timezone
from typing import Any

from moto.stepfunctions.parser.api import (
    HistoryEventType,
    MapRunFailedEventDetails,
    MapRunRedrivenEventDetails,
    MapRunStartedEventDetails,
    MapStateStartedEventDetails,
)
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.states import ItemData, MapData
from moto.stepfunctions.parser.asl.utils.json_path import extract_json

from .. import calls
from . import registry
from .definitions import is_distributed
from .execution import LocalExecution
from .integrations import VIA
from .item_source import ItemReaderFailed, read_items
from .map_run import Child, MapRun
from .result_writer import ResultWriterFailed, write_results

Json = dict[str, Any]
_original_eval = StateMap._eval_execution
_AT_ONCE = 40
"""AWS runs up to 10,000 children at the same time; this is one machine."""


def install() -> None:
    StateMap._eval_execution = _eval_execution


def _eval_execution(self: StateMap, env: Environment) -> None:
    if is_distributed(self.raw):
        _DistributedMap(self, env).run()
    else:
        _original_eval(self, env)


class _DistributedMap:
    def __init__(self, state: StateMap, env: Environment) -> None:
        self._state = state
        self._raw: Json = state.raw
        self._env = env
        self._role = env.aws_execution_details.role_arn
        self._region = env.aws_execution_details.region
        self._input = copy.deepcopy(env.stack[-1])
        context = env.states.context_object.context_object_data
        self._parent: LocalExecution = registry.execution(context["Execution"]["Id"])

    def run(self) -> None:
        run = self._parent.map_runs.get(self._state.name)
        redriven = run is not None and run.status in ("FAILED", "ABORTED") and self._parent.redrive_count > 0
        self._event(HistoryEventType.MapStateStarted, mapStateStartedEventDetails=MapStateStartedEventDetails(length=0))
        if redriven:
            run.status, run.stop_date = "RUNNING", None
            run.redrive_count += 1
            run.redrive_date = datetime.now(timezone.utc)
            details = MapRunRedrivenEventDetails(mapRunArn=run.arn, redriveCount=run.redrive_count)
            self._event(HistoryEventType.MapRunRedriven, mapRunRedrivenEventDetails=details)
        else:
            run = self._new_run()
            details = MapRunStartedEventDetails(mapRunArn=run.arn)
            self._event(HistoryEventType.MapRunStarted, mapRunStartedEventDetails=details)
            try:
                run.children = self._children()
            except ItemReaderFailed as error:
                raise self._failed(run, "States.ItemReaderFailed", str(error)) from error
        finished = self._run_children(run)
        result = self._result(run)
        if not finished:
            run.stop("ABORTED")
            return
        if run.too_many_failed():
            raise self._failed(
                run,
                "States.ExceedToleratedFailureThreshold",
                "The specified tolerated failure threshold was exceeded",
            )
        run.stop("SUCCEEDED")
        self._event(HistoryEventType.MapRunSucceeded)
        self._env.stack.append(result)
        self._event(HistoryEventType.MapStateSucceeded, update_source_event_id=False)

    def _new_run(self) -> MapRun:
        self._state.max_concurrency_decl.eval(env=self._env)
        count, percentage = self._number("ToleratedFailureCount"), self._number("ToleratedFailurePercentage")
        run = MapRun(
            machine_arn=self._parent.state_machine.arn,
            execution_arn=self._parent.exec_arn,
            label=self._raw.get("Label") or uuid.uuid4().hex,
            max_concurrency=self._env.stack.pop(),
            tolerated_count=None if count is None else int(count),
            tolerated_percentage=percentage,
        )
        self._parent.map_runs[self._state.name] = run
        registry.add_map_run(run)
        return run

    def _number(self, name: str) -> float | None:
        if f"{name}Path" in self._raw:
            return float(extract_json(self._raw[f"{name}Path"], self._input))
        return float(self._raw[name]) if name in self._raw else None

    # --- items ---

    def _children(self) -> list[Child]:
        selected = [self._select(index, item) for index, item in enumerate(self._items())]
        batcher = self._raw.get("ItemBatcher")
        if not batcher:
            return [Child(item) for item in selected]
        common = {"BatchInput": self._template(batcher["BatchInput"])} if "BatchInput" in batcher else {}
        return [Child({**common, "Items": batch}, len(batch)) for batch in self._batches(selected, batcher)]

    def _items(self) -> list[Any]:
        env = self._env
        reader = self._raw.get("ItemReader")
        if not reader:
            self._state.items_path.eval(env=env)
            items = env.stack.pop()
            if not isinstance(items, list):
                raise ItemReaderFailed("Attempting to map over non-iterable node.")
            return items
        parameters = {}
        if self._state.item_reader.parargs:
            self._state.item_reader.parargs.eval(env=env)
            parameters = env.stack.pop()
        config = dict(reader.get("ReaderConfig") or {})
        if "MaxItemsPath" in config:
            config["MaxItems"] = extract_json(config["MaxItemsPath"], self._input)
        return read_items(reader, parameters, config, self._region, self._role)

    def _select(self, index: int, item: Any) -> Any:
        """ItemSelector, or what it was called before: Parameters."""
        selector = self._state.item_selector or self._state.parameters
        if not selector:
            return item
        frame = self._env.open_inner_frame()
        try:
            frame.states.context_object.context_object_data["Map"] = MapData(Item=ItemData(Index=index, Value=item))
            frame.states.reset(input_value=self._input)
            frame.stack.append(copy.deepcopy(self._input))
            selector.eval(frame)
            return frame.stack[-1]
        finally:
            self._env.delete_frame(frame)

    def _template(self, template: Any) -> Any:
        """BatchInput may refer to the state's input and the context by paths."""
        if isinstance(template, list):
            return [self._template(item) for item in template]
        if not isinstance(template, dict):
            return template
        context = self._env.states.context_object.context_object_data
        filled = {}
        for name, value in template.items():
            if not name.endswith(".$"):
                filled[name] = self._template(value)
            elif value.startswith("$$"):
                filled[name[:-2]] = extract_json(value[1:], context)
            else:
                filled[name[:-2]] = extract_json(value, self._input)
        return filled

    def _batches(self, items: list[Any], batcher: Json) -> list[list[Any]]:
        most = int(batcher.get("MaxItemsPerBatch") or self._path(batcher, "MaxItemsPerBatchPath") or len(items) or 1)
        limit = batcher.get("MaxInputBytesPerBatch") or self._path(batcher, "MaxInputBytesPerBatchPath")
        batches: list[list[Any]] = []
        size = 0
        for item in items:
            bytes_of_item = len(json.dumps(item).encode())
            if not batches or len(batches[-1]) >= most or (limit and size + bytes_of_item > int(limit)):
                batches.append([])
                size = 0
            batches[-1].append(item)
            size += bytes_of_item
        return batches

    def _path(self, batcher: Json, name: str) -> Any:
        return extract_json(batcher[name], self._input) if name in batcher else None

    # --- children ---

    def _run_children(self, run: MapRun) -> bool:
        """False where the parent ended before them."""
        calls.note(self._role, VIA, "states:StartExecution", self._parent.state_machine.arn)
        waiting = [child for child in run.children if not child.succeeded]
        over = threading.Event()
        limit = min(run.max_concurrency or _AT_ONCE, _AT_ONCE)
        running: set[Future[None]] = set()
        with ThreadPoolExecutor(limit) as pool:
            while waiting or running:
                while waiting and len(running) < limit and not over.is_set():
                    running.add(pool.submit(self._run_child, run, waiting.pop(0), over))
                done, running = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                if not self._env.is_running():
                    over.set()
                    return False
                if run.too_many_failed():
                    over.set()
                    waiting = []
        return True

    def _run_child(self, run: MapRun, child: Child, over: threading.Event) -> None:
        if child.execution:
            execution = child.execution
            calls.note(self._role, VIA, "states:RedriveExecution", execution.exec_arn)
            execution.redrive()
        else:
            execution = child.execution = self._child_execution(run, child)
            registry.add_execution(execution)
            execution.start()
        while not execution.finished.wait(0.05):
            if over.is_set():
                execution.stop(datetime.now(timezone.utc), None, None)
                execution.finished.wait(5)
                return

    def _child_execution(self, run: MapRun, child: Child) -> LocalExecution:
        parent = self._parent
        name = str(uuid.uuid4())
        machine = copy.copy(parent.state_machine)
        machine.arn = f"{machine.arn}/{run.label}"
        machine.name = f"{machine.name}/{run.label}"
        machine.definition = self._child_definition()
        return LocalExecution(
            map_run_arn=run.arn,
            name=name,
            sm_type=machine.sm_type,
            role_arn=parent.role_arn,
            exec_arn=f"{parent.exec_arn.rpartition(':')[0]}/{run.label}:{name}",
            account_id=parent.account_id,
            region_name=parent.region_name,
            state_machine=machine,
            start_date=datetime.now(timezone.utc),
            input_data=json.dumps(child.input),
        )

    def _child_definition(self) -> str:
        processor = self._raw.get("ItemProcessor") or self._raw["Iterator"]
        return json.dumps({name: value for name, value in processor.items() if name != "ProcessorConfig"})

    # --- result ---

    def _result(self, run: MapRun) -> Any:
        writer = self._raw.get("ResultWriter") or {}
        config = writer.get("WriterConfig") or {}
        if "Resource" in writer:
            self._state.result_writer.parargs.eval(env=self._env)
            parameters = self._env.stack.pop()
            try:
                return write_results(run, parameters, config, self._region, self._role)
            except ResultWriterFailed as error:
                raise self._failed(run, "States.ResultWriterFailed", str(error)) from error
        return [child.execution.output if child.succeeded else None for child in run.children]

    def _failed(self, run: MapRun, error: str, cause: str) -> FailureEventException:
        run.stop("FAILED")
        details = EventDetails(mapRunFailedEventDetails=MapRunFailedEventDetails(error=error, cause=cause))
        self._env.event_manager.add_event(
            context=self._env.event_history_context,
            event_type=HistoryEventType.MapRunFailed,
            event_details=details,
        )
        return FailureEventException(
            FailureEvent(
                env=self._env,
                error_name=CustomErrorName(error),
                event_type=HistoryEventType.MapRunFailed,
                event_details=details,
            )
        )

    def _event(self, event_type: HistoryEventType, *, update_source_event_id: bool = True, **details: Any) -> None:
        self._env.event_manager.add_event(
            context=self._env.event_history_context,
            event_type=event_type,
            event_details=EventDetails(**details) if details else None,
            update_source_event_id=update_source_event_id,
        )
