# The objective: the problems in which it is maximised, and how well samples tell J.
from pgpipe.lecture.objective.specs import describe_problem, measure_objective, problem_environments


rule measure_objective:
    input:
        policies="results/study/{environment}/policies.safetensors",
        reference="results/study/{environment}/reference.safetensors",
    output:
        table="results/objective/{environment}/objective_error.csv",
    log:
        "logs/measure_objective/{environment}.log",
    resources:
        mem_mb=memory_of(measure_objective),
        runtime=minutes_of(measure_objective),
    params:
        job=job_of(measure_objective),
    script:
        "../run.py"


publish(rules.measure_objective, environment=environments_of(CONFIG.objective_study))


rule describe_problem:
    output:
        problems="results/problems/{environment}/problems.csv",
        problem_traces="results/problems/{environment}/problem_traces.csv",
    log:
        "logs/describe_problem/{environment}.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(describe_problem),
    script:
        "../run.py"


publish(rules.describe_problem, environment=problem_environments(CONFIG))
