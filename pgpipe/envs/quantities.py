"""What the numbers of an observation are, for the axes of figures."""

QUANTITIES = {
    "CartPole-v1": (
        "cart position (m)",
        "cart velocity (m/s)",
        "pole angle (rad)",
        "pole angular velocity (rad/s)",
    ),
    "Pendulum-v1": ("cos of the angle", "sin of the angle", "angular velocity (rad/s)"),
    "pgpipe/Line-v0": ("position s",),
}

# The number that shows best how an episode goes; elsewhere the first.
SHOWN = {"CartPole-v1": 2}


def quantities(id: str, n_obs: int) -> tuple[str, ...]:
    """A name with its unit for each of an environment's n_obs numbers."""
    return QUANTITIES.get(id, tuple(f"observation {i + 1}" for i in range(n_obs)))


def shown(id: str) -> int:
    """The place of the number that a trace over time shows."""
    return SHOWN.get(id, 0)
