"""Section 6, the equations: both sides of E22 to E34 on the rollouts of another policy."""

from pgpipe.lecture.common.identities import Identities

IDENTITIES = Identities(
    "off_policy_identities",
    {
        "E22": "With f = 1 the mean of the weights is one; with f = w that of their squares is exact, too.",
        "E23": "Samples of another policy, weighed, have the exact J as their mean: in a random direction.",
        "E24": "And uphill, along the gradient of J.",
        "E25": "The weight is the product of the densities' ratios, multiplied out from densities by hand.",
        "E26": "The weighted gradient is the derivative of E24, and its mean the exact gradient.",
        "E27": "At θ' = θ it is the on-policy gradient: scores times returns, summed by hand.",
        "E28": "The three products, multiplied out in probabilities, with scores by automatic derivatives.",
        "E29": "Causality, pair of steps by pair of steps, by hand, and its mean.",
        "E30": "The weights on the rewards left out, by hand, and what its mean is.",
        "E31": "The on-policy estimator as a sum over state-action pairs, each with its own Q̂, by hand.",
        "E32": "With exact state-action ratios the mean is that of E30.",
        "E33": "Given state and action, the mean product of all ratios is state ratio times action ratio.",
        "E34": "The first-order estimator's mean is its exact expectation.",
    },
    by_construction={"E25": ["log p_θ'(τ)/p_θ(τ)"], "E27": ["E26's code"]},
)
