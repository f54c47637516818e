# `FIGURE=P10 snakemake why`: what a figure, table, claim or check depends on, what has changed, what would run.


# it makes no file, so it is always done
rule why:
    log:
        "logs/why.log",
    localrule: True
    params:
        python=sys.executable,
        script=shlex.quote(str(ROOT / "workflow/why.py")),
        configs=" ".join(
            ["--config", *(shlex.quote(str(path)) for path in OVERRIDES)] if workflow.configfiles else []
        ),
    shell:
        "{params.python} {params.script} --run . {params.configs} 2>&1 | tee {log}"
