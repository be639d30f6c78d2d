"""What all objects of the API are made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


def _without_titles(schema: dict[str, Any]) -> None:
    """A generated title says no more than the name that stands beside it."""
    schema.pop("title", None)
    for field in schema.get("properties", {}).values():
        field.pop("title", None)


class Shape(BaseModel):
    """An object of the API; the text below a field says what it holds."""

    model_config = ConfigDict(use_attribute_docstrings=True, json_schema_extra=_without_titles)


Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""RFC 3339 in UTC."""
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
DayOrMoment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?$")]
"""A day where the page gives no time."""
Number = Annotated[int, Field(ge=0)]
