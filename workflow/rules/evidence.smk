# Evidence: the equations' checks and the claims' verdicts, section by section, then in two ledgers.
from pgpipe.lecture.report.specs import evaluate_section, gather_evidence


rule evaluate_section:
    input:
        tables=section_tables,
    output:
        evidence="results/evidence/{section}.json",
    log:
        "logs/evaluate_section/{section}.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(evaluate_section),
    script:
        "../run.py"


rule gather_evidence:
    input:
        sections=[f"results/evidence/{section}.json" for section in SECTIONS],
    output:
        checks="reports/checks.json",
        claims="reports/claims.json",
        cases="reports/tables/claim_cases.csv",
    log:
        "logs/gather_evidence.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(gather_evidence),
    script:
        "../run.py"
