# The gradient study: every estimator on the same rollouts, against the same reference.
import pgpipe.specs.gradients


rule collect_rollouts:
    input:
        policies="results/study/{environment}/policies.safetensors",
        code=code_for(specs.gradients.collect_rollouts),
    output:
        rollouts="results/study/{environment}/rollouts.safetensors",
    log:
        "logs/collect_rollouts/{environment}.log",
    benchmark:
        "results/timings/collect_rollouts/{environment}.tsv"
    priority: 5
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        spec=spec_of(specs.gradients.collect_rollouts),
    script:
        "../scripts/collect_rollouts.py"


rule compute_reference:
    input:
        policies="results/study/{environment}/policies.safetensors",
        code=code_for(specs.gradients.compute_reference),
    output:
        reference="results/study/{environment}/reference.safetensors",
    log:
        "logs/compute_reference/{environment}.log",
    benchmark:
        "results/timings/compute_reference/{environment}.tsv"
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        spec=spec_of(specs.gradients.compute_reference),
    script:
        "../scripts/compute_reference.py"


rule estimate_gradients:
    input:
        policies="results/study/{environment}/policies.safetensors",
        rollouts="results/study/{environment}/rollouts.safetensors",
        code=code_for(specs.gradients.estimate_gradients),
    output:
        estimates="results/study/{environment}/estimates.safetensors",
    log:
        "logs/estimate_gradients/{environment}.log",
    benchmark:
        "results/timings/estimate_gradients/{environment}.tsv"
    resources:
        mem_mb=4000,
        runtime="1h",
    params:
        spec=spec_of(specs.gradients.estimate_gradients),
    script:
        "../scripts/estimate_gradients.py"


rule compare_gradients:
    input:
        policies="results/study/{environment}/policies.csv",
        reference="results/study/{environment}/reference.safetensors",
        estimates="results/study/{environment}/estimates.safetensors",
        code=code_for(specs.gradients.compare_gradients),
    output:
        gradient_quality="results/study/{environment}/gradient_quality.csv",
        gradient_components="results/study/{environment}/gradient_components.csv",
        gradient_projection="results/study/{environment}/gradient_projection.csv",
        gradient_reduction="results/study/{environment}/gradient_reduction.csv",
        gradient_reference="results/study/{environment}/gradient_reference.csv",
    log:
        "logs/compare_gradients/{environment}.log",
    benchmark:
        "results/timings/compare_gradients/{environment}.tsv"
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        spec=spec_of(specs.gradients.compare_gradients),
    script:
        "../scripts/compare_gradients.py"


rule derive_variances:
    input:
        policies="results/study/{environment}/policies.safetensors",
        code=code_for(specs.gradients.derive_variances),
    output:
        table="results/study/{environment}/gradient_exact_variance.csv",
    log:
        "logs/derive_variances/{environment}.log",
    benchmark:
        "results/timings/derive_variances/{environment}.tsv"
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        spec=spec_of(specs.gradients.derive_variances),
    script:
        "../scripts/derive_variances.py"


rule count_operations:
    input:
        policies=[
            f"results/study/{environment}/policies.safetensors"
            for environment in CONFIG.gradient_study.environments
        ],
        code=code_for(specs.gradients.count_operations),
    output:
        table="reports/tables/estimator_costs.csv",
    log:
        "logs/count_operations.log",
    benchmark:
        "results/timings/count_operations.tsv"
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        spec=spec_of(specs.gradients.count_operations),
    script:
        "../scripts/count_operations.py"


rule certify_estimators:
    input:
        quality="reports/tables/gradient_quality.csv",
        variances="reports/tables/gradient_exact_variance.csv",
        costs="reports/tables/estimator_costs.csv",
        code=code_for(specs.gradients.certify_estimators),
    output:
        table="reports/tables/certificate.csv",
    log:
        "logs/certify_estimators.log",
    benchmark:
        "results/timings/certify_estimators.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.gradients.certify_estimators),
    script:
        "../scripts/certify_estimators.py"


rule list_estimators:
    input:
        code=code_for(specs.gradients.list_estimators),
    output:
        table="reports/tables/estimators.csv",
    log:
        "logs/list_estimators.log",
    benchmark:
        "results/timings/list_estimators.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.gradients.list_estimators),
    script:
        "../scripts/list_estimators.py"
