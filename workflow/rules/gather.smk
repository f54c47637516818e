# Tables that are gathered: their parts, as the rules before publish them, one after the other.
from pgpipe.lecture.report.specs import gather_table

try:
    TABLES.check()
except ConfigError as error:
    sys.exit(str(error))


rule gather_table:
    input:
        parts=table_parts,
    output:
        table="reports/tables/{table}.csv",
    log:
        "logs/gather_table/{table}.log",
    wildcard_constraints:
        table="|".join(TABLES.gathered) or "(?!)",  # in some runs there is none
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(gather_table),
    script:
        "../run.py"
