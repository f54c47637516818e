"""One command judges the estimators of a config; its status says whether one is broken."""

import csv
import json
from textwrap import dedent

import pytest
from checkout import copied

MINE = """
plugins: [./own_parts.py]
estimators:
  of_others: {signal: reward_to_go, baseline: own_others}
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
PLUGIN = """
    from pgpipe import baseline


    @baseline(source="others")
    def own_others(credit, mask):
        '''The first credits of the others, in the mean.'''
        first = credit[..., :1]
        return (first.sum(-2, keepdim=True) - first) / (first.shape[-2] - 1)


    @baseline(source="others")
    def own_all(credit, mask):
        '''The same with the own one, which no estimator of the config has.'''
        return credit[..., :1].mean(-2, keepdim=True).expand_as(credit[..., :1])
    """


@pytest.fixture
def checkout(tmp_path):
    copy = copied(tmp_path / "pgpipe")
    (copy.path / "pgpipe/estimators/baselines/halved.py").write_text(dedent(HALVED))
    (copy.path / "mine.yaml").write_text(MINE)
    (copy.path / "own_parts.py").write_text(dedent(PLUGIN))
    return copy


def test_a_broken_estimator_is_told_and_ends_with_status_one(checkout):
    process = checkout.snakemake("certificate", configs=["mine.yaml"])
    assert process.returncode == 1
    assert "4 judged: 2 broken; 2 unbiased. Broken: halved, own_all." in process.stdout
    assert "Traceback" not in process.stdout + process.stderr
    made = checkout.file("reports/certificate.json")
    verdicts = {each["name"]: each["verdict"] for each in json.loads(made.read_text())}
    assert verdicts == {
        "of_others": "unbiased", "halved": "broken", "lambda_return": "unbiased", "own_all": "broken",
    }  # fmt: skip
    with checkout.file("reports/certificate.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 20  # of four estimators on five problems
    page = checkout.file("reports/certificate.html").read_text()
    assert page.count("<h2>") == 4
    assert "nothing own is subtracted" in page

    # nothing is judged again, and the answer is the same
    before = made.stat().st_mtime_ns
    again = checkout.snakemake("certificate", configs=["mine.yaml"])
    assert (again.returncode, again.stdout) == (1, process.stdout)
    assert made.stat().st_mtime_ns == before

    # mended, what has the mended files is judged again, nothing else, and the status is zero
    plugin = checkout.path / "own_parts.py"
    plugin.write_text(
        plugin.read_text().replace("credit[..., :1].mean(-2, keepdim=True)", "0 * credit[:1, :1]")
    )
    baseline = checkout.path / "pgpipe/estimators/baselines/halved.py"
    baseline.write_text(baseline.read_text().replace("credit.mean(-2, keepdim=True) / 2", "0 * credit + 1"))
    before = checkout.file("results/certificate/lambda_return.json").stat().st_mtime_ns
    mended = checkout.snakemake("certificate", configs=["mine.yaml"])
    assert mended.returncode == 0
    assert "4 judged: 4 unbiased." in mended.stdout
    assert checkout.file("results/certificate/lambda_return.json").stat().st_mtime_ns == before
