# After the lecture: groups, divisors, clipping, other gradients, and what they do to training.
from pgpipe.lecture.after_the_lecture.specs import compare_baselines, compare_clipping, study_discount


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
