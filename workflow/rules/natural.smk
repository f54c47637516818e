# The one-dimensional example and the natural gradient.
import pgpipe.specs.natural


rule map_field:
    output:
        vector_field="reports/tables/vector_field.csv",
        optimum="reports/tables/optimum.csv",
    log:
        "logs/map_field.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(specs.natural.map_field),
    script:
        "../run.py"


publish(rules.map_field, made=CONFIG.vector_field is not None)


rule sample_field:
    output:
        table="reports/tables/sampled_field.csv",
    log:
        "logs/sample_field.log",
    resources:
        mem_mb=1000,
        runtime="20m",
    params:
        job=job_of(specs.natural.sample_field),
    script:
        "../run.py"


publish(rules.sample_field, made=CONFIG.vector_field is not None)


rule study_line:
    output:
        flows="reports/tables/flows.csv",
        flow_ends="reports/tables/flow_ends.csv",
        flow_levels="reports/tables/flow_levels.csv",
        number_line="reports/tables/number_line.csv",
        line_optima="reports/tables/line_optima.csv",
        line_derivatives="reports/tables/line_derivatives.csv",
        line_conditions="reports/tables/line_conditions.csv",
        line_updates="reports/tables/line_updates.csv",
    log:
        "logs/study_line.log",
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(specs.natural.study_line),
    script:
        "../run.py"


publish(rules.study_line, made=CONFIG.line_study is not None)


rule walk_line:
    output:
        line_walks="reports/tables/line_walks.csv",
        line_spread="reports/tables/line_spread.csv",
        line_identities="reports/tables/line_identities.csv",
    log:
        "logs/walk_line.log",
    resources:
        mem_mb=1000,
        runtime="20m",
    params:
        job=job_of(specs.natural.walk_line),
    script:
        "../run.py"


publish(rules.walk_line, made=CONFIG.line_study is not None)


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
        job=job_of(specs.natural.solve_fisher),
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
        job=job_of(specs.natural.compare_parameterizations),
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
        mem_mb=2000,
        runtime="20m",
    params:
        job=job_of(specs.natural.compare_directions),
    script:
        "../run.py"


publish(rules.compare_directions, environment=specs.natural.direction_environments(CONFIG))


rule sweep_steps:
    output:
        step_size_scores="results/step_sizes/{environment}/step_size_scores.csv",
        step_size_ranges="results/step_sizes/{environment}/step_size_ranges.csv",
    log:
        "logs/sweep_steps/{environment}.log",
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        job=job_of(specs.natural.sweep_steps),
    script:
        "../run.py"


publish(rules.sweep_steps, environment=specs.natural.step_size_environments(CONFIG))
