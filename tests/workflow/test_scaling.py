"""What jobs are expected to take, and how a run of them would go: laws that hold for any graph."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.costs import COSTS, Measured, expected, fit, predicted, read_costs, read_measured, read_run
from workflow.scaling import PAGE, Node, critical_path, page, schedule
from workflow.sizes import key_of, sizes

TRAINING = {
    "environment": {
        "id": "CartPole-v1", "kwargs": {}, "max_episode_steps": 200,
        "policy": {"kind": "categorical_mlp", "hidden": [64, 64]},
    },
    "steps": 4000, "episodes": None, "updates": 100,
}  # fmt: skip


@st.composite
def graphs(draw):
    """Jobs of some seconds, each of which waits for some of those before it."""
    n = draw(st.integers(1, 12))
    return [
        Node(
            str(i), draw(st.integers(1, 9)), tuple(sorted(draw(st.sets(st.integers(0, i - 1))) if i else ()))
        )
        for i in range(n)
    ]


@given(graphs(), st.integers(1, 4))
def test_a_run_is_never_shorter_than_its_critical_path_nor_than_its_share(nodes, cores):
    """Graham's bounds of any list schedule: T_p ≥ max(T_∞, T_1 / p) and T_p ≤ T_1 / p + T_∞ (1 - 1/p)."""
    total = sum(node.seconds for node in nodes)
    longest = sum(node.seconds for node in critical_path(nodes))
    took = schedule(nodes, cores)
    assert max(longest, total / cores) - 1e-9 <= took <= total / cores + longest * (1 - 1 / cores) + 1e-9
    assert schedule(nodes, 1) == pytest.approx(total)
    assert schedule(nodes, len(nodes)) == pytest.approx(longest)


def test_a_free_core_takes_what_most_work_hangs_on():
    """Three jobs in a row and three others on two cores: in the other order the row would end after 4 s."""
    row = [Node("a", 1, ()), Node("b", 1, (0,)), Node("c", 1, (1,))]
    others = [Node(name, 1, ()) for name in "def"]
    assert schedule([*row, *others], 2) == 3
    swapped = [*others, *(Node(node.name, 1, tuple(i + 3 for i in node.before)) for node in row)]
    assert schedule(swapped, 2) == 3


@given(graphs())
def test_each_job_of_the_critical_path_waits_for_the_one_before(nodes):
    path = critical_path(nodes)
    assert all(nodes.index(first) in second.before for first, second in pairwise(path))


def test_a_training_is_as_large_as_its_steps():
    spec = {"training": TRAINING, "seeds": [0, 1, 2]}
    assert sizes("train_block", spec) == (3 * 100 * 4000, 3 * 4000)
    assert key_of(spec) == "CartPole-v1 64 64"
    assert sizes("draw_figure", {"figure": "P1"}) == (0, 0)


def test_a_line_is_found_again():
    """Jobs that take 0.1 s and 3 µs for each step, as the one that computes nothing does."""
    rows = [Measured("", "train_block", "a", n, n, 0.1 + 3e-6 * n, 330 + 1e-3 * n) for n in (1e5, 1e6, 4e6)]
    laws = fit(rows)["train_block"]
    assert predicted(laws["seconds"], "a", 1e7) == pytest.approx(30.1, rel=0.01)
    assert predicted(laws["megabytes"], "b", 1e6) == pytest.approx(1330, rel=0.01)


def test_what_was_never_measured_costs_what_the_dearest_like_it_does():
    law = {"fixed": 1.0, "per_unit": {"Walk 8": 2.0, "Walk 64": 3.0, "Run 64": 9.0}}
    assert [predicted(law, key, 1) for key in ("Walk 8", "Walk 32", "Fly 8")] == [3, 4, 10]
    assert expected({}, "train_block", {}) is None


def test_the_run_in_the_folder_itself_is_the_default_lecture(tmp_path, monkeypatch):
    """As `make costs` names it, and as the page asks for it."""
    job = {"rule": "draw_figure", "log": "logs/draw.log", "spec": {"figure": "P1"}}
    for file, content in (
        ("results/provenance/draw.json", {"job": job}),
        ("results/timings/draw.json", {"cpu_seconds": 2.0, "max_memory_mb": 400.0}),
    ):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(json.dumps(content))
    monkeypatch.chdir(tmp_path)
    assert read_run(Path(".")) == [Measured("default", "draw_figure", "", 0, 0, 2.0, 400.0)]
    assert {row.run for row in read_measured()} == {"tiny", "default", "costs"}


def test_the_shipped_lines_are_those_of_the_shipped_measurements():
    assert json.loads(json.dumps(fit(read_measured()))) == read_costs(COSTS)


def test_the_page_is_written_from_them():
    """But for the graph, which `make scaling` reads from a dry run."""
    words = page([Node("train_block/a/0", 60.0, ()), Node("lecture", 1.0, (0,))])
    assert PAGE.read_text().partition("## How far")[2] == words.partition("## How far")[2]
    assert "| any number | 61.0 s | 1.0 | |" in words


TODAY = """
from workflow.scaling import PAGE, ROOT, graph, page, read_costs
assert page(graph(ROOT / "workflow/presets/paper.yaml", read_costs())) == PAGE.read_text(), "run `make scaling`"
"""


@pytest.mark.faults
def test_the_page_is_that_of_today_s_graph(root):
    """In a process of its own, in which Snakemake is at home."""
    process = subprocess.run(
        [sys.executable, "-c", TODAY], cwd=root, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
