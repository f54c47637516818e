# The objective: how well samples tell J, and where its exact gradient points.
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


rule map_field:
    input:
        code=code_for(specs.objective.map_field),
    output:
        field="reports/tables/vector_field.csv",
        optimum="reports/tables/optimum.csv",
    log:
        "logs/map_field.log",
    benchmark:
        "results/timings/map_field.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.objective.map_field),
    script:
        "../scripts/map_field.py"
