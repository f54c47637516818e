"""The cached graph redoes exactly what depends on a change, and nothing else."""

import hashlib
import json
import os
import subprocess
import sys
from fnmatch import fnmatchcase

import pandas as pd
import pytest
from checkout import copied_run

from pgpipe.jobs.job import DREW_GLOBALLY
from pgpipe.lecture.codebook import rooms

AFTERWARDS = {
    ("write_report", "reports/lecture.html"),
    ("write_book", "reports/lecture.pdf"),
    ("write_slides", "reports/slides.html"),
    ("write_manifest", "reports/manifest.json"),
    ("gather_timings", "reports/tables/timings.csv"),
}


@pytest.fixture(scope="module")
def ran(ran, tmp_path_factory):
    """A copy of the run, as most tests here edit it."""
    return copied_run(ran, tmp_path_factory.mktemp("graph") / "pgpipe")


def rules(jobs):
    return {rule for rule, _ in jobs}


def outputs(jobs, rule):
    return {output for name, output in jobs if name == rule}


def test_a_second_run_does_nothing_though_every_file_was_touched(ran):
    for folder in ("pgpipe", "workflow"):
        for path in (ran.path / folder).rglob("*.*"):
            os.utime(path)
    os.utime(ran.path / "requirements.lock")
    assert ran.planned() == set()


def test_editing_a_figure_redraws_that_figure(ran, edit):
    edit("pgpipe/lecture/variance_reduction/figures/gradient_bias.py", "P4 Bias by", "P4 The bias by")
    drawn = ("draw_figure", "reports/figures/P4_gradient_bias.svg")
    assert ran.planned() == {drawn} | AFTERWARDS


def test_editing_an_estimator_redoes_what_uses_it(ran, edit):
    """The mean baseline: its recipe, the estimates, the sampled reference; not the total return's recipe."""
    edit("pgpipe/estimators/baselines/mean.py", "totals.sum", "1.0 * totals.sum")
    jobs = ran.planned()
    assert outputs(jobs, "train_block") == {"results/training/mean_baseline/0.csv"}
    estimates = outputs(jobs, "estimate_gradients")
    assert estimates == {f"results/study/{name}/estimates.safetensors" for name in ("line", "cartpole")}
    assert outputs(jobs, "study_causality") == {"results/causality/line/causality_identities.csv"}
    assert outputs(jobs, "train_snapshots") == {
        f"results/study/{name}/policies.safetensors" for name in ("cartpole", "small_cartpole")
    }
    assert outputs(jobs, "compute_reference") == {"results/study/cartpole/reference.safetensors"}
    assert "map_field" not in rules(jobs)


def test_editing_a_claim_evaluates_its_section(ran, edit):
    edit("pgpipe/lecture/objective/claims.py", "the largest of", "the greatest of")
    jobs = ran.planned()
    assert rules(jobs - AFTERWARDS) == {"evaluate_section", "gather_evidence"}


def test_editing_the_oracle_of_the_line_leaves_the_rest_alone(ran, edit):
    edit("pgpipe/oracles/line.py", "J -= discount", "J -= 1.0 * discount")
    jobs = ran.planned()
    assert outputs(jobs, "compute_reference") == {"results/study/line/reference.safetensors"}
    assert outputs(jobs, "estimate_gradients") == {"results/study/line/estimates.safetensors"}
    assert not rules(jobs) & {"train_block", "collect_rollouts"}
    assert {"map_field", "derive_variances"} <= rules(jobs)


def test_editing_known_dynamics_checks_the_derivation_there_again(ran, edit):
    edit("pgpipe/dynamics/line.py", "-0.5 * (x / std)", "-1 / 2 * (x / std)")
    jobs = ran.planned()
    assert outputs(jobs, "check_identities") == {"results/trajectories/line/trajectory_identities.csv"}
    assert rules(jobs - AFTERWARDS) == {
        "check_identities", "gather_table", "evaluate_section", "gather_evidence",
    }  # fmt: skip


