"""The parameter u that a policy of the line has for its spread σ: σ itself, log σ or σ²."""

from math import e, log
from typing import Any


def sigma_of(u: Any, parameterization: str) -> Any:
    """σ = u (`sigma`), eᵘ (`log_sigma`) or √|u| (`sigma_squared`), of numbers, arrays or tensors."""
    if parameterization == "sigma":
        return u
    return e**u if parameterization == "log_sigma" else abs(u) ** 0.5


def slope_of(u: Any, parameterization: str) -> Any:
    """∂σ/∂u: 1, σ or ±1/(2σ)."""
    if parameterization == "sigma":
        return u**0
    sigma = sigma_of(u, parameterization)
    return sigma if parameterization == "log_sigma" else u / (2 * sigma**3)


def parameter_of(sigma: float, parameterization: str) -> float:
    """The u whose σ this is: σ, log σ or σ²."""
    if parameterization == "sigma":
        return sigma
    return log(sigma) if parameterization == "log_sigma" else sigma**2
