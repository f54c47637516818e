"""One command judges the estimators of a config; its status says whether one is broken."""

import csv
import json
from textwrap import dedent

import pytest
from checkout import copied

MINE = """
estimators:
  halved: {signal: total_return, baseline: halved}
  lambda_return: {signal: gae, baseline: value, value: exact, gae_lambda: 0.3}
"""
HALVED = '''
    """Half of what the batch earned."""

    from pgpipe.estimators.facts import Facts


    @Facts(source="others")
    def halved(credit, mask):
        """The own trajectory is in it, whatever it says."""
        return credit.mean(-2, keepdim=True) / 2
    '''


@pytest.fixture
def checkout(tmp_path):
    copy = copied(tmp_path / "pgpipe")
    (copy.path / "pgpipe/estimators/baselines/halved.py").write_text(dedent(HALVED))
    (copy.path / "mine.yaml").write_text(MINE)
    return copy


def test_a_broken_estimator_is_told_and_ends_with_status_one(checkout):
    process = checkout.snakemake("certificate", configs=["mine.yaml"])
    assert process.returncode == 1
    assert "2 judged: 1 broken; 1 unbiased. Broken: halved." in process.stdout
    assert "Traceback" not in process.stdout + process.stderr
    made = checkout.file("reports/certificate.json")
    verdicts = {each["name"]: each["verdict"] for each in json.loads(made.read_text())}
    assert verdicts == {"halved": "broken", "lambda_return": "unbiased"}
    with checkout.file("reports/certificate.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 10  # of two estimators on five problems
    page = checkout.file("reports/certificate.html").read_text()
    assert page.count("<h2>") == 2
    assert "nothing own is subtracted" in page

    # nothing is judged again, and the answer is the same
    before = made.stat().st_mtime_ns
    again = checkout.snakemake("certificate", configs=["mine.yaml"])
    assert (again.returncode, again.stdout) == (1, process.stdout)
    assert made.stat().st_mtime_ns == before

    # mended, that estimator alone is judged again, and the status is zero
    baseline = checkout.path / "pgpipe/estimators/baselines/halved.py"
    baseline.write_text(baseline.read_text().replace("credit.mean(-2, keepdim=True) / 2", "0 * credit + 1"))
    before = checkout.file("results/certificate/lambda_return.json").stat().st_mtime_ns
    mended = checkout.snakemake("certificate", configs=["mine.yaml"])
    assert mended.returncode == 0
    assert "2 judged: 2 unbiased." in mended.stdout
    assert checkout.file("results/certificate/lambda_return.json").stat().st_mtime_ns == before
