# The one-dimensional example: its field, its walks, and what is known of it without a rollout.
from pgpipe.lecture.line.specs import map_field, sample_field, study_line, walk_line


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
        job=job_of(map_field),
    script:
        "../run.py"


publish(rules.map_field, made=CONFIG.vector_field is not None)


rule sample_field:
    output:
        table="reports/tables/sampled_field.csv",
    log:
        "logs/sample_field.log",
    resources:
        mem_mb=memory_of(sample_field),
        runtime=minutes_of(sample_field),
    params:
        job=job_of(sample_field),
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
        job=job_of(study_line),
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
        job=job_of(walk_line),
    script:
        "../run.py"


publish(rules.walk_line, made=CONFIG.line_study is not None)
