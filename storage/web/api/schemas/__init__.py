"""Every object of the JSON API, field by field, as its OpenAPI document shows it.

Answers are not made from these: they are the records of `storage.records` and its neighbours. Tests hold what is really
answered against them, so that neither gets a field that the other lacks.
"""
