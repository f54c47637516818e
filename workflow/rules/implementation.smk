# Implementation: both forms of the gradient, and what each costs.
from pgpipe.lecture.implementation.specs import check_implementation, count_costs


wildcard_constraints:
    parameters=r"\d+",


rule check_implementation:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        table="results/implementation/{environment}/implementation_identities.csv",
    log:
        "logs/check_implementation/{environment}.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        job=job_of(check_implementation),
    script:
        "../run.py"


publish(rules.check_implementation, environment=environments_of(CONFIG.implementation_study))


rule count_costs:
    output:
        gradient_costs="results/costs/{parameters}/gradient_costs.csv",
        seconds="results/costs/{parameters}/gradient_costs_seconds.csv",
    log:
        "logs/count_costs/{parameters}.log",
    resources:
        mem_mb=3000,
        runtime="20m",
    params:
        job=job_of(count_costs),
    script:
        "../run.py"


publish(rules.count_costs, parameters=CONFIG.gradient_costs.parameters if CONFIG.gradient_costs else [])