def test_editing_text_writes_the_report_again(ran, edit):
    edit("pgpipe/lecture/line/text.md", "A walker", "Some walker")
    assert ran.planned() == AFTERWARDS


def test_the_report_depends_on_the_captions_themselves(ran):
    """A figure may be drawn again by itself; the report still has to see the new caption."""
    record = json.loads(ran.file("results/provenance/reports/lecture.html.json").read_text())
    assert "pgpipe/lecture/variance_reduction/figures/gradient_bias.py" in record["code"]


def test_a_name_that_reads_like_a_key_is_just_a_name(ran, extra):
    """Recipes, estimators and environments may be called anything."""
    recipe = "{environment: environment, estimator: estimator, learning_rate: 0.1, updates: 2}"
    line = "{id: pgpipe/Line-v0, gamma: 0.9, policy: {kind: linear_gaussian, k: 0.0, sigma: 1.0}}"
    jobs = ran.planned(
        extra(
            f"environments: {{environment: {line}}}\n"
            f"estimators: {{estimator: {{signal: total_return}}, module: {{signal: total_return}}}}\n"
            f"recipes: {{module: {recipe}}}\n"
        )
    )
    assert "results/training/module/0.csv" in outputs(jobs, "train_block")


def test_a_table_that_nothing_makes_is_an_error(ran, edit):
    edit(
        "pgpipe/lecture/variance_reduction/figures/gradient_bias.py",
        "gradient_projection: pd.DataFrame",
        "gradient_projction: pd.DataFrame",
    )
    process = ran.snakemake("--dry-run")
    assert process.returncode == 1
    assert (
        "figures.gradient_bias: unknown table 'gradient_projction'; did you mean 'gradient_projection'?"
        in process.stderr
    )


def test_editing_what_the_config_may_say_redoes_nothing(ran, edit):
    """The entries, the model of the whole, a section's block, and what it makes of it, while the specs stay."""
    for file, word in (
        ("pgpipe/config/base.py", "bootstrap resamples"),
        ("pgpipe/lecture/config.py", "The lecture: "),
        ("pgpipe/lecture/line/blocks.py", "range of the gain"),
        ("pgpipe/lecture/off_policy/specs.py", "Specs of section 6"),
    ):
        edit(file, word, word.upper())
    assert ran.planned() == set()


def test_editing_a_study_redoes_its_job_and_what_reads_it(ran, edit):
    """Another study of the same section, the horizons, is left alone."""
    edit("pgpipe/lecture/off_policy/weights.py", "Rows of `off_policy_weights.csv`", "All rows of that table")
    jobs = ran.planned()
    assert outputs(jobs, "study_off_policy") == {
        f"results/off_policy/{name}/off_policy_weights.csv" for name in ("line", "cartpole")
    }
    assert outputs(jobs, "evaluate_section") == {"results/evidence/off_policy.json"}
    assert outputs(jobs, "draw_figure") == {
        "reports/figures/P8_importance_weights.svg",
        "reports/figures/P10_off_policy_error.svg",
        "reports/figures/P26_iteration_paths.svg",
    }
    assert rules(jobs - AFTERWARDS) == {
        "study_off_policy", "gather_table", "evaluate_section", "gather_evidence", "draw_figure",
    }  # fmt: skip


def test_changing_the_lock_redoes_everything(ran, edit):
    edit("requirements.lock", "numpy==", "# numpy==")
    jobs = ran.planned()
    assert {"train_block", "map_field", "draw_figure", "list_estimators", "collect_rollouts"} <= rules(jobs)


def test_changing_a_value_redoes_what_reads_it(ran, extra):
    """More replicates: other rollouts and all that follows; training and snapshots stay."""
    jobs = ran.planned(extra("gradient_study: {replicates: 11}\n"))
    assert outputs(jobs, "collect_rollouts") == {
        f"results/study/{name}/rollouts.safetensors" for name in ("line", "cartpole")
    }
    assert not rules(jobs) & {"train_block", "train_snapshots", "measure_objective", "map_field"}


