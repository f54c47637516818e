# Causality and baselines: what an action cannot change, and what a constant cannot.
import pgpipe.specs.causality


rule study_causality:
    input:
        policies="results/study/{environment}/policies.safetensors",
        rollouts="results/study/{environment}/rollouts.safetensors",
    output:
        causality_identities="results/causality/{environment}/causality_identities.csv",
        causality_effects="results/causality/{environment}/causality_effects.csv",
    log:
        "logs/study_causality/{environment}.log",
    resources:
        mem_mb=4000,
        runtime="20m",
    params:
        job=job_of(specs.causality.study_causality),
    script:
        "../run.py"


publish(rules.study_causality, environment=environments_of(CONFIG.causality_study))
