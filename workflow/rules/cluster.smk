# On a cluster's node. A submission of several jobs is a Snakemake that is told to make them, by one more Snakemake for
# each, as the groups that a profile names are not passed on: here they are, so that it is one for all of them. No hook
# is called in it, so what `onstart` does for local jobs is done here.
if workflow.remote_exec and "--executor" in sys.argv:
    for rule_name, group in json.loads(os.environ.get(GROUPS, "{}")).items():
        workflow.get_rule(rule_name).group = group
elif workflow.remote_exec and not sys.argv[sys.argv.index("--target-jobs") + 2].startswith("--"):
    fork_server.start(PYTHON)
