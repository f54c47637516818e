"""Section 11: today's estimators against exact gradients."""
