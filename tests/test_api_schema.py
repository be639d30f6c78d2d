"""The API under schemathesis: requests that its OpenAPI document allows, and many that it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from served import served

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is missing; it is of the extra `dev`")

pytestmark = [pytest.mark.xdist_group("press"), pytest.mark.filterwarnings("ignore::DeprecationWarning")]
checks = pytest.importorskip("schemathesis.checks")
EXAMPLES = 12
"""Requests of each kind for each address."""


def test_s14_no_request_breaks_the_api_and_every_answer_is_as_its_document_says(press_db: Path) -> None:
    modes = schemathesis.GenerationMode
    tried = 0
    with served(press_db) as running:
        document = schemathesis.openapi.from_url(f"{running.address}/api/openapi.json")
        for found in document.get_all_operations():
            for mode in (modes.POSITIVE, modes.NEGATIVE):
                try:
                    _try_all(found.ok().as_strategy(generation_mode=mode))
                except Unsatisfiable:
                    continue  # an address without parameters takes no wrong ones
                tried += 1
    assert tried >= 20


def _try_all(requests: Any) -> None:
    @given(case=requests)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def asked(case: Any) -> None:
        # A text that is a string as the document says may be no query or cursor; what is not named is passed over.
        case.call_and_validate(excluded_checks=[checks.positive_data_acceptance, checks.negative_data_rejection])

    asked()
