"""Write numbers that add up to the one in the prompt, and stop: a task with a verifiable reward."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

from pgpipe.envs.finite_horizon import FiniteHorizonEnv, FiniteHorizonVectorEnv

STOP = 0  # the token that ends a response


class PromptsVectorEnv(FiniteHorizonVectorEnv):
    """The prompt is one of the `targets`, a number n; a response is right if its tokens add up to n.

    | space       | shape, range                      | meaning                                     |
    |-------------|-----------------------------------|---------------------------------------------|
    | observation | (targets × (limit × vocabulary    | the prompt and the sum written so far       |
    |             | + 1),), one-hot                   |                                             |
    | action      | {0, 1, …, vocabulary}             | stop, or a token that adds so much          |

    All prompts are equally likely, and not equally hard: who writes at random is right with probability 4/27,
    3/27 and 1/27 for the three targets there are unless told otherwise. A response ends with a stop, which
    counts as a step, or with its step number `limit`. The reward comes with the last step: 1 for a right sum,
    else 0; with `partial` credit it is max(0, 1 - |sum - n|/n). Right responses differ in length: 2 is
    written 2, or 1 1.
    """

    id = "pgpipe/Prompts-v0"

    def __init__(
        self,
        num_envs: int = 1,
        targets: Sequence[int] = (2, 5, 6),
        vocabulary: int = 2,
        limit: int = 3,
        partial: bool = False,
    ) -> None:
        if not all(isinstance(number, int) and number >= 1 for number in (vocabulary, limit)):
            raise ValueError(
                f"vocabulary and limit must be whole numbers of at least 1, got {vocabulary=}, {limit=}"
            )
        most = limit * vocabulary
        if not targets or not all(isinstance(n, int) and 1 <= n <= most for n in targets):
            raise ValueError(
                f"targets: found {list(targets)}; allowed: whole numbers from 1 to {most}, limit × vocabulary"
            )
        self.targets, self.vocabulary, self.partial = np.array(targets), vocabulary, partial
        self.prompts, self.sums = len(targets), most + 1  # sums from 0 to the largest
        one_hot = Box(0.0, 1.0, shape=(self.prompts * self.sums,), dtype=np.float64)
        super().__init__(num_envs, limit, one_hot, Discrete(vocabulary + 1))

    def start(self, n: int) -> NDArray[np.int64]:
        """Any prompt, with nothing written.  -> (2, n)."""
        return np.stack([self.np_random.integers(0, self.prompts, n), np.zeros(n, dtype=np.int64)])

    def move(self, actions: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Write a token, or stop; what was written is judged with the last step."""
        prompt, total = self.state
        # rows that are over fall on, and stay within what can be observed
        total = np.minimum(total + actions, self.sums - 1)
        self.state = np.stack([prompt, total])
        stopped = actions == STOP
        judged = stopped | (self.clock + 1 >= self.horizon)
        return np.where(judged, self.credit(prompt, total), 0.0), stopped

    def credit(self, prompt: NDArray[np.int64], total: NDArray[np.int64]) -> NDArray[np.float64]:
        """What a response of this sum to this prompt, counted from 0, earns."""
        n = self.targets[prompt]
        if self.partial:
            return np.maximum(0.0, 1 - np.abs(total - n) / n)
        return (total == n).astype(np.float64)

    def observe(self) -> NDArray[np.float64]:
        """One-hot code of prompt and sum."""
        prompt, total = self.state
        return np.eye(self.prompts * self.sums)[prompt * self.sums + total]


class PromptsEnv(FiniteHorizonEnv):
    """One prompt and its response; arguments as for `PromptsVectorEnv`."""

    def __init__(
        self, targets: Sequence[int] = (2, 5, 6), vocabulary: int = 2, limit: int = 3, partial: bool = False
    ) -> None:
        super().__init__(PromptsVectorEnv(1, targets, vocabulary, limit, partial))
