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
        parts=[f"results/steps/{name}/{{table}}.csv" for name in plan.environments_of(CONFIG, "step_study")],
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


rule follow_gaussian:
    input:
        policies="results/study/{environment}/policies.safetensors",
        stages="results/study/{environment}/policies.csv",
        code=code_for("follow_gaussian.py", specs.follow_gaussian),
    output:
        checks="results/gaussian/{environment}/gaussian_checks.csv",
        rollouts="results/gaussian/{environment}/gaussian_rollouts.csv",
    log:
        "logs/follow_gaussian/{environment}.log",
    benchmark:
        "results/timings/follow_gaussian/{environment}.tsv"
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        spec=spec_of(specs.follow_gaussian),
    script:
        "../scripts/follow_gaussian.py"


rule gather_gaussian_table:
    input:
        parts=[
            f"results/gaussian/{name}/{{table}}.csv"
            for name in plan.environments_of(CONFIG, "gaussian_study")
        ],
        code=code_for("gather_table.py", specs.gather_table),
    output:
        table="reports/tables/{table}.csv",
    log:
        "logs/gather_gaussian_table/{table}.log",
    benchmark:
        "results/timings/gather_gaussian_table/{table}.tsv"
    wildcard_constraints:
        table="gaussian_(checks|rollouts)",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.gather_table),
    script:
        "../scripts/gather_table.py"


rule map_two_actions:
    input:
        policies=f"results/study/{TWO_ACTIONS}/policies.safetensors",
        stages=f"results/study/{TWO_ACTIONS}/policies.csv",
        code=code_for("map_two_actions.py", specs.map_two_actions),
    output:
        table="reports/tables/two_actions.csv",
    log:
        "logs/map_two_actions.log",
    benchmark:
        "results/timings/map_two_actions.tsv"
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        spec=spec_of(specs.map_two_actions),
    script:
        "../scripts/map_two_actions.py"
