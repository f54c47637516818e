# Evidence: the equations' checks and the claims' verdicts, section by section, then in two ledgers.
import pgpipe.specs.evidence


rule evaluate_section:
    input:
        tables=section_tables,
        code=code_for(specs.evidence.evaluate_section),
    output:
        evidence="results/evidence/{section}.json",
    log:
        "logs/evaluate_section/{section}.log",
    benchmark:
        "results/timings/evaluate_section/{section}.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.evidence.evaluate_section),
    script:
        "../scripts/evaluate_section.py"


rule gather_evidence:
    input:
        sections=[f"results/evidence/{section}.json" for section in SECTIONS],
        code=code_for(specs.evidence.gather_evidence),
    output:
        checks="reports/checks.json",
        claims="reports/claims.json",
    log:
        "logs/gather_evidence.log",
    benchmark:
        "results/timings/gather_evidence.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.evidence.gather_evidence),
    script:
        "../scripts/gather_evidence.py"
