# Direct differentiation: the steps of the derivation, and how well samples tell its result.
from pgpipe.lecture.direct_differentiation.specs import check_identities, follow_gradient, known_dynamics


rule check_identities:
    output:
        table="results/trajectories/{dynamics}/trajectory_identities.csv",
    log:
        "logs/check_identities/{dynamics}.log",
    wildcard_constraints:
        dynamics="line|grid",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(check_identities),
    script:
        "../run.py"


publish(rules.check_identities, dynamics=known_dynamics(CONFIG))


rule follow_gradient:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        table="results/convergence/{environment}/gradient_convergence.csv",
    log:
        "logs/follow_gradient/{environment}.log",
    resources:
        mem_mb=memory_of(follow_gradient),
        runtime=minutes_of(follow_gradient),
    params:
        job=job_of(follow_gradient),
    script:
        "../run.py"


publish(rules.follow_gradient, environment=environments_of(CONFIG.convergence_study))
