"""Whether a crate keeps its profile, asked of `rocrate-validator` where there is no network.

python tests/validate_crate.py FOLDER

prints the mistakes as a list in JSON. It runs in an environment of its own (`requirements-validator.lock`), as the
validator wants other versions than the rest. What it would fetch, the terms of two JSON-LD contexts, comes from
package rocrate and from the list below.
"""

import json
import sys
from pathlib import Path
from typing import Any

import rocrate
from requests import Response
from rocrate_validator import services
from rocrate_validator.utils.http import HttpRequester

CONTEXT = Path(rocrate.__file__).parent / "data/ro-crate.jsonld"
RUN = "https://w3id.org/ro/terms/workflow-run"
RUN_TERMS = ("environment", "sha256")


def terms(url: str) -> dict[str, Any]:
    """The context of an address. That of RO-Crate 1.1 differs from the one that is shipped in Bioschemas' names."""
    if url.startswith(RUN):
        return {"@context": {term: f"{RUN}#{term}" for term in RUN_TERMS}}
    shipped = CONTEXT.read_text("utf-8").replace("https://bioschemas.org/terms/", "https://bioschemas.org/")
    found = json.loads(shipped)["@context"]
    parameter = "https://bioschemas.org/ComputationalWorkflow#"
    return {"@context": found | {"input": f"{parameter}input", "output": f"{parameter}output"}}


def fetched(requester: HttpRequester, url: str, **options: Any) -> Response:
    """The answer of a network that has nothing but contexts."""
    response = Response()
    response.status_code = 200
    response.headers["Content-Type"] = "application/ld+json"
    response._content = json.dumps(terms(url)).encode()
    return response


def mistakes(folder: str) -> list[str]:
    """What the profile requires and the crate has not, a line each."""
    HttpRequester.get = fetched  # offline it would ask its cache alone
    settings = services.ValidationSettings(
        rocrate_uri=folder, profile_identifier="provenance-run-crate", offline=True, skip_availability_check=True,
        cache_path=Path(folder).parent / "validator-cache",
    )  # fmt: skip
    result = services.validate(settings)
    return [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]


if __name__ == "__main__":
    print(json.dumps(sorted(mistakes(sys.argv[1]))))
