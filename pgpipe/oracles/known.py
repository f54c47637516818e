"""Which problems are known exactly. There is no tensor in here, so that the config may ask."""

# Environments whose J and ∇J are known exactly, for this kind of policy, and the module that knows them.
EXACT = {
    ("pgpipe/Line-v0", "linear_gaussian"): "pgpipe.oracles.line",
    ("pgpipe/Grid-v0", "softmax_table"): "pgpipe.oracles.grid",
    ("pgpipe/Bandit-v0", "linear_gaussian"): "pgpipe.oracles.bandit",
    ("pgpipe/Chain-v0", "softmax_table"): "pgpipe.oracles.chain",
    ("pgpipe/Coin-v0", "softmax_table"): "pgpipe.oracles.coin",
    ("pgpipe/Prompts-v0", "softmax_table"): "pgpipe.oracles.prompts",
}

# What else an oracle has, by what signals ask for: Q of any action, and how reward and next state change.
KNOWS = {
    "action_values": tuple(id for id, _ in EXACT),
    "slopes": ("pgpipe/Line-v0", "pgpipe/Bandit-v0"),
}
