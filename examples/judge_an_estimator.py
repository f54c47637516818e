"""A baseline of your own, judged: `python examples/judge_an_estimator.py`, half a minute at the most.

The idea: subtract from every trajectory the mean return of the batch. It is wrong, and the certificate says
why; the same with the own trajectory left out is right.
"""

import torch
from torch import Tensor

from pgpipe import Estimator, Facts, certify, collect, estimate, exact_gradient, initial, make_environment
from pgpipe.estimators.signals.total_return import total_return

# A walker on a line: states, actions and noise are normal, so that ∇J is known in closed form.
line = make_environment(
    "pgpipe/Line-v0",
    gamma=0.9,
    horizon=5,
    policy={"kind": "linear_gaussian", "k": -0.4, "sigma": 0.7},
)
theta = initial(line)


# A part asks for what it needs by naming its parameters: credits, (N, 1) for the total return, and which of
# them there are. It says of itself that it is made of the *other* trajectories, which is not true.
@Facts(source="others", average="all steps")
def mean_of_all(credit: Tensor, mask: Tensor) -> Tensor:
    """The mean over the batch."""
    return credit.mean(-2, keepdim=True)


@Facts(source="others", average="all steps")
def mean_of_others(credit: Tensor, mask: Tensor) -> Tensor:
    """The mean over all others: what is left of the sum, over one less."""
    return (credit.sum(-2, keepdim=True) - credit) / (credit.shape[-2] - 1)


wrong = Estimator(total_return, mean_of_all, gamma=0.9)
right = Estimator(total_return, mean_of_others, gamma=0.9)

# Two hundred batches of four: on average the one estimator is ∇J, and the other is three quarters of it.
print("∇J     ", exact_gradient(line, theta).round(2))
batches = [collect(line, theta, 4, seed=seed) for seed in range(200)]
for name, estimator in (("wrong", wrong), ("right", right)):
    estimates = torch.stack([estimate(line, theta, batch, estimator) for batch in batches])
    print(f"{name}  ", estimates.mean(0).numpy().round(2))

# The certificate finds the mistake without chance, and names it.
print()
print(certify(wrong, "wrong"))
print(certify(right, "right").verdict)
