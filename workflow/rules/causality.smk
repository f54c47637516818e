# Causality and baselines: what an action cannot change, and what a constant cannot.
import pgpipe.specs.causality


rule study_causality:
    input:
        policies="results/study/{environment}/policies.safetensors",
        rollouts="results/study/{environment}/rollouts.safetensors",
        code=code_for(specs.causality.study_causality),
    output:
        identities="results/causality/{environment}/causality_identities.csv",
        effects="results/causality/{environment}/causality_effects.csv",
    log:
        "logs/study_causality/{environment}.log",
    benchmark:
        "results/timings/study_causality/{environment}.tsv"
    resources:
        mem_mb=4000,
        runtime="20m",
    params:
        spec=spec_of(specs.causality.study_causality),
    script:
        "../scripts/study_causality.py"
