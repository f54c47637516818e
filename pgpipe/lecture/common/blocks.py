"""What blocks of the config have in common: a study, of exact environments, of the line."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from pgpipe.config.base import Entries
from pgpipe.config.fields import Different, EnvironmentName, Model, Positive


class Study(Model):
    """A block of the config, which may ask more of the environments it names than that they exist."""

    def misfits(self, entries: Entries) -> Iterator[str]:
        """What the block cannot know by itself: key path in the block, found, allowed."""
        yield from ()


class ExactStudy(Study):
    """A study of environments whose exact J is known."""

    environments: Annotated[list[EnvironmentName], Different] = Field(min_length=1)

    def misfits(self, entries: Entries) -> Iterator[str]:
        """Environments without an oracle."""
        exact = [name for name, environment in entries.environments.items() if environment.oracle]
        for name in self.environments:
            if name not in exact:
                allowed = ", ".join(exact)
                yield f"environments: found {name}, whose exact J is not known. Allowed: {allowed}"


class LineBlock(Study):
    """A study of an environment that is a line, with the lecture's policy."""

    environment: EnvironmentName

    def misfits(self, entries: Entries) -> Iterator[str]:
        """What is no line."""
        lines = [
            name for name, environment in entries.environments.items() if environment.id == "pgpipe/Line-v0"
        ]
        if self.environment not in lines:
            yield f"environment: found {self.environment}, which is no line. Allowed: {', '.join(lines)}"


class Start(Model):
    """Where a flow begins."""

    k: Annotated[float, Field(gt=-2, lt=0)] = Field(description="between -2 and 0, where walks settle")
    sigma: Positive
