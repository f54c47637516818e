# The natural gradient: solving for it, what it does not depend on, and what it brings.
from pgpipe.lecture.natural_gradient.specs import (
    compare_directions,
    compare_parameterizations,
    direction_environments,
    solve_fisher,
    step_size_environments,
    sweep_steps,
)


rule solve_fisher:
    output:
        fisher_solves="reports/tables/fisher_solves.csv",
        fisher_residuals="reports/tables/fisher_residuals.csv",
        fisher_costs="reports/tables/fisher_costs.csv",
        seconds="results/natural/fisher_seconds.csv",
    log:
        "logs/solve_fisher.log",
    resources:
        mem_mb=3000,
        runtime="20m",
    params:
        job=job_of(solve_fisher),
    script:
        "../run.py"


publish(rules.solve_fisher, made=CONFIG.natural_study is not None)


rule compare_parameterizations:
    output:
        step_sizes="reports/tables/step_sizes.csv",
        step_differences="reports/tables/step_differences.csv",
    log:
        "logs/compare_parameterizations.log",
    resources:
        mem_mb=1000,
        runtime="20m",
    params:
        job=job_of(compare_parameterizations),
    script:
        "../run.py"


publish(rules.compare_parameterizations, made=CONFIG.natural_study is not None)


rule compare_directions:
    output:
        direction_curves="results/directions/{environment}/direction_curves.csv",
        direction_summary="results/directions/{environment}/direction_summary.csv",
        direction_speed="results/directions/{environment}/direction_speed.csv",
    log:
        "logs/compare_directions/{environment}.log",
    resources:
        mem_mb=memory_of(compare_directions),
        runtime=minutes_of(compare_directions),
    params:
        job=job_of(compare_directions),
    script:
        "../run.py"


publish(rules.compare_directions, environment=direction_environments(CONFIG))


rule sweep_steps:
    output:
        step_size_scores="results/step_sizes/{environment}/step_size_scores.csv",
        step_size_ranges="results/step_sizes/{environment}/step_size_ranges.csv",
        step_size_contrasts="results/step_sizes/{environment}/step_size_contrasts.csv",
    log:
        "logs/sweep_steps/{environment}.log",
    resources:
        mem_mb=memory_of(sweep_steps),
        runtime=minutes_of(sweep_steps),
    params:
        job=job_of(sweep_steps),
    script:
        "../run.py"


publish(rules.sweep_steps, environment=step_size_environments(CONFIG))
