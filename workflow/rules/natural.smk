# The one-dimensional example and the natural gradient.
import pgpipe.specs.natural


rule map_field:
    input:
        code=code_for(specs.natural.map_field),
    output:
        field="reports/tables/vector_field.csv",
        optimum="reports/tables/optimum.csv",
    log:
        "logs/map_field.log",
    benchmark:
        "results/timings/map_field.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.natural.map_field),
    script:
        "../scripts/map_field.py"


rule sample_field:
    input:
        code=code_for(specs.natural.sample_field),
    output:
        table="reports/tables/sampled_field.csv",
    log:
        "logs/sample_field.log",
    benchmark:
        "results/timings/sample_field.tsv"
    resources:
        mem_mb=1000,
        runtime="20m",
    params:
        spec=spec_of(specs.natural.sample_field),
    script:
        "../scripts/sample_field.py"


rule study_line:
    input:
        code=code_for(specs.natural.study_line),
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
    benchmark:
        "results/timings/study_line.tsv"
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.natural.study_line),
    script:
        "../scripts/study_line.py"


rule walk_line:
    input:
        code=code_for(specs.natural.walk_line),
    output:
        line_walks="reports/tables/line_walks.csv",
        line_spread="reports/tables/line_spread.csv",
        line_identities="reports/tables/line_identities.csv",
    log:
        "logs/walk_line.log",
    benchmark:
        "results/timings/walk_line.tsv"
    resources:
        mem_mb=1000,
        runtime="20m",
    params:
        spec=spec_of(specs.natural.walk_line),
    script:
        "../scripts/walk_line.py"


rule solve_fisher:
    input:
        code=code_for(specs.natural.solve_fisher),
    output:
        fisher_solves="reports/tables/fisher_solves.csv",
        fisher_residuals="reports/tables/fisher_residuals.csv",
        fisher_costs="reports/tables/fisher_costs.csv",
        seconds="results/natural/fisher_seconds.csv",
    log:
        "logs/solve_fisher.log",
    benchmark:
        "results/timings/solve_fisher.tsv"
    resources:
        mem_mb=3000,
        runtime="20m",
    params:
        spec=spec_of(specs.natural.solve_fisher),
    script:
        "../scripts/solve_fisher.py"


rule compare_parameterizations:
    input:
        code=code_for(specs.natural.compare_parameterizations),
    output:
        step_sizes="reports/tables/step_sizes.csv",
        step_differences="reports/tables/step_differences.csv",
    log:
        "logs/compare_parameterizations.log",
    benchmark:
        "results/timings/compare_parameterizations.tsv"
    resources:
        mem_mb=1000,
        runtime="20m",
    params:
        spec=spec_of(specs.natural.compare_parameterizations),
    script:
        "../scripts/compare_parameterizations.py"


rule compare_directions:
    input:
        code=code_for(specs.natural.compare_directions),
    output:
        direction_curves="results/directions/{environment}/direction_curves.csv",
        direction_summary="results/directions/{environment}/direction_summary.csv",
        direction_speed="results/directions/{environment}/direction_speed.csv",
    log:
        "logs/compare_directions/{environment}.log",
    benchmark:
        "results/timings/compare_directions/{environment}.tsv"
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        spec=spec_of(specs.natural.compare_directions),
    script:
        "../scripts/compare_directions.py"


rule sweep_steps:
    input:
        code=code_for(specs.natural.sweep_steps),
    output:
        step_size_scores="results/step_sizes/{environment}/step_size_scores.csv",
        step_size_ranges="results/step_sizes/{environment}/step_size_ranges.csv",
    log:
        "logs/sweep_steps/{environment}.log",
    benchmark:
        "results/timings/sweep_steps/{environment}.tsv"
    resources:
        mem_mb=2000,
        runtime="20m",
    params:
        spec=spec_of(specs.natural.sweep_steps),
    script:
        "../scripts/sweep_steps.py"
