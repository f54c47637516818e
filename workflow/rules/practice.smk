# Practice: sweeps of batch sizes and learning rates, cell by cell, and the noise of a gradient.
from pgpipe.lecture.practice.specs import (
    measure_batch_size,
    measure_noise,
    reach_stages,
    summarise_batches,
    summarise_learning_rates,
    train_learning_rate,
    train_teachers,
)


wildcard_constraints:
    steps=r"\d+",
    learning_rate=r"[0-9.e+-]+",


rule reach_stages:
    input:
        policies=studied_policies,
    output:
        stages="results/stages/{recipe}.safetensors",
    log:
        "logs/reach_stages/{recipe}.log",
    priority: 5
    resources:
        mem_mb=memory_of(reach_stages),
        runtime=minutes_of(reach_stages),
    params:
        job=job_of(reach_stages),
    script:
        "../run.py"


rule measure_batch_size:
    input:
        stages="results/stages/{recipe}.safetensors",
    output:
        returns="results/batches/{recipe}/{steps}/returns.csv",
        cosines="results/batches/{recipe}/{steps}/cosines.csv",
    log:
        "logs/measure_batch_size/{recipe}/{steps}.log",
    resources:
        mem_mb=memory_of(measure_batch_size),
        runtime=minutes_of(measure_batch_size),
    params:
        job=job_of(measure_batch_size),
    script:
        "../run.py"


# a folder for each recipe and batch size of the sweep
BATCH_CELLS = [
    f"results/batches/{recipe}/{steps}"
    for recipe in (CONFIG.batch_sweep.recipes if CONFIG.batch_sweep else [])
    for steps in CONFIG.batch_sweep.steps
]


rule summarise_batches:
    input:
        returns=[f"{cell}/returns.csv" for cell in BATCH_CELLS],
        cosines=[f"{cell}/cosines.csv" for cell in BATCH_CELLS],
    output:
        batch_returns="reports/tables/batch_returns.csv",
        batch_directions="reports/tables/batch_directions.csv",
        batch_crossings="reports/tables/batch_crossings.csv",
    log:
        "logs/summarise_batches.log",
    resources:
        mem_mb=500,
        runtime="10m",
    params:
        job=job_of(summarise_batches),
    script:
        "../run.py"


publish(rules.summarise_batches, made=bool(BATCH_CELLS))


rule train_teachers:
    output:
        teachers="results/teachers/{recipe}.safetensors",
        teachers_record=record_of("results/teachers/{recipe}.safetensors"),
    log:
        "logs/train_teachers/{recipe}.log",
    cache: SHARED
    priority: 5
    resources:
        mem_mb=memory_of(train_teachers),
        runtime=minutes_of(train_teachers),
    params:
        job=job_of(train_teachers),
    script:
        "../run.py"


rule train_learning_rate:
    input:
        teachers="results/teachers/{recipe}.safetensors",
    output:
        column="results/learning_rates/{recipe}/{learning_rate}.csv",
        column_record=record_of("results/learning_rates/{recipe}/{learning_rate}.csv"),
    log:
        "logs/train_learning_rate/{recipe}/{learning_rate}.log",
    cache: SHARED
    resources:
        mem_mb=memory_of(train_learning_rate),
        runtime=minutes_of(train_learning_rate),
    params:
        job=job_of(train_learning_rate),
    script:
        "../run.py"


# a file for each recipe and learning rate of the sweep; a number is written in its shortest form
LEARNING_RATE_COLUMNS = [
    f"results/learning_rates/{recipe}/{rate!r}.csv"
    for recipe, rates in (
        CONFIG.learning_rate_sweep.learning_rates if CONFIG.learning_rate_sweep else {}
    ).items()
    for rate in rates
]


rule summarise_learning_rates:
    input:
        columns=LEARNING_RATE_COLUMNS,
    output:
        learning_rate_returns="reports/tables/learning_rate_returns.csv",
        learning_rate_ranges="reports/tables/learning_rate_ranges.csv",
        learning_rate_contrasts="reports/tables/learning_rate_contrasts.csv",
        learning_rate_overall="reports/tables/learning_rate_overall.csv",
    log:
        "logs/summarise_learning_rates.log",
    resources:
        mem_mb=1000,
        runtime="10m",
    params:
        job=job_of(summarise_learning_rates),
    script:
        "../run.py"


publish(rules.summarise_learning_rates, made=bool(LEARNING_RATE_COLUMNS))


rule measure_noise:
    input:
        policies=studied_policies,
    output:
        table="results/noise/{recipe}/gradient_noise.csv",
    log:
        "logs/measure_noise/{recipe}.log",
    resources:
        mem_mb=memory_of(measure_noise),
        runtime=minutes_of(measure_noise),
    params:
        job=job_of(measure_noise),
    script:
        "../run.py"


publish(rules.measure_noise, recipe=CONFIG.noise_study.recipes if CONFIG.noise_study else [])
