# Tables that are gathered: their parts, as the rules before publish them, one after the other.
import pgpipe.specs.report

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
        table="|".join(TABLES.gathered),
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        job=job_of(specs.report.gather_table),
    script:
        "../run.py"
