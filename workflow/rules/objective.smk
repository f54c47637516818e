# The objective: how well samples tell J, and where its exact gradient points.


rule measure_objective:
    input:
        policies="results/study/{environment}/policies.safetensors",
        reference="results/study/{environment}/reference.safetensors",
        code=code_for("measure_objective.py", specs.measure_objective),
    output:
        table="results/objective/{environment}.csv",
    log:
        "logs/measure_objective/{environment}.log",
    benchmark:
        "results/timings/measure_objective/{environment}.tsv"
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        spec=spec_of(specs.measure_objective),
    script:
        "../scripts/measure_objective.py"


rule gather_objective_table:
    input:
        parts=[f"results/objective/{name}.csv" for name in plan.environments_of(CONFIG, "objective_study")],
        code=code_for("gather_table.py", specs.gather_table),
    output:
        table="reports/tables/objective_error.csv",
    log:
        "logs/gather_objective_table.log",
    benchmark:
        "results/timings/gather_objective_table.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.gather_table),
    script:
        "../scripts/gather_table.py"


rule map_field:
    input:
        code=code_for("map_field.py", specs.map_field),
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
        spec=spec_of(specs.map_field),
    script:
        "../scripts/map_field.py"