def test_more_seeds_leave_the_gradient_study_alone(ran, extra):
    jobs = ran.planned(extra("seeds: 5\n"))
    assert outputs(jobs, "train_block") == {
        f"results/training/{recipe}/1.csv" for recipe in ("mean_baseline", "total_return")
    }
    assert not rules(jobs) & {"train_snapshots", "collect_rollouts", "estimate_gradients"}


def test_one_more_learning_rate_runs_its_column_and_what_shows_it(ran, extra):
    rates = "{practice_cartpole: [0.001, 0.03, 0.1], practice_grid: null}"
    jobs = ran.planned(extra(f"learning_rate_sweep: {{learning_rates: {rates}}}\n"))
    assert outputs(jobs, "train_learning_rate") == {"results/learning_rates/practice_cartpole/0.1.csv"}
    assert outputs(jobs, "draw_figure") == {
        "reports/figures/P14_learning_rates.svg", "reports/figures/P15_supervised_ranges.svg",
    }  # fmt: skip
    assert rules(jobs - AFTERWARDS) == {
        "train_learning_rate", "summarise_learning_rates", "draw_figure", "evaluate_section", "gather_evidence",
    }  # fmt: skip


def test_one_more_batch_size_runs_its_cell_and_what_shows_it(ran, extra):
    jobs = ran.planned(extra("batch_sweep: {steps: [250, 500, 1000]}\n"))
    assert outputs(jobs, "measure_batch_size") == {"results/batches/practice_cartpole/1000/returns.csv"}
    assert outputs(jobs, "draw_figure") == {"reports/figures/P13_batch_sizes.svg"}
    assert not rules(jobs) & {"train_snapshots", "reach_stages", "train_learning_rate", "measure_noise"}


def test_swapping_two_values_is_seen(ran, extra):
    """learning_rate and the rest hold the same set of numbers, in other places."""
    base = "{environment: cartpole, estimator: total_return, learning_rate: 0.02, episodes: %d, updates: %d}"
    jobs = ran.planned(extra(f"recipes: {{total_return: {base % (3, 4)}}}\n"))
    assert outputs(jobs, "train_block") == {"results/training/total_return/0.csv"}


def test_changing_one_environment_leaves_the_others(ran, extra):
    line = (
        "{id: pgpipe/Line-v0, kwargs: {horizon: 7}, gamma: 0.95, "
        "policy: {kind: linear_gaussian, k: -0.3, sigma: 0.5}}"
    )
    jobs = ran.planned(extra(f"environments: {{line: {line}}}\n"))
    assert outputs(jobs, "collect_rollouts") == {"results/study/line/rollouts.safetensors"}
    assert outputs(jobs, "describe_problem") == {"results/problems/line/problems.csv"}
    assert "train_block" not in rules(jobs)


def test_editing_a_portrait_describes_every_problem_and_draws_them(ran, edit):
    """The words of one file are those of all problems; nothing that is measured depends on them."""
    edit("pgpipe/envs/words.py", "Walk to 0 and stay there", "Walk to 0, and stay")
    jobs = ran.planned()
    named = {"line", "cartpole", "small_cartpole", "pendulum", "grid", "bandit"}
    assert outputs(jobs, "describe_problem") >= {f"results/problems/{name}/problems.csv" for name in named}
    assert outputs(jobs, "draw_figure") == {"reports/figures/F13_problems.svg"}
    assert rules(jobs - AFTERWARDS) == {"describe_problem", "gather_table", "draw_figure"}


def test_a_new_baseline_is_one_new_file(ran, extra):
    """The file name registers it: it can be named at once, and only its signal's estimates are new."""
    new = ran.path / "pgpipe/estimators/baselines/half.py"
    none = (ran.path / "pgpipe/estimators/baselines/none.py").read_text()
    config = extra("estimators: {halved: {signal: reward_to_go, baseline: half}}\n")
    try:
        new.write_text(none)
        misnamed = ran.snakemake("--dry-run", configs=("tests/workflow/small.yaml", config))
        new.write_text(none.replace("def none(", "def half("))
        jobs = ran.planned(config)
    finally:
        new.unlink()
    message = "estimators.halved: estimators/baselines/half.py has no function 'half'; found: none"
    assert message in misnamed.stderr
    assert "Traceback" not in misnamed.stderr
    assert outputs(jobs, "estimate_gradients") == {
        f"results/study/{name}/estimates.safetensors" for name in ("line", "cartpole")
    }


