# Shared by Scripts/torture and Scripts/cluster/mpi-check, which source it.

# Compares the records of two runs: all files but those that tell of machine and time, and of the summary all but the times.
# A report is made after the run; a kill may leave half of one under its temporary name.
same_run() {
  diff -rq -x config.json -x environment.json -x summary.json -x 'report.html*' "$1" "$2" \
    && cmp <(sed '/"timing": {/,/}/d' "$1/summary.json") <(sed '/"timing": {/,/}/d' "$2/summary.json")
}
