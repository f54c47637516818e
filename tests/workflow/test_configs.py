"""Snakemake takes the config from files, the command line and other workflows, whatever the checkout's path."""

import os
import subprocess
import sys

import pytest
from checkout import ROOT, copied

ONE_TABLE = "reports/tables/estimators.csv"


def snakemake(folder, *arguments, python=sys.executable, checkout=ROOT):
    """The finished process, run in the checkout with a folder for all it writes."""
    command = [python, "-m", "snakemake", "--cores", "1", "--directory", str(folder), *arguments]
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    return subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)


def told(process):
    """What is said, but for the line about the profile."""
    return [line for line in process.stderr.splitlines() if line and not line.startswith("Using workflow")]


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.yaml"
    path.touch()
    return path


def test_an_empty_file_and_key_paths_are_taken(tmp_path, mine):
    process = snakemake(
        tmp_path,
        "-n",
        "--configfile",
        mine,
        "--config",
        "recipes.gae.learning_rate=1e-3",
        "seed=7",
        "--",
        ONE_TABLE,
    )
    assert process.returncode == 0, process.stderr
    assert "list_estimators" in process.stdout


def test_mistakes_in_them_are_lines_of_ours(tmp_path, mine):
    """Where Snakemake would stop with a traceback before it has seen the Snakefile."""
    mine.write_bytes(b"# f\xfcr mich\n")
    process = snakemake(tmp_path, "-n", "--configfile", mine)
    assert told(process) == [
        f"{mine}: line 1: found the byte 0xfc; allowed: text in UTF-8, as which most editors can save it"
    ]
    (*_, last) = told(snakemake(tmp_path, "-n", "--config", "gradient_study.replicats=20"))
    assert last.startswith("  --config: gradient_study.replicats: unknown key; did you mean 'replicates'?")


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ('{"base": "none", "recipes": {"line_adam": {"environment": "line", "estimator": "time_mean", "learning_rate": 1}}}',
         "pg_list_estimators"),
        ('{"seeeds": 2}', "  the config given to the module: seeeds: unknown key; did you mean 'seeds'?"),
    ],
)  # fmt: skip
def test_a_module_has_the_config_that_it_is_given(tmp_path, config, words):
    (tmp_path / "Snakefile").write_text(
        f"module pg:\n    snakefile: {str(ROOT / 'Snakefile')!r}\n    config: {config}\n\n"
        f"use rule * from pg as pg_*\n\nrule all:\n    default_target: True\n    input: {ONE_TABLE!r}\n"
    )
    process = snakemake(tmp_path, "-n", "--snakefile", str(tmp_path / "Snakefile"))
    assert words in process.stdout + process.stderr
    assert process.returncode == ("seeeds" in config)


def test_two_modules_with_other_plugins_are_refused_in_a_line(tmp_path):
    """They would be one process, whose plugins are those of the last; with the same ones there may be two."""
    configs = []
    for name in ("first", "other"):
        (tmp_path / f"{name}.py").write_text(f"name = {name!r}\n")
        recipe = {"environment": "line", "estimator": "time_mean", "learning_rate": 1}
        configs.append(
            {"base": "none", "recipes": {"line_adam": recipe}, "plugins": [str(tmp_path / f"{name}.py")]}
        )

    def two_modules(second):
        modules = [
            f"module {name}:\n    snakefile: {str(ROOT / 'Snakefile')!r}\n    prefix: {name!r}\n    config: {config}\n\n"
            f"use rule * from {name} as {name}_*\n\n"
            for name, config in (("one", configs[0]), ("two", second))
        ]
        tables = f"rule all:\n    default_target: True\n    input: 'one/{ONE_TABLE}', 'two/{ONE_TABLE}'\n"
        (tmp_path / "Snakefile").write_text("".join([*modules, tables]))
        return snakemake(tmp_path, "-n", "--snakefile", str(tmp_path / "Snakefile"))

    (line,) = told(two_modules(configs[1]))
    assert line == (
        f"module two: found other plugins ({tmp_path}/other.py) than in another module of pgpipe ({tmp_path}/first.py); "
        "allowed: the same in all modules of a workflow, or a workflow for each"
    )
    same = two_modules(configs[0])
    assert same.returncode == 0, same.stdout + same.stderr
    assert "two_list_estimators" in same.stdout


def test_a_section_by_itself_is_made_of_its_own_tables(tmp_path):
    process = snakemake(tmp_path, "-n", "--quiet", "reason", "--config", "sections=[variance]")
    rules = {
        line.split()[1].rstrip(":")
        for line in process.stdout.splitlines()
        if line.startswith(("rule ", "localrule "))
    }
    assert rules == {
        "shift_returns", "step_on_three_samples", "draw_figure", "evaluate_section", "gather_evidence", "write_report",
        "write_book", "write_slides", "write_manifest", "gather_timings", "lecture",
    }  # fmt: skip


def test_an_archive_of_a_run_elsewhere_is_refused_with_what_to_do(tmp_path):
    (line,) = told(snakemake(tmp_path, "--archive", "run.tar.gz"))
    assert line.startswith("--archive: found a run in another folder than the checkout")
    assert line.endswith(f"tar -czf archive.tar.gz {ROOT} {tmp_path}")


def test_blanks_quotes_braces_and_umlauts_in_every_path(tmp_path):
    """Of the checkout, of Python's environment and of the run."""
    odd = tmp_path / 'a b\'s "q" {x} ü'
    checkout = copied(odd / "pgpipe").path
    (odd / "venv").symlink_to(sys.prefix)
    process = snakemake(odd / "run", "--", ONE_TABLE, python=str(odd / "venv/bin/python"), checkout=checkout)
    assert process.returncode == 0, process.stdout + process.stderr
    assert (odd / "run" / ONE_TABLE).is_file()
