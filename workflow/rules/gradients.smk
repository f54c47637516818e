# The gradient study: every estimator on the same rollouts, against the same reference.
from pgpipe.lecture.gradients.specs import (
    certify_estimators,
    collect_rollouts,
    compare_gradients,
    compute_reference,
    count_operations,
    derive_variances,
    estimate_gradients,
    list_estimators,
    list_samples,
    listed_environments,
    plane_environments,
    train_snapshots,
)


rule train_snapshots:
    output:
        policies="results/study/{environment}/policies.safetensors",
        table="results/study/{environment}/policies.csv",
        policies_record=record_of("results/study/{environment}/policies.safetensors"),
        table_record=record_of("results/study/{environment}/policies.csv"),
    log:
        "logs/train_snapshots/{environment}.log",
    cache: SHARED
    priority: 10  # the whole study waits for it
    resources:
        mem_mb=memory_of(train_snapshots),
        runtime=minutes_of(train_snapshots),
    params:
        job=job_of(train_snapshots),
    script:
        "../run.py"


publish(rules.train_snapshots, environment=environments_of(CONFIG.gradient_study))


rule collect_rollouts:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        rollouts="results/study/{environment}/rollouts.safetensors",
        stopped_cells="results/study/{environment}/stopped_cells.csv",
        rollouts_record=record_of("results/study/{environment}/rollouts.safetensors"),
        stopped_cells_record=record_of("results/study/{environment}/stopped_cells.csv"),
    log:
        "logs/collect_rollouts/{environment}.log",
    cache: SHARED
    priority: 5
    resources:
        mem_mb=memory_of(collect_rollouts),
        runtime=minutes_of(collect_rollouts),
    params:
        job=job_of(collect_rollouts),
    script:
        "../run.py"


publish(rules.collect_rollouts, environment=environments_of(CONFIG.gradient_study))


rule compute_reference:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        reference="results/study/{environment}/reference.safetensors",
    log:
        "logs/compute_reference/{environment}.log",
    resources:
        mem_mb=memory_of(compute_reference),
        runtime=minutes_of(compute_reference),
    params:
        job=job_of(compute_reference),
    script:
        "../run.py"


rule estimate_gradients:
    input:
        policies="results/study/{environment}/policies.safetensors",
        rollouts="results/study/{environment}/rollouts.safetensors",
    output:
        estimates="results/study/{environment}/estimates.safetensors",
    log:
        "logs/estimate_gradients/{environment}.log",
    resources:
        mem_mb=memory_of(estimate_gradients),
        runtime=minutes_of(estimate_gradients),
    params:
        job=job_of(estimate_gradients),
    script:
        "../run.py"


rule compare_gradients:
    input:
        policies="results/study/{environment}/policies.csv",
        reference="results/study/{environment}/reference.safetensors",
        estimates="results/study/{environment}/estimates.safetensors",
    output:
        gradient_quality="results/study/{environment}/gradient_quality.csv",
        gradient_components="results/study/{environment}/gradient_components.csv",
        gradient_projection="results/study/{environment}/gradient_projection.csv",
        gradient_reference="results/study/{environment}/gradient_reference.csv",
    log:
        "logs/compare_gradients/{environment}.log",
    resources:
        mem_mb=memory_of(compare_gradients),
        runtime=minutes_of(compare_gradients),
    params:
        job=job_of(compare_gradients),
    script:
        "../run.py"


publish(rules.compare_gradients, environment=environments_of(CONFIG.gradient_study))


rule derive_variances:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        gradient_exact_variance="results/study/{environment}/gradient_exact_variance.csv",
        gradient_reduction="results/study/{environment}/gradient_reduction.csv",
    log:
        "logs/derive_variances/{environment}.log",
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        job=job_of(derive_variances),
    script:
        "../run.py"


publish(rules.derive_variances, environment=listed_environments(CONFIG))


rule count_operations:
    input:
        policies=[
            f"results/study/{environment}/policies.safetensors"
            for environment in environments_of(CONFIG.gradient_study)
        ],
    output:
        table="reports/tables/estimator_costs.csv",
    log:
        "logs/count_operations.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        job=job_of(count_operations),
    script:
        "../run.py"


publish(rules.count_operations, made=bool(CONFIG.gradient_study))


rule certify_estimators:
    input:
        quality="reports/tables/gradient_quality.csv",
        variances="reports/tables/gradient_exact_variance.csv",
        costs="reports/tables/estimator_costs.csv",
    output:
        table="reports/tables/certificate.csv",
    log:
        "logs/certify_estimators.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(certify_estimators),
    script:
        "../run.py"


publish(rules.certify_estimators, made=bool(CONFIG.gradient_study))


rule list_estimators:
    output:
        table="reports/tables/estimators.csv",
    log:
        "logs/list_estimators.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(list_estimators),
    script:
        "../run.py"


publish(rules.list_estimators, made=bool(CONFIG.estimators))


rule list_samples:
    input:
        policies="results/study/{environment}/policies.csv",
        reference="results/study/{environment}/reference.safetensors",
        estimates="results/study/{environment}/estimates.safetensors",
    output:
        gradient_samples="results/study/{environment}/gradient_samples.csv",
    log:
        "logs/list_samples/{environment}.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(list_samples),
    script:
        "../run.py"


publish(rules.list_samples, environment=plane_environments(CONFIG))
