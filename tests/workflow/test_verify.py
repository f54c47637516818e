"""`make verify` and `make why` in a run of their own: one of everything that a user may change."""

import json
import os
import re
import subprocess
import sys

import pytest
from checkout import copied_run

CONFIG = ("--config", "tests/workflow/small.yaml")


@pytest.fixture(scope="module")
def copy(ran, tmp_path_factory):
    """A copy that several tests edit, each of which asks for what the others leave alone."""
    return copied_run(ran, tmp_path_factory.mktemp("verify") / "pgpipe")


def command(checkout, script, *arguments, **environment):
    process = subprocess.run(
        [sys.executable, f"workflow/{script}.py", *arguments, "--run", "runs/small"],
        cwd=checkout.path, capture_output=True, text=True, check=False, env=os.environ | environment,
    )  # fmt: skip
    assert "Traceback" not in process.stderr
    return process


def stages(text):
    """What is said of each stage: the causes, by its job."""
    blocks = text.split("\ndiffers from ")[1:]
    return {
        block.partition(" on\n")[0]: [
            line.strip().removeprefix("because of ")
            for line in block.splitlines()
            if line.startswith("  because of")
        ]
        for block in blocks
    }


def test_the_run_itself_is_identical_and_a_wrong_section_is_one_line(copy):
    """Compared with itself, nothing made anew."""
    same = command(copy, "verify", "--rebuilt", "runs/small")
    assert same.returncode == 0, same.stdout
    assert " identical\n" in same.stdout
    wrong = command(copy, "verify", "--section", "varianc")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("SECTION: unknown section 'varianc'; did you mean 'variance'? Known: ")


def test_a_value_a_table_and_a_library_file_are_each_named_with_the_first_stage(copy, tmp_path):
    """Section 4 made anew after one of each was changed. What depends on none of them is identical."""
    extra = tmp_path / "extra.yaml"
    extra.write_text("return_shift: {replicates: 21}\n")
    study = copy.path / "pgpipe/lecture/variance/three_samples.py"
    study.write_text(study.read_text().replace("np.linspace(", "1.0001 * np.linspace("))
    table = copy.file("reports/tables/problems.csv")
    table.write_text(table.read_text().replace("line", "lime", 1))
    configs = [*CONFIG, str(extra)]
    process = command(copy, "verify", "--section", "variance", "objective", *configs, "--cores", "2")
    assert process.returncode == 1, process.stdout + process.stderr
    found = stages(process.stdout)
    assert found["shift_returns"] == ["config return_shift.replicates: 20 → 21"]
    assert found["step_on_three_samples"] == ["code pgpipe/lecture/variance/three_samples.py: edited"]
    assert found["gather_table/problems"] == [
        f"file reports/tables/problems.csv in {copy.file('.').resolve()}: changed since its job made it"
    ]
    assert set(found) == {"shift_returns", "step_on_three_samples", "gather_table/problems"}
    page = copy.file("reports/verification.html").read_text()
    assert "pgpipe/lecture/variance/three_samples.py" in page
    assert "<td>identical</td>" in page


@pytest.mark.faults
def test_an_upgrade_is_named_with_the_numbers_that_it_moves(ran, tmp_path):
    """A line of the lock file, the version that is installed, and one function of that which gives something else."""
    checkout = copied_run(ran, tmp_path / "pgpipe")
    lock, upgraded = checkout.path / "requirements.lock", tmp_path / "upgraded"
    (line,) = re.findall(r"^numpy==.+$", lock.read_text(), re.MULTILINE)
    lock.write_text(lock.read_text().replace(line, "numpy==99.0"))
    (upgraded / "numpy-99.0.dist-info").mkdir(parents=True)
    (upgraded / "numpy-99.0.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: numpy\nVersion: 99.0\n"
    )
    (upgraded / "sitecustomize.py").write_text(
        "import numpy\nold = numpy.linspace\nnumpy.linspace = lambda *given, **named: 1.0001 * old(*given, **named)\n"
    )
    process = command(
        checkout, "verify", "--section", "variance", *CONFIG, "--cores", "2", PYTHONPATH=str(upgraded)
    )
    assert process.returncode == 1, process.stdout + process.stderr
    found, version = stages(process.stdout), line.removeprefix("numpy==")
    causes = ["lock requirements.lock: edited", f"version numpy: {version} → 99.0"]
    assert found["step_on_three_samples"] == causes
    assert all(each == causes for each in found.values()), (
        found
    )  # of pictures that draw with that function, too
    assert not {"shift_returns", "gather_table/problems"} & set(found)
    assert re.search(r"three_curves.csv: .*\d", process.stdout), process.stdout


def test_the_config_of_a_run_elsewhere_is_taken_from_its_manifest(ran, tmp_path):
    """Laid over the default one it is the same config again."""
    from pgpipe.config.files import read_config
    from pgpipe.config.reading import read_file
    from pgpipe.lecture.config import Config
    from workflow.verify import as_config

    recorded = json.loads(ran.file("reports/manifest.json").read_text())["made"]["config"]
    path = tmp_path / "recorded.yaml"
    below = ran.path / "config.yaml"
    path.write_text(json.dumps(as_config(recorded, read_file(below))))
    assert read_config(Config, below, [path]).model_dump(mode="json") == recorded


@pytest.mark.faults
def test_why_names_the_key_and_what_would_run(ran):
    """As a target of Snakemake, with the config of the run and what the command line sets."""
    environment = {**os.environ, "FIGURE": "P2"}
    config = ["--configfile", "tests/workflow/small.yaml", "--config", "return_shift={replicates: 21}"]
    process = subprocess.run(
        [sys.executable, "-m", "snakemake", "why", "--directory", "runs/small", "--cores", "1", *config],
        cwd=ran.path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    said = process.stdout
    assert "P2 The variance by the constant" in said
    assert "return_shift: batch_size, constants, environment, few, replicates" in said
    assert "pgpipe/lecture/variance/figures/return_shift.py" in said
    assert "  config return_shift.replicates: 20 → 21   (shift_returns)\n" in said
    assert "\nWould run: 2 jobs, " in said


@pytest.mark.faults
def test_why_names_the_file_and_knows_claims_and_what_is_up_to_date(copy):
    idle = command(copy, "why", "--claim", "C2", *CONFIG)
    assert idle.stdout.endswith("Nothing has changed since it was made.\n\nNothing would run.\n"), idle.stdout
    claims = copy.path / "pgpipe/lecture/direct_differentiation/claims.py"
    claims.write_text(claims.read_text() + "\n# a remark\n")
    process = command(copy, "why", "--claim", "C2", *CONFIG)
    cause = "code pgpipe/lecture/direct_differentiation/claims.py: edited   (evaluate_section/direct_differentiation)"
    assert cause in process.stdout, process.stdout
    assert "\nWould run: 1 job, " in process.stdout


@pytest.mark.faults
def test_why_works_before_anything_has_run(ran, tmp_path):
    process = subprocess.run(
        [sys.executable, "workflow/why.py", "--table", "flows", "--run", str(tmp_path / "new"), *CONFIG],
        cwd=ran.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert process.stdout.startswith("the table flows: reports/tables/flows.csv, not made yet\n")
    assert "study_line: not made yet: reports/tables/" in process.stdout


def test_why_of_a_name_that_is_not_known_is_one_line(ran):
    process = command(ran, "why", "--figure", "P100")
    assert process.returncode == 2
    assert process.stderr.startswith("FIGURE: unknown figure 'P100'; did you mean 'P1")
    assert process.stderr.count("\n") == 1
