"""The bulk that real pages carry around their text: rules, scripts and state blobs, the same on every run."""

import json
from collections.abc import Iterable

_PROPERTIES = (
    "margin:{a}px {b}px",
    "padding:{b}px 0 {a}px",
    "color:#{c:06x}",
    "flex:{a} 1 {b}%",
    "max-width:{c}px",
    "line-height:1.{a}",
    "border-top:{a}px solid #{c:06x}",
    "transform:translate3d({a}px,{b}px,0)",
)


def styles(prefix: str, size_chars: int) -> str:
    """About ``size_chars`` of style rules, a generated utility sheet as many themes inline it."""
    rules: list[str] = []
    length = 0
    for number in range(size_chars):
        if length >= size_chars:
            break
        declaration = _PROPERTIES[number % len(_PROPERTIES)].format(
            a=number % 9, b=number * 7 % 40, c=number * 7919 % 0xFFFFFF
        )
        rule = f".{prefix}-{number}{{{declaration}}}"
        if number % 25 == 24:
            rule = f"@media (min-width:{480 + number}px){{{rule}}}"
        rules.append(rule)
        length += len(rule) + 1
    return "\n".join(rules)


def state(titles: Iterable[str], size_chars: int) -> str:
    """A JSON blob as front-end frameworks leave it in the page: headlines, then settings up to the size."""
    settings = {f"flag_{n}": {"enabled": n % 3 == 0, "bucket": n * 37 % 101} for n in range(size_chars // 48)}
    blob = {"route": {"cache": True}, "headlines": list(titles), "settings": settings}
    return json.dumps(blob, ensure_ascii=True).replace("</", "<\\/")


def script(name: str, size_chars: int) -> str:
    """About ``size_chars`` of minified-looking script that measures and does nothing."""
    calls = [
        f'{name}.push(["track","slot-{n}",{{"w":{n * 13 % 970},"h":{n * 7 % 600},"lazy":{str(n % 2 == 0).lower()}}}]);'
        for n in range(size_chars // 56)
    ]
    return f"(function(){{var {name}=[];{''.join(calls)}window.{name}={name};}})();"
