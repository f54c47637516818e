# The objective: how well samples tell J.
from pgpipe.lecture.objective.specs import measure_objective


rule measure_objective:
    input:
        policies="results/study/{environment}/policies.safetensors",
        reference="results/study/{environment}/reference.safetensors",
    output:
        table="results/objective/{environment}/objective_error.csv",
    log:
        "logs/measure_objective/{environment}.log",
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        job=job_of(measure_objective),
    script:
        "../run.py"


publish(rules.measure_objective, environment=environments_of(CONFIG.objective_study))
