"""The API under schemathesis: requests that its OpenAPI document allows, and many that it does not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from served import identity

from storage.serving import Serving
from storage.web.app import create_app

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is missing; it is of the extra `dev`")
if TYPE_CHECKING:
    from schemathesis import Case

pytestmark = [
    pytest.mark.xdist_group("press"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def described(press_db: Path) -> object:
    return schemathesis.openapi.from_asgi("/api/openapi.json", create_app(press_db, Serving(), identity=identity))


@schemathesis.pytest.from_fixture("described").parametrize()
@settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_s14_no_request_breaks_the_api_and_every_answer_is_as_its_document_says(case: Case) -> None:
    case.call_and_validate()
