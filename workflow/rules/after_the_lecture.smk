# After the lecture: groups, divisors, clipping, other gradients, and what they do to training.
from pgpipe.lecture.after_the_lecture.specs import (
    compare_baselines,
    compare_clipping,
    compare_expected,
    compare_ways,
    split_variance,
    study_discount,
)


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
