# The certificate: estimators of one's own config or plugins, judged on small problems, by `snakemake certificate`.
import atexit
import json

from pgpipe.lecture.certificate.specs import judge_estimator, write_certificate


rule judge_estimator:
    output:
        certificate="results/certificate/{estimator}.json",
    log:
        "logs/judge_estimator/{estimator}.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        job=job_of(judge_estimator),
    script:
        "../run.py"


rule write_certificate:
    input:
        certificates=certificates,
    output:
        page="reports/certificate.html",
        table="reports/certificate.csv",
        values="reports/certificate.json",
        text="reports/certificate.txt",
    log:
        "logs/write_certificate.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(write_certificate),
    script:
        "../run.py"


# it makes no file, so it is always done, and so is what follows at the end
rule certificate:
    input:
        values="reports/certificate.json",
        text="reports/certificate.txt",
    log:
        "logs/certificate.log",
    shell:
        "cp {input.text} {log}"


onsuccess:
    if "certificate" in workflow.dag_settings.targets:
        # after the display of the run
        atexit.register(print, Path("reports/certificate.txt").read_text("utf-8"), end="")
        if any(
            each["verdict"] == "broken"
            for each in json.loads(Path("reports/certificate.json").read_text("utf-8"))
        ):
            sys.exit(1)
