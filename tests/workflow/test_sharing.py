"""What two runs can share: results by Snakemake's cache, and the workflow itself as another one's module."""

import json
import os
import shutil
import subprocess
import sys
import time

import pytest
from checkout import ROOT

from pgpipe.jobs.provenance import gather_records

CONFIG = """\
base: none
environments:
  line: {id: pgpipe/Line-v0, kwargs: {horizon: 3}, gamma: 0.95, policy: {kind: linear_gaussian, k: -0.3, sigma: 0.5}}
estimators: {mean_baseline: {signal: reward_to_go, baseline: mean}}
recipes:
  walk: {environment: line, estimator: mean_baseline, learning_rate: 0.02, episodes: 8, updates: 2}
gradient_study: {environments: [line], batch_sizes: [4], replicates: 8, reference_replicates: 8}
seeds: 2
resamples: 100
"""
TARGETS = ["results/training/walk/0.csv", "results/study/line/rollouts.safetensors"]
CACHED = [*TARGETS, "results/study/line/policies.safetensors", "results/study/line/policies.csv"]


def run(folder, cache, *arguments):
    folder.mkdir(exist_ok=True)
    (folder / "mine.yaml").write_text(CONFIG)
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", "--directory", str(folder), "--cache", *arguments, "--configfile", str(folder / "mine.yaml"), "--", *TARGETS],
        cwd=ROOT, env=os.environ | {"SNAKEMAKE_OUTPUT_CACHE": str(cache)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Two folders in which the same was asked for, with one cache."""
    base = tmp_path_factory.mktemp("sharing")
    (base / "cache").mkdir()
    for name in ("first", "second"):
        process = run(base / name, base / "cache")
        assert process.returncode == 0, process.stdout + process.stderr
    return base


def test_a_module_with_a_prefix_and_a_rule_of_its_own_makes_the_same(shared, tmp_path):
    """Another workflow takes all rules, under names and in a folder of its own, and asks more of one of them."""
    (tmp_path / "mine.yaml").write_text(CONFIG)
    (tmp_path / "Snakefile").write_text(
        f"configfile: 'mine.yaml'\n\nmodule lecture:\n    snakefile: {str(ROOT / 'Snakefile')!r}\n"
        "    config: config\n    prefix: 'ours'\n\n"
        "use rule * from lecture as lecture_*\n\n"
        "use rule train_block from lecture as lecture_train_block with:\n    resources:\n        mem_mb=1234,\n\n"
        f"rule all:\n    default_target: True\n    input: 'ours/{TARGETS[0]}'\n"
    )
    process = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert "mem_mb=1234" in process.stdout + process.stderr
    assert (tmp_path / "ours" / TARGETS[0]).read_bytes() == (shared / "first" / TARGETS[0]).read_bytes()
    record = json.loads((tmp_path / f"ours/results/provenance/{TARGETS[0]}.json").read_text())
    assert record["path"] == f"ours/{TARGETS[0]}"


def test_a_second_run_computes_nothing_that_the_first_did(shared):
    """A job that runs leaves what it cost; one whose outputs come from the cache does not."""
    assert len(list((shared / "first/results/timings").rglob("*.json"))) == 3
    assert not list((shared / "second/results").glob("timings/**/*.json"))


@pytest.mark.parametrize("path", CACHED)
def test_what_comes_from_the_cache_has_the_same_bytes_and_its_record(shared, path):
    first, second = ((shared / name / path).read_bytes() for name in ("first", "second"))
    assert first == second
    record = f"results/provenance/{path}.json"
    assert (shared / "second" / record).read_bytes() == (shared / "first" / record).read_bytes()
    assert json.loads((shared / "second" / record).read_text())["path"] == path


def test_the_manifest_gathers_what_comes_from_the_cache(shared, monkeypatch):
    monkeypatch.chdir(shared / "second")
    assert [row["path"] for row in gather_records(TARGETS)] == sorted(
        {*CACHED} - {"results/study/line/policies.csv"}
    )


def files(cache):
    """What is in the cache, and when anything of it was changed last, its times included."""
    paths = (path for path in cache.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_ctime_ns) for path in paths}


def test_no_run_sets_a_time_in_the_cache_even_if_that_is_from_the_future(shared, tmp_path):
    """The run that filled it had a clock that was ahead; what is linked to there is copied, and not made again."""
    folder, cache = tmp_path / "third", tmp_path / "cache"
    shutil.copytree(shared / "cache", cache)
    assert run(folder, cache).returncode == 0
    linked = folder / TARGETS[0]
    assert linked.is_symlink()
    soon = time.time() + 86_400
    for path in cache.iterdir():
        os.utime(path, (soon, soon))
    before = files(cache)
    process = run(folder, cache, "--dry-run")
    assert "Nothing to be done" in process.stdout, process.stdout + process.stderr
    assert files(cache) == before
    assert not linked.is_symlink()
    assert linked.stat().st_mtime < time.time()
    assert linked.read_bytes() == (shared / "first" / TARGETS[0]).read_bytes()
