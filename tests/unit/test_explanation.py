"""What a file depends on and why it would be made again: from a dry run's words, records, and the config's keys."""

import json
import re
from dataclasses import replace
from inspect import signature
from pathlib import Path

import pytest

from pgpipe.config.files import read_config
from pgpipe.errors import UserError
from pgpipe.explanation.asked import asked_for
from pgpipe.explanation.explaining import explain, named_by_config
from pgpipe.explanation.keys import keys_read
from pgpipe.explanation.plan import calls, jobs_behind, read_dry_run, wildcards_of
from pgpipe.explanation.words import in_words
from pgpipe.jobs.imports import checksums, sha256
from pgpipe.lecture.config import Config

ROOT = Path(__file__).resolve().parents[2]
TABLE, FIGURE = "reports/tables/return_shift.csv", "reports/figures/P2_return_shift.svg"
DRY = """\
Building DAG of jobs...
[Sat Nov 28 09:57:35 2026]
rule shift_returns:
    output: reports/tables/return_shift.csv
    log: logs/shift_returns.log
    jobid: 1
    reason: Params have changed since last execution
    resources: tmpdir=/tmp
[Sat Nov 28 09:57:35 2026]
rule draw_figure:
    input: reports/tables/return_shift.csv
    output: reports/figures/P2_return_shift.svg
    log: logs/draw_figure/P2_return_shift.log
    jobid: 0
    wildcards: figure=P2_return_shift
"""


@pytest.fixture(scope="module")
def config():
    return read_config(Config, ROOT / "config.yaml")


