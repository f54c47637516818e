# After the lecture: groups, divisors, clipping, other gradients, and what they do to training.
from pgpipe.lecture.after_the_lecture.specs.groups import (
    compare_divisors,
    measure_groups,
    recent_environments,
    train_recent,
)
from pgpipe.lecture.after_the_lecture.specs.directions import (
    compare_baselines,
    compare_clipping,
    study_discount,
)
from pgpipe.lecture.after_the_lecture.specs.ways import (
    compare_expected,
    compare_ways,
    split_variance,
)

# --- groups, divisors, training


rule measure_groups:
    output:
        group_ratios="reports/tables/group_ratios.csv",
        group_curves="reports/tables/group_curves.csv",
        group_directions="reports/tables/group_directions.csv",
        group_identities="reports/tables/group_identities.csv",
    log:
        "logs/measure_groups.log",
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        job=job_of(measure_groups),
    script:
        "../run.py"


publish(rules.measure_groups, made=CONFIG.group_study is not None)


rule compare_divisors:
    output:
        divisor_directions="reports/tables/divisor_directions.csv",
        divisor_identities="reports/tables/divisor_identities.csv",
    log:
        "logs/compare_divisors.log",
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        job=job_of(compare_divisors),
    script:
        "../run.py"


publish(rules.compare_divisors, made=CONFIG.divisor_study is not None)


rule train_recent:
    output:
        recent_curves="results/recent/{environment}/recent_curves.csv",
        recent_summary="results/recent/{environment}/recent_summary.csv",
        recent_differences="results/recent/{environment}/recent_differences.csv",
    log:
        "logs/train_recent/{environment}.log",
    resources:
        mem_mb=memory_of(train_recent),
        runtime=minutes_of(train_recent),
    params:
        job=job_of(train_recent),
    script:
        "../run.py"


publish(rules.train_recent, environment=recent_environments(CONFIG))


# Clipping, the discount in front, a baseline is more than its variance.
rule compare_clipping:
    output:
        clipping="reports/tables/clipping.csv",
        clipping_factors="reports/tables/clipping_factors.csv",
        clipping_identities="reports/tables/clipping_identities.csv",
    log:
        "logs/compare_clipping.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(compare_clipping),
    script:
        "../run.py"


publish(rules.compare_clipping, made=CONFIG.clipping_study is not None)


rule study_discount:
    output:
        discount_field="reports/tables/discount_field.csv",
        discount_circulation="reports/tables/discount_circulation.csv",
        discount_paths="reports/tables/discount_paths.csv",
        discount_ends="reports/tables/discount_ends.csv",
        discount_identities="reports/tables/discount_identities.csv",
    log:
        "logs/study_discount.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(study_discount),
    script:
        "../run.py"


publish(rules.study_discount, made=CONFIG.discount_study is not None)


rule compare_baselines:
    output:
        baseline_arms="reports/tables/baseline_arms.csv",
        baseline_pairs="reports/tables/baseline_pairs.csv",
    log:
        "logs/compare_baselines.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(compare_baselines),
    script:
        "../run.py"


publish(rules.compare_baselines, made=CONFIG.baseline_study is not None)


# Other ways to the same gradient, where the variance sits.
rule compare_ways:
    output:
        gradient_ways="reports/tables/gradient_ways.csv",
        gradient_ripples="reports/tables/gradient_ripples.csv",
        gradient_ways_identities="reports/tables/gradient_ways_identities.csv",
    log:
        "logs/compare_ways.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(compare_ways),
    script:
        "../run.py"


publish(rules.compare_ways, made=CONFIG.ways_study is not None)


rule compare_expected:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        expected_gradients="results/after_the_lecture/{environment}/expected_gradients.csv",
    log:
        "logs/compare_expected/{environment}.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(compare_expected),
    script:
        "../run.py"


publish(rules.compare_expected, environment=environments_of(CONFIG.expected_study))


rule split_variance:
    input:
        policies="results/study/{environment}/policies.safetensors",
    output:
        variance_terms="results/after_the_lecture/{environment}/variance_terms.csv",
    log:
        "logs/split_variance/{environment}.log",
    resources:
        mem_mb=2000,
        runtime="10m",
    params:
        job=job_of(split_variance),
    script:
        "../run.py"


publish(rules.split_variance, environment=environments_of(CONFIG.terms_study))
