"""Definitions: checked, parsed once, and tied to their JSON.

Gaps of the engine: its grammar refuses what a Distributed Map may say (whole-number percentages, JSON Lines,
batches, EXPRESS children, WriterConfig), and it accepts transitions to states that do not exist.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from moto.stepfunctions.parser.api import InvalidDefinition
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

_engine_parse = AmazonStateLanguageParser.parse
Json = dict[str, Any]


def install() -> None:
    StepFunctionsParserBackend._validate_definition = staticmethod(check)


def check(definition: str) -> None:
    """Raises InvalidDefinition."""
    try:
        machine = json.loads(definition)
    except ValueError as error:
        raise InvalidDefinition(message=f"Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: {error}'")
    problems = list(_problems(machine, "/")) if isinstance(machine, dict) else ["/: not an object"]
    if not problems:
        try:
            program_of(definition)
        except Exception as error:
            problems = [f"{type(error).__name__}: {error}"]
    if problems:
        raise InvalidDefinition(
            message=f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {'; '.join(problems)}'"
        )


@lru_cache(maxsize=256)
def program_of(definition: str) -> Program:
    """The parsed program. Each of its Map states carries its own JSON as `raw`."""
    machine = json.loads(definition)
    program = _engine_parse(json.dumps(_for_grammar(machine)))[0]
    _attach(program.states.states, machine)
    return program


def is_distributed(state: Json) -> bool:
    processor = state.get("ItemProcessor") or state.get("Iterator") or {}
    return state.get("Type") == "Map" and (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"


def _for_grammar(node: Any) -> Any:
    if isinstance(node, list):
        return [_for_grammar(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {name: _for_grammar(value) for name, value in node.items()}
    if is_distributed(node):
        # All of these are read from the JSON by the Distributed Map itself.
        for name in ("ItemBatcher", "ToleratedFailurePercentage", "ToleratedFailureCount"):
            node.pop(name, None)
        (node.get("ItemProcessor") or node["Iterator"])["ProcessorConfig"]["ExecutionType"] = "STANDARD"
        if "ItemReader" in node:
            node["ItemReader"] = {k: v for k, v in node["ItemReader"].items() if k != "ReaderConfig"}
        if "ResultWriter" in node:
            node["ResultWriter"] = {k: v for k, v in node["ResultWriter"].items() if k != "WriterConfig"}
            if "Resource" not in node["ResultWriter"]:
                del node["ResultWriter"]
    return node


def _attach(states: Json, machine: Json) -> None:
    for name, state in states.items():
        raw = machine["States"][name]
        if isinstance(state, StateMap):
            state.raw = raw
            _attach(state.iteration_component._states.states, raw.get("ItemProcessor") or raw["Iterator"])
        elif isinstance(state, StateParallel):
            for program, branch in zip(state.branches.programs, raw["Branches"]):
                _attach(program.states.states, branch)


def _problems(machine: Json, path: str) -> Iterator[str]:
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        yield f"{path}States: missing"
        return
    targets = {machine.get("StartAt")}
    for name, state in states.items():
        here = f"{path}States/{name}/"
        targets |= _transitions(state)
        kind = state.get("Type")
        if kind not in ("Choice", "Succeed", "Fail") and not (state.get("Next") or state.get("End")):
            yield f"{here}: neither Next nor End"
        nested = [state.get("ItemProcessor") or state.get("Iterator")] if kind == "Map" else state.get("Branches", [])
        for index, inner in enumerate(nested):
            if inner:
                yield from _problems(inner, f"{here}{index}/")
    for target in targets - set(states):
        yield f"{path}: transition to unknown state {target!r}"
    for unreachable in set(states) - targets:
        yield f"{path}: state {unreachable!r} is not reachable"


def _transitions(state: Json) -> set[str]:
    found = {state[name] for name in ("Next", "Default") if state.get(name)}
    for rule in [*state.get("Choices", []), *state.get("Catch", [])]:
        if rule.get("Next"):
            found.add(rule["Next"])
    return found
