# Direct differentiation: the steps of the derivation, and how well samples tell its result.
import pgpipe.specs.differentiation


rule check_identities:
    input:
        code=code_for(specs.differentiation.check_identities),
    output:
        table="results/trajectories/{dynamics}.csv",
    log:
        "logs/check_identities/{dynamics}.log",
    benchmark:
        "results/timings/check_identities/{dynamics}.tsv"
    wildcard_constraints:
        dynamics="line|grid",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        spec=spec_of(specs.differentiation.check_identities),
    script:
        "../scripts/check_identities.py"


rule follow_gradient:
    input:
        policies="results/study/{environment}/policies.safetensors",
        code=code_for(specs.differentiation.follow_gradient),
    output:
        table="results/convergence/{environment}/gradient_convergence.csv",
    log:
        "logs/follow_gradient/{environment}.log",
    benchmark:
        "results/timings/follow_gradient/{environment}.tsv"
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        spec=spec_of(specs.differentiation.follow_gradient),
    script:
        "../scripts/follow_gradient.py"
