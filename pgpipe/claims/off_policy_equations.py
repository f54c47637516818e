"""Section 6, the equations: both sides of E22 to E34 on the rollouts of another policy."""

import pandas as pd

from pgpipe.claims.identities import identity_checks
from pgpipe.evidence import Check


def e22(off_policy_identities: pd.DataFrame) -> list[Check]:
    """With f = 1 the mean of the weights is one; with f = w that of their squares is exact as well."""
    return identity_checks(off_policy_identities, "E22")


def e23(off_policy_identities: pd.DataFrame) -> list[Check]:
    """Samples of another policy, weighed, have the exact J as their mean: in a random direction."""
    return identity_checks(off_policy_identities, "E23")


def e24(off_policy_identities: pd.DataFrame) -> list[Check]:
    """And uphill, along the gradient."""
    return identity_checks(off_policy_identities, "E24")


def e25(off_policy_identities: pd.DataFrame) -> list[Check]:
    """The ratio of whole densities is the product of the policies' ratios."""
    return identity_checks(off_policy_identities, "E25")


def e26(off_policy_identities: pd.DataFrame) -> list[Check]:
    """The weighted gradient's mean is the exact gradient of the target."""
    return identity_checks(off_policy_identities, "E26")


def e27(off_policy_identities: pd.DataFrame) -> list[Check]:
    """At θ' = θ it is the on-policy gradient, to the last bit."""
    return identity_checks(off_policy_identities, "E27")


def e28(off_policy_identities: pd.DataFrame) -> list[Check]:
    """The three products, multiplied out in probabilities."""
    return identity_checks(off_policy_identities, "E28")


def e29(off_policy_identities: pd.DataFrame) -> list[Check]:
    """Causality, pair of steps by pair of steps, and its mean."""
    return identity_checks(off_policy_identities, "E29")


def e30(off_policy_identities: pd.DataFrame) -> list[Check]:
    """The weights on the rewards left out, by hand, and what its mean is."""
    return identity_checks(off_policy_identities, "E30")


def e31(off_policy_identities: pd.DataFrame) -> list[Check]:
    """The on-policy estimator as a sum over state-action pairs."""
    return identity_checks(off_policy_identities, "E31")


def e32(off_policy_identities: pd.DataFrame) -> list[Check]:
    """With exact state-action ratios the mean is that of E30."""
    return identity_checks(off_policy_identities, "E32")


def e33(off_policy_identities: pd.DataFrame) -> list[Check]:
    """State ratio times action ratio weighs each step as the product of all ratios does, on average."""
    return identity_checks(off_policy_identities, "E33")


def e34(off_policy_identities: pd.DataFrame) -> list[Check]:
    """The first-order estimator's mean is its exact expectation."""
    return identity_checks(off_policy_identities, "E34")
