# After the lecture: groups, divisors, clipping, other gradients, and what they do to training.
# --- groups, divisors, training
from pgpipe.lecture.after_the_lecture.specs import (
    compare_divisors,
    measure_groups,
    recent_environments,
    train_recent,
)


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
