# Implementation and practice: what a gradient costs, and sweeps of batch sizes and learning rates, cell by cell.
import pgpipe.specs.practice


wildcard_constraints:
    parameters=r"\d+",
    steps=r"\d+",
    learning_rate=r"[0-9.e+-]+",


rule check_implementation:
    input:
        policies="results/study/{environment}/policies.safetensors",
        code=code_for(specs.practice.check_implementation),
    output:
        table="results/implementation/{environment}.csv",
    log:
        "logs/check_implementation/{environment}.log",
    benchmark:
        "results/timings/check_implementation/{environment}.tsv"
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        spec=spec_of(specs.practice.check_implementation),
    script:
        "../scripts/check_implementation.py"


rule count_costs:
    input:
        code=code_for(specs.practice.count_costs),
    output:
        table="results/costs/{parameters}.csv",
        seconds="results/costs/{parameters}_seconds.csv",
    log:
        "logs/count_costs/{parameters}.log",
    benchmark:
        "results/timings/count_costs/{parameters}.tsv"
    resources:
        mem_mb=3000,
        runtime="20m",
    params:
        spec=spec_of(specs.practice.count_costs),
    script:
        "../scripts/count_costs.py"


rule reach_stages:
    input:
        policies=studied_policies,
        code=code_for(specs.practice.reach_stages),
    output:
        stages="results/stages/{recipe}.safetensors",
    log:
        "logs/reach_stages/{recipe}.log",
    benchmark:
        "results/timings/reach_stages/{recipe}.tsv"
    priority: 5
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        spec=spec_of(specs.practice.reach_stages),
    script:
        "../scripts/reach_stages.py"


rule measure_batch_size:
    input:
        stages="results/stages/{recipe}.safetensors",
        code=code_for(specs.practice.measure_batch_size),
    output:
        returns="results/batches/{recipe}/{steps}/returns.csv",
        cosines="results/batches/{recipe}/{steps}/cosines.csv",
    log:
        "logs/measure_batch_size/{recipe}/{steps}.log",
    benchmark:
        "results/timings/measure_batch_size/{recipe}/{steps}.tsv"
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        spec=spec_of(specs.practice.measure_batch_size),
    script:
        "../scripts/measure_batch_size.py"


rule summarise_batches:
    input:
        returns=[f"{cell}/returns.csv" for cell in plan.batch_cells(CONFIG)],
        cosines=[f"{cell}/cosines.csv" for cell in plan.batch_cells(CONFIG)],
        code=code_for(specs.practice.summarise_batches),
    output:
        batch_returns="reports/tables/batch_returns.csv",
        batch_directions="reports/tables/batch_directions.csv",
        batch_crossings="reports/tables/batch_crossings.csv",
    log:
        "logs/summarise_batches.log",
    benchmark:
        "results/timings/summarise_batches.tsv"
    resources:
        mem_mb=500,
        runtime="10m",
    params:
        spec=spec_of(specs.practice.summarise_batches),
    script:
        "../scripts/summarise_batches.py"


rule train_learning_rate:
    input:
        policies=studied_policies,
        code=code_for(specs.practice.train_learning_rate),
    output:
        column="results/learning_rates/{recipe}/{learning_rate}.csv",
    log:
        "logs/train_learning_rate/{recipe}/{learning_rate}.log",
    benchmark:
        "results/timings/train_learning_rate/{recipe}/{learning_rate}.tsv"
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        spec=spec_of(specs.practice.train_learning_rate),
    script:
        "../scripts/train_learning_rate.py"


rule summarise_learning_rates:
    input:
        columns=plan.learning_rate_columns(CONFIG),
        code=code_for(specs.practice.summarise_learning_rates),
    output:
        learning_rate_returns="reports/tables/learning_rate_returns.csv",
        learning_rate_ranges="reports/tables/learning_rate_ranges.csv",
        learning_rate_contrasts="reports/tables/learning_rate_contrasts.csv",
    log:
        "logs/summarise_learning_rates.log",
    benchmark:
        "results/timings/summarise_learning_rates.tsv"
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        spec=spec_of(specs.practice.summarise_learning_rates),
    script:
        "../scripts/summarise_learning_rates.py"


rule measure_noise:
    input:
        policies=studied_policies,
        code=code_for(specs.practice.measure_noise),
    output:
        table="results/noise/{recipe}.csv",
    log:
        "logs/measure_noise/{recipe}.log",
    benchmark:
        "results/timings/measure_noise/{recipe}.tsv"
    resources:
        mem_mb=2000,
        runtime="1h",
    params:
        spec=spec_of(specs.practice.measure_noise),
    script:
        "../scripts/measure_noise.py"