def test_one_figure_needs_only_what_it_reads(ran):
    process = ran.snakemake("--dry-run", "reports/figures/F9_vector_field.svg", directory="runs/other")
    assert process.returncode == 0, process.stderr
    assert "map_field" in process.stdout
    assert "train_block" not in process.stdout


def test_wrong_config_stops_before_any_job(ran, extra):
    path = extra("resampls: 3\n")
    process = ran.snakemake(configs=("tests/workflow/small.yaml", path), directory="runs/wrong")
    assert process.returncode == 1
    assert f"{path}: resampls: unknown key; did you mean 'resamples'?" in process.stderr
    assert "Traceback" not in process.stdout + process.stderr
    assert not (ran.path / "runs/wrong/results").exists()


def test_failed_job_leaves_nothing_and_its_log_names_the_spec(ran, edit):
    edit("pgpipe/oracles/line_field.py", "rows = []", "raise ArithmeticError('put in by a test')")
    process = ran.snakemake("reports/tables/vector_field.csv", directory="runs/failed")
    assert process.returncode == 1
    log = (ran.path / "runs/failed/logs/map_field.log").read_text()
    assert log.startswith("rule map_field\nspec {")
    assert "put in by a test" in log
    assert not (ran.path / "runs/failed/reports/tables/vector_field.csv").exists()


def test_without_the_server_a_job_makes_the_same(ran):
    """As on a cluster's node, where the script runs the job in its own process."""
    table = "reports/tables/vector_field.csv"
    process = ran.snakemake("--no-hooks", table, directory="runs/no_server")
    assert process.returncode == 0, process.stdout + process.stderr
    assert (ran.path / "runs/no_server" / table).read_bytes() == ran.file(table).read_bytes()


def test_the_checkout_is_left_alone(ran):
    assert not any((ran.path / name).exists() for name in ("results", "reports", "logs", ".snakemake"))


def test_manifest_knows_every_file_of_the_report(ran):
    manifest = json.loads(ran.file("reports/manifest.json").read_text())
    rows = {row["path"]: row for row in manifest["files"]}
    reports = ran.file("reports")
    for path in reports.rglob("*"):
        name = f"reports/{path.relative_to(reports)}"
        exempt = any(fnmatchcase(name, pattern) for pattern in manifest["exempt"])
        if path.is_file() and not exempt and name != "reports/manifest.json":
            assert rows[name]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [name for name in manifest["exempt"] if "." in name] == [
        "reports/costs.html", "reports/tables/timings.csv", "results/*_seconds.csv",
    ]  # fmt: skip
    row = rows["reports/figures/P4_gradient_bias.svg"]
    assert row["rule"] == "draw_figure"
    assert row["inputs"] == ["reports/tables/estimators.csv", "reports/tables/gradient_projection.csv"]
    assert "pgpipe/lecture/variance_reduction/figures/gradient_bias.py" in row["code"]
    assert {"versions", "threads", "cpu", "platform", "config"} <= set(manifest["made"])


def test_tables_have_the_columns_others_rely_on(ran):
    expected = {
        "gradient_components": "environment,policy,estimator,batch_size,replicates,parameter,mean,"
        "standard_error,variance,effective,exact",
        "gradient_quality": "environment,policy,estimator,batch_size,replicates,bias_z,bias_norm,"
        "total_variance,variance_ratio,variance_ratio_low,variance_ratio_high,snr,cosine,cosine_low,cosine_high",
        "learning_curves": "environment,recipe,seed,update,env_steps,mean_return,evaluation_return",
    }
    for name, columns in expected.items():
        assert ran.file(f"reports/tables/{name}.csv").read_text().splitlines()[0] == columns


