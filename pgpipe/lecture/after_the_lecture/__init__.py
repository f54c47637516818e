"""Section 11, after the lecture: what practice made of the estimator (E43 to E51, P18 to P24, C36 to C43)."""
