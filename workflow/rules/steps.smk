# What the gradient does: a step from each batch, and the policies behind the pictures of section 3.


rule measure_steps:
    input:
        policies="results/study/{environment}/policies.safetensors",
        code=code_for("measure_steps.py", specs.measure_steps),
    output:
        batches="results/steps/{environment}/step_batches.csv",
        trajectories="results/steps/{environment}/step_trajectories.csv",
        traces="results/steps/{environment}/step_traces.csv",
    log:
        "logs/measure_steps/{environment}.log",
    benchmark:
        "results/timings/measure_steps/{environment}.tsv"
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        spec=spec_of(specs.measure_steps),
    script:
        "../scripts/measure_steps.py"


rule gather_step_table:
    input:
        parts=[f"results/steps/{name}/{{table}}.csv" for name in specs.step_environments(CONFIG)],
        code=code_for("gather_table.py", specs.gather_table),
    output:
        table="reports/tables/{table}.csv",
    log:
        "logs/gather_step_table/{table}.log",
    benchmark:
        "results/timings/gather_step_table/{table}.tsv"
    wildcard_constraints:
        table="step_(batches|trajectories|traces)",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.gather_table),
    script:
        "../scripts/gather_table.py"
