"""The certificate of an estimator: what it declares, which laws it keeps, what it is worth."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from scipy.stats import t
from typing_extensions import TypedDict

from pgpipe.critics import linear_critic
from pgpipe.estimators.composition import Estimator
from pgpipe.estimators.spec import EstimatorSpec
from pgpipe.lecture.certificate.findings import Finding, findings
from pgpipe.lecture.certificate.measurements import Row, measurements, relative_cost
from pgpipe.lecture.certificate.subject import Subject

Verdict = Literal["unbiased", "biased, as it says", "broken"]

# Of all problems together, how often an unbiased estimator is called biased by measurement.
CHANCE = 1e-3

MEASURED = (
    "Where nothing is declared, no bias is measured beyond chance, of which one in 1,000 would pass it."
)


class JudgedSpec(TypedDict):
    """An estimator of the config, by name."""

    name: str
    estimator: EstimatorSpec


@dataclass(frozen=True)
class Certificate:
    """What an estimator is worth; `rows` has one for each problem, `cost` is by the total return's."""

    name: str
    parts: Mapping[str, str]
    declares: Sequence[str]
    laws: Sequence[Finding]
    rows: Sequence[Row]
    cost: float | None

    @property
    def broken(self) -> list[Finding]:
        """The laws that it breaks."""
        return [finding for finding in self.laws if finding.result == "broken"]

    @property
    def verdict(self) -> Verdict:
        """Broken, if any law is; a bias that is declared breaks none."""
        return "broken" if self.broken else "biased, as it says" if self.declares else "unbiased"

    def plain(self) -> dict[str, Any]:
        """As plain values."""
        return {"verdict": self.verdict, **asdict(self)}

    def __str__(self) -> str:
        from pgpipe.lecture.certificate.words import in_words

        return in_words([self.plain()])


def judge_estimator(spec: JudgedSpec) -> dict[str, Any]:
    """The certificate of an estimator of the config, as plain values."""
    exact = spec["estimator"]["value"] == "exact"
    estimator = Estimator.from_spec(spec["estimator"], 1.0, linear_critic)
    return judged(Subject(spec["name"], estimator, exact)).plain()


def judged(subject: Subject) -> Certificate:
    """Ask every law, and measure what can be measured."""
    found = findings(subject)
    runs = found[0].law != "it runs"
    rows = measurements(subject) if runs else []
    if runs:
        found.append(_measured(rows, subject))
    cost = relative_cost(subject) if runs else None
    return Certificate(subject.name, subject.parts, subject.declared, found, rows, cost)


def _measured(rows: Sequence[Row], subject: Subject) -> Finding:
    """|z| > t(1 - α/2m, R-1) of any of the m problems."""
    law = "measured bias"
    if subject.declared:
        return Finding(law, MEASURED, "does not apply")
    for row in rows:
        z, R = row["bias_z"], row["replicates"]
        if z is not None and abs(float(z)) > t.ppf(1 - CHANCE / 2 / len(rows), int(R or 0) - 1):
            words = f"{row['bias']:+.1f} % of ‖∇J‖, {z:.1f} standard errors ({row['problem']})"
            return Finding(law, MEASURED, "broken", words)
    return Finding(law, MEASURED, "kept")
