# The report, the manifest of where everything in it comes from, and what it cost.
import pgpipe.specs.report


rule write_report:
    input:
        tables=table_paths(TABLES),
        figures=[f"reports/figures/{figure.name}.svg" for figure in plan.figures(CONFIG)],
        numbers=[f"reports/figures/{figure.name}.md" for figure in plan.figures(CONFIG)],
        checks="reports/checks.json",
        claims="reports/claims.json",
        code=code_for(specs.report.write_report, sources=REPORT_SOURCES),
    output:
        report="reports/lecture.html",
    log:
        "logs/write_report.log",
    benchmark:
        "results/timings/write_report.tsv"
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        spec=spec_of(specs.report.write_report),
    script:
        "../scripts/write_report.py"


rule write_manifest:
    input:
        report="reports/lecture.html",
        pictures=[f"reports/figures/{figure.name}.png" for figure in plan.figures(CONFIG)],
        code=code_for(specs.report.write_manifest),
    output:
        manifest="reports/manifest.json",
    log:
        "logs/write_manifest.log",
    benchmark:
        "results/timings/write_manifest.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.report.write_manifest),
    script:
        "../scripts/write_manifest.py"


rule gather_timings:
    input:
        manifest="reports/manifest.json",
        computations=plan.timed_computations(CONFIG),
        code=code_for(specs.report.gather_timings, sources=REPORT_SOURCES),
    output:
        table="reports/tables/timings.csv",
        page="reports/costs.html",
    log:
        "logs/gather_timings.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.report.gather_timings),
    script:
        "../scripts/gather_timings.py"
