"""What batched forms of Gymnasium's own environments share: their spaces, constants and time limit."""

from typing import Any, ClassVar

import gymnasium

from pgpipe.envs.batched import BatchedEnv, Flags


class TimeLimitedVectorEnv(BatchedEnv):
    """Many episodes of the Gymnasium environment `id` at once, each cut off after `max_episode_steps`.

    A subclass writes the dynamics over arrays; numbers and spaces are read off `single`, Gymnasium's own
    environment made with the same arguments. Nothing is ever drawn on a screen: `render_mode` has no effect.
    """

    id: ClassVar[str]

    def __init__(self, num_envs: int = 1, max_episode_steps: int | None = None, **kwargs: Any) -> None:
        own = gymnasium.make(self.id, max_episode_steps=max_episode_steps, **kwargs)
        self.single: Any = own.unwrapped
        super().__init__(num_envs, self.single.observation_space, self.single.action_space)
        self.limit: Any = own.spec and own.spec.max_episode_steps  # the registered one, unless told otherwise

    @property
    def longest(self) -> int:
        """The limit."""
        return int(self.limit)

    def ends(self, arrived: Flags) -> tuple[Flags, Flags]:
        """The limit truncates, on arrival too, as Gymnasium has it; rollouts then count it as terminated."""
        return arrived, self.clock >= self.limit
