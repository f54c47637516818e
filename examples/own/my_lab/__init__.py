"""A package of one's own: importing it registers its environment, as Gymnasium has it."""

import gymnasium

gymnasium.register(id="MyLab/Corridor-v0", entry_point="my_lab.corridor:Corridor", max_episode_steps=12)
