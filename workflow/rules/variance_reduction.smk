# Causality and baselines: what an action cannot change, and what a constant cannot.
from pgpipe.lecture.variance_reduction.specs import (
    blocks,
    environments_with_action_values,
    list_contributions,
    measure_action_values,
    study_causality,
    summarise_learning,
    train_block,
    two_action_environments,
)


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
        job=job_of(study_causality),
    script:
        "../run.py"


publish(rules.study_causality, environment=environments_of(CONFIG.causality_study))


rule measure_action_values:
    input:
        policies="results/study/{environment}/policies.safetensors",
        rollouts="results/study/{environment}/rollouts.safetensors",
    output:
        action_values="results/causality/{environment}/action_values.csv",
    log:
        "logs/measure_action_values/{environment}.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(measure_action_values),
    script:
        "../run.py"


publish(rules.measure_action_values, environment=environments_with_action_values(CONFIG))


rule list_contributions:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        listed_contributions="results/study/{environment}/listed_contributions.csv",
    log:
        "logs/list_contributions/{environment}.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(list_contributions),
    script:
        "../run.py"


publish(rules.list_contributions, environment=two_action_environments(CONFIG))


rule train_block:
    output:
        curves="results/training/{recipe}/{block}.csv",
        curves_record=record_of("results/training/{recipe}/{block}.csv"),
    log:
        "logs/train_block/{recipe}/{block}.log",
    cache: SHARED
    resources:
        mem_mb=memory_of(train_block),
        runtime=minutes_of(train_block),
    params:
        job=job_of(train_block),
    script:
        "../run.py"


rule summarise_learning:
    input:
        curves=[f"results/training/{recipe}/{block}.csv" for recipe, block in blocks(CONFIG)],
    output:
        learning_curves="reports/tables/learning_curves.csv",
        stopped_seeds="reports/tables/stopped_seeds.csv",
        learning_summary="reports/tables/learning_summary.csv",
        learning_improvement="reports/tables/learning_improvement.csv",
        learning_profiles="reports/tables/learning_profiles.csv",
        learning_scores="reports/tables/learning_scores.csv",
    log:
        "logs/summarise_learning.log",
    resources:
        mem_mb=memory_of(summarise_learning),
        runtime=minutes_of(summarise_learning),
    params:
        job=job_of(summarise_learning),
    script:
        "../run.py"


publish(rules.summarise_learning, made=bool(blocks(CONFIG)))
