# The objective: how well samples tell J.
import pgpipe.specs.objective


rule measure_objective:
    input:
        policies="results/study/{environment}/policies.safetensors",
        reference="results/study/{environment}/reference.safetensors",
        code=code_for(specs.objective.measure_objective),
    output:
        table="results/objective/{environment}/objective_error.csv",
    log:
        "logs/measure_objective/{environment}.log",
    benchmark:
        "results/timings/measure_objective/{environment}.tsv"
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        spec=spec_of(specs.objective.measure_objective),
    script:
        "../scripts/measure_objective.py"
