"""What every claim owes its reader, whatever came out."""

from pgpipe.lecture.common.evidence import Claim


def assert_readable(claim: Claim) -> None:
    """No text is empty, and what is not supported has a reason, what is may have a condition; no word of a number that is none."""
    for field in ("test", "found", "rule", "quantity", "n_counts", "figure"):
        assert getattr(claim, field), field
    assert claim.because or claim.verdict == "supported"
    assert "nan" not in claim.because
    assert len({(case.name, case.quantity) for case in claim.cases}) == len(claim.cases)
