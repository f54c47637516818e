# The ledgers of checks and claims, the report, the manifest of where everything in it comes from, and what it cost.
from pgpipe.lecture.report.specs import (
    evaluate_section,
    gather_evidence,
    gather_timings,
    write_book,
    write_manifest,
    write_report,
    write_slides,
)


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
        sections=[f"results/evidence/{section.name}.json" for section in TABLES.evaluated()],
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


rule write_report:
    input:
        tables=TABLES.paths(TABLES.told),
        figures=[f"reports/figures/{figure.name}.svg" for figure in TABLES.figures()],
        findings=[f"reports/figures/{figure.name}.md" for figure in TABLES.figures()],
        checks="reports/checks.json",
        claims="reports/claims.json",
        cases="reports/tables/claim_cases.csv",
    output:
        report="reports/lecture.html",
    log:
        "logs/write_report.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        job=job_of(write_report),
    script:
        "../run.py"


rule write_book:
    input:
        tables=TABLES.paths(TABLES.told),
        figures=[f"reports/figures/{figure.name}.svg" for figure in TABLES.figures()],
        findings=[f"reports/figures/{figure.name}.md" for figure in TABLES.figures()],
        checks="reports/checks.json",
        claims="reports/claims.json",
        cases="reports/tables/claim_cases.csv",
    output:
        book=report(
            "reports/lecture.pdf",
            caption="../captions/book.rst",
            category="00 The whole text",
            labels={"document": "lecture.pdf", "shows": "The text in print"},
        ),
    log:
        "logs/write_book.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        job=job_of(write_book),
    script:
        "../run.py"


rule write_slides:
    input:
        figures=[f"reports/figures/{figure.name}.svg" for figure in TABLES.figures()],
        findings=[f"reports/figures/{figure.name}.md" for figure in TABLES.figures()],
        claims="reports/claims.json",
    output:
        slides="reports/slides.html",
    log:
        "logs/write_slides.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        job=job_of(write_slides),
    script:
        "../run.py"


rule write_manifest:
    input:
        pages=["reports/lecture.html", "reports/lecture.pdf", "reports/slides.html"],
        pictures=[f"reports/figures/{figure.name}.png" for figure in TABLES.figures()],
    output:
        manifest="reports/manifest.json",
    log:
        "logs/write_manifest.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(write_manifest),
    script:
        "../run.py"


rule gather_timings:
    input:
        manifest="reports/manifest.json",
        computations=TABLES.timed,
    output:
        table="reports/tables/timings.csv",
        page="reports/costs.html",
    log:
        "logs/gather_timings.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(gather_timings),
    script:
        "../run.py"
