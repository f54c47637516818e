"""Section 6, the equations: both sides of E22 to E34 on the rollouts of another policy."""

from pgpipe.lecture.common.identities import Identities

IDENTITIES = Identities(
    "off_policy_identities",
    {
        "E22": "With f = 1 the mean of the weights is one; with f = w that of their squares is exact, too.",
        "E23": "Samples of another policy, weighed, have the exact J as their mean: in a random direction.",
        "E24": "And uphill, along the gradient of J.",
        "E25": "The ratio of whole densities is the product of the policies' ratios.",
        "E26": "The weighted gradient's mean is the exact gradient of the target.",
        "E27": "At θ' = θ it is the on-policy gradient, to the last bit.",
        "E28": "The three products, multiplied out in probabilities.",
        "E29": "Causality, pair of steps by pair of steps, and its mean.",
        "E30": "The weights on the rewards left out, by hand, and what its mean is.",
        "E31": "The on-policy estimator as a sum over state-action pairs.",
        "E32": "With exact state-action ratios the mean is that of E30.",
        "E33": "State ratio times action ratio weighs a step as the product of all ratios does, on average.",
        "E34": "The first-order estimator's mean is its exact expectation.",
    },
)
