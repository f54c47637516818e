# `FIGURE=P10 snakemake why`: what a figure, table, claim or check depends on, what has changed, what would run.


# it makes no file, so it is always done
rule why:
    log:
        "logs/why.log",
    localrule: True
    params:
        python=sys.executable,
        script=shlex.quote(str(ROOT / "workflow/why.py")),
        configs=shlex.join(["--config", *map(str, OVERRIDES)] if workflow.configfiles else []),
        settings=shlex.join(["--set", *ARGUMENTS] if ARGUMENTS else []),
    shell:
        "{params.python} {params.script} --run . {params.configs} {params.settings} 2>&1 | tee {log}"
