# What the gradient does: a step from each batch, and the policies behind the pictures of section 3.
import pgpipe.specs.steps


rule measure_steps:
    input:
        policies="results/study/{environment}/policies.safetensors",
        code=code_for(specs.steps.measure_steps),
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
        spec=spec_of(specs.steps.measure_steps),
    script:
        "../scripts/measure_steps.py"


rule follow_gaussian:
    input:
        policies="results/study/{environment}/policies.safetensors",
        stages="results/study/{environment}/policies.csv",
        code=code_for(specs.steps.follow_gaussian),
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
        spec=spec_of(specs.steps.follow_gaussian),
    script:
        "../scripts/follow_gaussian.py"


rule map_two_actions:
    input:
        policies=f"results/study/{TWO_ACTIONS}/policies.safetensors",
        stages=f"results/study/{TWO_ACTIONS}/policies.csv",
        code=code_for(specs.steps.map_two_actions),
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
        spec=spec_of(specs.steps.map_two_actions),
    script:
        "../scripts/map_two_actions.py"
