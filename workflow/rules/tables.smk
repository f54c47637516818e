# Tables that are gathered: their parts, one for each environment or block, one after the other.
import pgpipe.specs.tables


rule gather_table:
    input:
        parts=table_parts,
        code=code_for(specs.tables.gather_table),
    output:
        table="reports/tables/{table}.csv",
    log:
        "logs/gather_table/{table}.log",
    benchmark:
        "results/timings/gather_table/{table}.tsv"
    wildcard_constraints:
        table="|".join(PARTS),
    resources:
        mem_mb=500,
        runtime="5m",
    params:
        spec=spec_of(specs.tables.gather_table),
    script:
        "../scripts/gather_table.py"