def record(folder, path, call, inputs, log, code=None, **spec):
    """What a job leaves: the file, and beside it what made it; `spec` and `code` are what was another then."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text("made")
    job = {
        "rule": log.split("/")[0], "function": f"{call.module}:f", "spec": {**call.spec, **spec}, "inputs": inputs,
        "outputs": {"x": path}, "log": f"logs/{log}.log", "uses": list(call.uses), "code": "",
    }  # fmt: skip
    said = {
        "path": path,
        "sha256": sha256(folder / path),
        "job": job,
        "code": {**checksums(call.module, *call.uses), **(code or {})},
    }
    place = folder / f"results/provenance/{path}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(said))


@pytest.fixture
def made(config, tmp_path):
    """A run in which the table and the figure of it were made; what was another then is asked for."""

    def make(code=None, **spec):
        table = calls()["shift_returns"](config)
        record(tmp_path, TABLE, table, {}, "shift_returns", code, **spec)
        figure = calls()["draw_figure"](config, figure="P2_return_shift")
        record(tmp_path, FIGURE, figure, {"tables": [TABLE]}, "draw_figure/P2_return_shift")
        return tmp_path

    return make


def said(folder, config, dry=DRY):
    jobs = explain(jobs_behind(FIGURE, read_dry_run(dry, folder), folder), calls(), config, folder)
    seconds = {each.job.name: 1.5 for each in jobs}
    return jobs, "\n".join(in_words(asked_for("figure", "P2"), jobs, seconds, (folder / FIGURE).is_file()))


def test_a_changed_value_is_named_old_and_new(made, config):
    jobs, text = said(made(replicates=7), config)
    now = config.return_shift.replicates
    assert [each.job.name for each in jobs] == ["shift_returns", "draw_figure/P2_return_shift"]
    assert jobs[0].causes == (f"config replicates: 7 → {now}",)
    assert jobs[1].causes == (f"made again: {TABLE}",)
    assert "\nWould run: 2 jobs, 3.0 s one after the other" in text


def test_an_edited_file_is_named(made, config):
    file = "pgpipe/lecture/variance/return_shift.py"
    jobs, text = said(made(code={file: "other"}), config)
    assert jobs[0].causes == (f"code {file}: edited",)
    assert f"Changed since it was made\n  code {file}: edited   (shift_returns)" in text


def test_a_changed_lock_file_is_named(made, config):
    jobs, _ = said(made(code={"requirements.lock": "other"}), config)
    assert jobs[0].causes == ("code requirements.lock: edited",)


def test_what_was_edited_by_hand_or_removed_is_named(made, config):
    folder = made()
    (folder / TABLE).write_text("edited")
    assert said(folder, config)[0][0].causes == (f"changed since its job made it: {TABLE}",)
    (folder / TABLE).unlink()
    assert said(folder, config)[0][0].causes == (f"gone: {TABLE}",)


def test_without_a_change_nothing_would_run(made, config):
    """Then the dry run names no job, and the records say what is behind the figure."""
    jobs, text = said(made(), config, dry="Nothing to be done\n")
    assert [each.job.name for each in jobs] == ["shift_returns", "draw_figure/P2_return_shift"]
    assert text.endswith("Nothing has changed since it was made.\n\nNothing would run.")


def test_before_a_run_all_is_not_made_yet(config, tmp_path):
    jobs, text = said(tmp_path, config)
    assert jobs[0].causes == (f"not made yet: {TABLE}",)
    assert text.startswith("P2 The variance by the constant added to the return: ")
    assert "svg, not made yet\n" in text


def test_the_keys_that_a_spec_is_made_from_are_seen(config):
    """Blocks key by key, entries as a whole; not what another study reads."""
    keys = keys_read(config, lambda: calls()["shift_returns"](config))
    block = {f"return_shift.{key}" for key in ("environment", "constants", "batch_size", "few", "replicates")}
    assert keys == block | {"environments.bandit", "seed", "resamples"}
    assert "__getattribute__" not in vars(type(config).__mro__[1])


def test_a_config_key_is_named_where_the_manifest_tells_what_it_said():
    then, now = {"study": {"replicates": 20, "n": 20}}, {"study": {"replicates": 21, "n": 20}}
    causes = ["config replicates: 20 → 21", "code a.py: edited"]
    assert named_by_config(causes, then, now) == ["config study.replicates: 20 → 21", "code a.py: edited"]
    assert named_by_config(causes, None, now) == causes


def test_every_rule_with_a_job_has_a_function_that_makes_its_spec():
    rules = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    names = {part.partition(")")[0] for part in rules.split("job=job_of(")[1:]}
    assert names <= set(calls())


def test_wildcards_follow_the_parameters_of_a_rules_function(config, tmp_path):
    """As the log's name has them, which is all that a record says of them."""
    job = read_dry_run(DRY.replace("    wildcards: figure=P2_return_shift\n", ""), tmp_path)[FIGURE]
    assert wildcards_of(replace(job, wildcards=None), calls()["draw_figure"]) == {"figure": "P2_return_shift"}


def test_logs_name_the_wildcards_in_the_order_of_the_parameters():
    rules = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    for rule, block in re.findall(r"^rule (\w+):\n((?:    .*\n|\n)+)", rules, re.MULTILINE):
        if "job=job_of(" in block:
            (log,) = re.findall(r'"logs/(.*)\.log"', block)
            assert re.findall(r"{(\w+)", log) == list(signature(calls()[rule]).parameters)[1:], rule


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [
        ("figure", "F4", "reports/figures/F3_three_samples.svg"),
        ("figure", "P2_return_shift", FIGURE),
        ("table", "flows", "reports/tables/flows.csv"),
        ("claim", "C6", "results/evidence/variance.json"),
        ("check", "E18", "results/evidence/variance_reduction.json"),
    ],
)
def test_names_lead_to_files(kind, name, path):
    assert asked_for(kind, name).path == path


def test_a_name_that_is_not_known_is_one_line():
    with pytest.raises(
        UserError, match=r"^TABLE: unknown table 'flow'; did you mean 'flows'\? Known: "
    ) as error:
        asked_for("table", "flow")
    assert "\n" not in str(error.value)


def test_a_change_that_snakemake_does_not_see_is_told(made, config):
    """Its notes were lost with `.snakemake`: the records still tell."""
    _, text = said(made(replicates=7), config, dry="Nothing to be done\n")
    assert "\nNothing would run: Snakemake has no notes of what was there before" in text
