"""mypy holds a spec to the type that its builder names; here that type is held to the function it is for."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from pgpipe.jobs.imports import ROOT

LECTURE = ROOT / "pgpipe/lecture"
NO_SPEC = "{}"


class Built(NamedTuple):
    """What a builder calls, and the name of the type that it gives its spec."""

    rule: str
    module: str
    type: str


def built() -> Iterator[Built]:
    for path in sorted(LECTURE.glob("*/specs.py")):
        functions = (node for node in parsed(path).body if isinstance(node, ast.FunctionDef))
        for function in functions:
            if function.returns and ast.unparse(function.returns) == "Call":
                yield from calls_in(function)


def calls_in(function: ast.FunctionDef) -> Iterator[Built]:
    nodes = list(ast.walk(function))
    annotated = [node for node in nodes if isinstance(node, ast.AnnAssign)]
    types = {ast.unparse(node.target): ast.unparse(node.annotation) for node in annotated}
    for node in nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Call":
            module, spec, *_ = map(ast.unparse, node.args)
            yield Built(function.name, ast.literal_eval(module), types.get(spec, spec))


def parsed(path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def declared(rule: str, module: str) -> list[str]:
    """The types that a job's function takes for a spec."""
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    (function,) = (f for f in parsed(path).body if isinstance(f, ast.FunctionDef) and f.name == rule)
    annotations = {a.arg: ast.unparse(a.annotation) for a in function.args.args if a.annotation}
    return annotations.get("spec", NO_SPEC).split(" | ")


@pytest.mark.parametrize("job", list(built()), ids=lambda job: f"{job.rule}-{job.type}")
def test_a_builder_gives_its_spec_the_type_that_the_function_declares(job):
    assert job.type in declared(job.rule, job.module)


def test_no_function_takes_a_spec_of_any_keys():
    rules = {(job.rule, job.module) for job in built()}
    assert len(rules) > 40
    types = {name for rule in rules for name in declared(*rule)}
    assert all(name == NO_SPEC or name.endswith("Spec") for name in types)