def test_tables_have_the_columns_that_the_codebook_declares(ran):
    """All tables that are declared, no other, and their columns in this order."""
    declared = {table.name: list(table.columns) for room in rooms() for table in room.tables}
    # for want of two actions, of a known Q, of a dataset
    missing = {"listed_contributions", "action_values", "off_policy_data", "off_policy_support", "off_policy_probabilities"}  # fmt: skip
    assert missing <= declared.keys()
    declared = {name: columns for name, columns in declared.items() if name not in missing}
    paths = ran.file("reports/tables").glob("*.csv")
    assert {path.stem: path.read_text("utf-8").partition("\n")[0].split(",") for path in paths} == declared


def test_learning_curves_hold_every_seed_at_every_update(ran):
    curves = pd.read_csv(ran.file("reports/tables/learning_curves.csv"))
    assert len(curves) == 2 * 3 * 4
    assert not curves.duplicated(["recipe", "seed", "update"]).any()


def test_components_are_exact_where_they_can_be(ran):
    components = pd.read_csv(ran.file("reports/tables/gradient_components.csv"))
    assert set(components["environment"]) == {"line"}  # the network has more than 64 parameters
    assert components["exact"].notna().all()


def test_no_job_draws_from_a_global_generator(ran):
    logs = list(ran.file("logs").rglob("*.log"))
    assert len(logs) > 50
    assert [log.name for log in logs if DREW_GLOBALLY in log.read_text()] == []


def replay(checkout, record):
    """Run a job again by its record, as one would at a prompt."""
    return subprocess.run(
        [sys.executable, str(checkout.path / "workflow/run.py"), str(record)],
        cwd=checkout.file("."), capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_job_runs_again_from_its_record(ran):
    """Also one that makes several files and reads some; what is there stays as it is."""
    record = ran.file("results/provenance/results/study/line/gradient_quality.csv.json")
    before = ran.file("results/study/line/gradient_quality.csv").stat()
    process = replay(ran, record)
    assert process.returncode == 0, process.stdout + process.stderr
    assert process.stdout.count("the same as results/study/line/") == 4
    assert ran.file("results/study/line/gradient_quality.csv").stat() == before


def test_a_replay_says_what_differs(ran, edit):
    edit("pgpipe/oracles/line_field.py", "J, *vanilla", "J + 1, *vanilla")
    process = replay(ran, ran.file("results/provenance/reports/tables/vector_field.csv.json"))
    assert process.returncode == 1
    lines = process.stdout.splitlines()
    assert "replayed/reports/tables/vector_field.csv: differs from reports/tables/vector_field.csv" in lines
    assert "replayed/reports/tables/optimum.csv: the same as reports/tables/optimum.csv" in lines


def test_a_record_says_what_made_the_file(ran):
    record = json.loads(ran.file("results/provenance/reports/tables/vector_field.csv.json").read_text())
    assert record["job"]["function"] == "pgpipe.lecture.line.vector_field:map_field"
    assert {"pgpipe/oracles/line_field.py", "requirements.lock"} <= set(record["code"])


def test_a_config_that_starts_from_nothing_plans_what_it_names(ran, extra):
    """A recipe and its curves, and nothing of the studies that it leaves out."""
    alone = extra(
        "base: none\n"
        "environments: {mine: {id: pgpipe/Coin-v0, gamma: 1.0, policy: {kind: softmax_table}}}\n"
        "recipes: {alone: {environment: mine, estimator: total_return, learning_rate: 0.1, updates: 2}}\n"
        "seeds: 2\n"
    )
    process = ran.snakemake("--dry-run", directory="runs/nothing", configs=[alone])
    assert process.returncode == 0, process.stdout + process.stderr
    assert "rule train_block:" in process.stdout
    assert "rule collect_rollouts:" not in process.stdout
    assert "rule study_off_policy:" not in process.stdout
