# Off-policy: rollouts of one policy, weights and gradients of others; the line by its horizon; batches used again;
# somebody's dataset.
from pgpipe.lecture.off_policy.specs import (
    dataset_environments,
    follow_horizon,
    read_dataset,
    study_dataset,
    study_off_policy,
    train_reuse,
)


rule study_off_policy:
    input:
        unpack(off_policy_inputs),
    output:
        off_policy_weights="results/off_policy/{environment}/off_policy_weights.csv",
        off_policy_gradients="results/off_policy/{environment}/off_policy_gradients.csv",
        off_policy_identities="results/off_policy/{environment}/off_policy_identities.csv",
        off_policy_paths="results/off_policy/{environment}/off_policy_paths.csv",
        off_policy_limits="results/off_policy/{environment}/off_policy_limits.csv",
    log:
        "logs/study_off_policy/{environment}.log",
    resources:
        mem_mb=memory_of(study_off_policy),
        runtime=minutes_of(study_off_policy),
    params:
        job=job_of(study_off_policy),
    script:
        "../run.py"


publish(rules.study_off_policy, environment=environments_of(CONFIG.off_policy_study))


rule follow_horizon:
    input:
        policies=horizon_policies,
    output:
        off_policy_moments="reports/tables/off_policy_moments.csv",
        off_policy_boundary="reports/tables/off_policy_boundary.csv",
        off_policy_scaling="reports/tables/off_policy_scaling.csv",
    log:
        "logs/follow_horizon.log",
    resources:
        mem_mb=memory_of(follow_horizon),
        runtime=minutes_of(follow_horizon),
    params:
        job=job_of(follow_horizon),
    script:
        "../run.py"


publish(rules.follow_horizon, made=CONFIG.horizon_study is not None)


rule train_reuse:
    output:
        reuse_curves="results/reuse/{estimator}/reuse_curves.csv",
        reuse_summary="results/reuse/{estimator}/reuse_summary.csv",
    log:
        "logs/train_reuse/{estimator}.log",
    resources:
        mem_mb=memory_of(train_reuse),
        runtime=minutes_of(train_reuse),
    params:
        job=job_of(train_reuse),
    script:
        "../run.py"


publish(rules.train_reuse, estimator=CONFIG.reuse_study.estimators if CONFIG.reuse_study else [])


rule read_dataset:
    output:
        dataset="results/off_policy/{environment}/dataset.safetensors",
        off_policy_data="results/off_policy/{environment}/off_policy_data.csv",
    log:
        "logs/read_dataset/{environment}.log",
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        job=job_of(read_dataset),
    script:
        "../run.py"


publish(rules.read_dataset, environment=dataset_environments(CONFIG))


rule study_dataset:
    input:
        policies="results/study/{environment}/policies.safetensors",
        dataset="results/off_policy/{environment}/dataset.safetensors",
    output:
        off_policy_support="results/off_policy/{environment}/off_policy_support.csv",
        off_policy_probabilities="results/off_policy/{environment}/off_policy_probabilities.csv",
    log:
        "logs/study_dataset/{environment}.log",
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        job=job_of(study_dataset),
    script:
        "../run.py"


publish(rules.study_dataset, environment=dataset_environments(CONFIG))
