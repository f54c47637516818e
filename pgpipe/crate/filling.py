"""A crate that is being filled: package rocrate, in the few words that a run needs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

from pgpipe.crate.vocabulary import TERMS, is_entity, singled


class Filling:
    """Entities are rocrate's own; each is there once, by its id."""

    def __init__(self) -> None:
        self._crate = ROCrate(version="1.1")  # which the profile builds upon
        self._crate.metadata.extra_contexts.append(TERMS)

    @property
    def root(self) -> Any:
        """The crate itself."""
        return self._crate.root_dataset

    def get(self, id: str) -> Any:
        """An entity by its id.  Raises `LookupError` if there is none."""
        if (found := self._crate.get(id)) is None:
            raise LookupError(f"the crate has no {id}")
        return found

    def add(self, id: str, kind: str, **properties: Any) -> Any:
        """An entity that is no file in the crate; its properties may be other entities."""
        plain = {key: value for key, value in properties.items() if not is_entity(value)}
        entity = self._crate.add(ContextEntity(self._crate, id, properties={"@type": kind, **plain}))
        for key, value in properties.items():
            if key not in plain:
                entity[key] = value
        return entity

    def add_file(self, path: str, **properties: str) -> None:
        """A file that lies in the crate."""
        self._crate.add_file(dest_path=path, properties=properties)

    def add_folder(self, path: str) -> None:
        """A folder with all that is in it."""
        self._crate.add_dataset(dest_path=f"{path}/", properties={"name": path})

    def add_workflow(self, path: str, kinds: Sequence[str], **properties: str) -> Any:
        """What the crate is about."""
        return self._crate.add_workflow(
            dest_path=path, main=True, lang="snakemake", properties={"@type": list(kinds), **properties}
        )

    def add_spec(self, job: str, spec: Mapping[str, Any]) -> Any:
        """What a job was told beside its inputs."""
        value = json.dumps(spec, sort_keys=True, ensure_ascii=False)
        return self.add(f"#spec/{quote(job)}", "PropertyValue", name="spec", value=value)

    def parameter(self, id: str, name: str, examples: Iterable[Any], kind: str = "File") -> Any:
        """An input or output, and the files or values that stood for it."""
        parameter = self._crate.add_formal_parameter(name, kind, identifier=f"#parameter/{id}")
        parameter["workExample"] = [self._as_example(example, parameter) for example in examples]
        return parameter

    def _as_example(self, example: Any, parameter: Any) -> Any:
        example.append_to("exampleOfWork", parameter)
        return example

    def file(self, path: str) -> Any:
        """A file of the run, in the crate or not."""
        return self._crate.get(path) or self.get(self.id_of(path))

    @staticmethod
    def id_of(path: str) -> str:
        """Of a file that is not packed."""
        return f"#{quote(path)}"

    def written(self) -> bytes:
        """The metadata as JSON, sorted."""
        made = self._crate.metadata.generate()
        made["@graph"] = sorted(map(singled, made["@graph"]), key=lambda entity: str(entity["@id"]))
        return (json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
