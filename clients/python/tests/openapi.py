"""The API's document, and how the types of this client compare with its schemas."""

from __future__ import annotations

import json
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from typing_extensions import NotRequired, Required, get_type_hints, is_typeddict

DOCUMENT: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[3] / "docs/openapi.json").read_text(encoding="utf-8")
)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}

Schema = dict[str, Any]


def resolved(schema: Schema) -> Schema:
    """The schema without references, `null` and `allOf`."""
    if "$ref" in schema:
        return resolved(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]])
    for word in ("oneOf", "anyOf"):
        others = [each for each in schema.get(word, []) if each.get("type") != "null"]
        if len(others) == 1:
            return resolved(others[0])
    if "allOf" in schema:
        return merged([resolved(part) for part in schema["allOf"]])
    return schema


def merged(parts: list[Schema]) -> Schema:
    """One object with the fields of all; where two have a field, it may be either."""
    if all(part.get("type") != "object" for part in parts):
        return parts[0]
    whole: Schema = {"type": "object", "properties": {}, "required": []}
    for part in parts:
        for name, field in part.get("properties", {}).items():
            known = whole["properties"].get(name)
            whole["properties"][name] = field if known is None else {"allOf": [known, field]}
        whole["required"] += part.get("required", [])
    return whole


def differences(schema: Schema, kind: Any, path: str, *, is_request: bool) -> list[str]:
    """What the type has otherwise than the schema, a line each."""
    schema, kind = resolved(schema), without_none(kind)
    if kind is Any or kind is object:
        return []
    if is_typeddict(kind):
        return in_fields(schema, kind, path, is_request=is_request)
    origin = get_origin(kind)
    if origin is Literal:
        return in_words(schema, set(get_args(kind)), path)
    if origin is Union or origin is types.UnionType:
        return in_types(schema, {SCALARS.get(each, "object") for each in get_args(kind)}, path)
    expected = "array" if is_list(kind) else SCALARS.get(kind, "object")
    if type_of(schema) not in (expected, None):
        return [f"{path}: is {type_of(schema)}, not {expected}"]
    if expected == "array" and "items" in schema:
        return differences(schema["items"], get_args(kind)[0], f"{path}[]", is_request=is_request)
    return []


def in_fields(schema: Schema, kind: Any, path: str, *, is_request: bool) -> list[str]:
    """The fields and which of them are required. What a response may leave out may be `None` instead."""
    if "properties" not in schema:
        return []  # an open object, of WhatsApp's or of the customer's own
    hints = get_type_hints(kind, include_extras=True)
    properties = schema["properties"]
    problems = [f"{path}.{name}: the type has no such field" for name in sorted(properties.keys() - hints.keys())]
    problems += [f"{path}.{name}: the document has no such field" for name in sorted(hints.keys() - properties.keys())]
    required = set(schema.get("required", []))
    for name in sorted(properties.keys() & hints.keys()):
        is_required = name in kind.__required_keys__
        if name in required and not is_required:
            problems.append(f"{path}.{name}: is required")
        if name not in required and is_required and (is_request or not allows_none(hints[name])):
            problems.append(f"{path}.{name}: is not required")
        problems += differences(properties[name], unwrapped(hints[name]), f"{path}.{name}", is_request=is_request)
    return problems


def in_words(schema: Schema, words: set[object], path: str) -> list[str]:
    """The words of an enumeration. Where the document has none, the type may."""
    known = {schema["const"]} if "const" in schema else set(schema.get("enum", words)) - {None}
    return [] if known == words else [f"{path}: is one of {sorted(map(str, known))}, not {sorted(map(str, words))}"]


def in_types(schema: Schema, kinds: set[str], path: str) -> list[str]:
    """The types of a union, which are objects or scalars."""
    named = schema.get("type", "object")
    known = set(named if isinstance(named, list) else [named]) - {"null"}
    return [] if known == kinds else [f"{path}: is {sorted(known)}, not {sorted(kinds)}"]


def type_of(schema: Schema) -> str | None:
    """The type beside `null`."""
    named = schema.get("type")
    others = [each for each in named if each != "null"] if isinstance(named, list) else [named]
    return others[0] if len(others) == 1 else None


def unwrapped(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) in (NotRequired, Required) else hint


def members(kind: Any) -> tuple[Any, ...]:
    """The members of a union, or the type itself."""
    kind = unwrapped(kind)
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def allows_none(kind: Any) -> bool:
    return type(None) in members(kind)


def without_none(kind: Any) -> Any:
    others = tuple(each for each in members(kind) if each is not type(None))
    return others[0] if len(others) == 1 else Union[others]


def is_list(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and (origin is list or origin.__name__ == "Sequence")
