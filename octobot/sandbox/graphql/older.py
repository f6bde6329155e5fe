"""GitHub's schema, also as an older GitHub Enterprise Server has it, and how that refuses.

What is missing is named `Type`, `Type.field`, `Type.field(argument)` or `Enum.VALUE`; fields of a
type that is missing are missing, too.  The whole document fails before anything is done.
Source: graphql-ruby, `lib/graphql/static_validation`, whose errors GitHub shows.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    VariableDefinitionNode,
    build_schema,
    get_named_type,
    validate,
)
from graphql.execution.values import get_variable_values

from octobot.sandbox.http.fields import Json
from octobot.sandbox.state.fixtures import FIXTURES

_PLACE = re.compile(r"(\w+)(?:\.(\w+))?(?:\((\w+)\))?")
_FIELD = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
_TYPE = re.compile(r"Unknown type '(\w+)'")
_ARGUMENT = re.compile(r"Unknown argument '(\w+)' on field '\w+\.(\w+)'")
_VALUE = re.compile(r"Value '(\w+)' does not exist in '(\w+)' enum")
_AT = re.compile(r"Variable '\$(\w+)' has invalid value at \[(\d+)\]")


@lru_cache(maxsize=64)
def schema(without: frozenset[str] = frozenset()) -> GraphQLSchema:
    """Read GitHub's schema, cut to what is needed, without what a server lacks."""
    text = (FIXTURES / "github/schema.graphql").read_text()
    built = build_schema(text, assume_valid=True)
    for name in without:
        if found := _PLACE.fullmatch(name):
            _remove(built, *found.groups())
    for kind in built.type_map.values():
        fields = _fields(kind)
        kinds = {name: get_named_type(one.type) for name, one in fields.items()}
        for name in [name for name, of in kinds.items() if of.name in without]:
            del fields[name]
    return built


def _remove(built: GraphQLSchema, of: str, name: str | None, argument: str | None) -> None:
    kind = built.type_map.get(of)
    if name is None:
        built.type_map.pop(of, None)
    elif isinstance(kind, GraphQLEnumType):
        kind.values.pop(name, None)
    elif not argument:
        _fields(kind).pop(name, None)
    elif name in (fields := _fields(kind)):
        fields[name].args.pop(argument, None)


def _fields(kind: GraphQLNamedType | None) -> dict[str, GraphQLField]:
    return kind.fields if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) else {}


def unknown(
    document: DocumentNode, variables: Mapping[str, object], without: frozenset[str]
) -> list[Json]:
    """Return the errors for what a server does not know in a valid document; none: it knows all."""
    if not without:
        return []
    older = schema(without)
    if wrongs := validate(older, document, max_errors=None):
        return [_as_ruby(wrong, document) for wrong in wrongs]
    return [
        _of_variable(wrong, variables)
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        for wrong in _wrong_variables(older, node, variables)
    ]


def _wrong_variables(
    older: GraphQLSchema, node: OperationDefinitionNode, variables: Mapping[str, object]
) -> list[GraphQLError]:
    found = get_variable_values(older, node.variable_definitions or (), dict(variables))
    return found if isinstance(found, list) else []


def _as_ruby(wrong: GraphQLError, document: DocumentNode) -> Json:
    """Write an error of validation as GitHub does."""
    path = list(next(_paths(document, (wrong.nodes or (document,))[0]), ()))
    if found := _FIELD.match(wrong.message):
        name, of = found.groups()
        said = f"Field '{name}' doesn't exist on type '{of}'"
        named = {"code": "undefinedField", "typeName": of, "fieldName": name}
    elif found := _ARGUMENT.match(wrong.message):
        argument, name = found.groups()
        said = f"Field '{name}' doesn't accept argument '{argument}'"
        named = {"code": "argumentNotAccepted", "name": name, "typeName": "Field"}
        named["argumentName"] = argument
    elif _VALUE.match(wrong.message):
        *_, name, argument = path
        said = f"Argument '{argument}' on Field '{name}' has an invalid value."
        named = {"code": "argumentLiteralsIncompatible", "typeName": "Field"}
        named["argumentName"] = argument
    else:
        return {"path": path, **_of_type(wrong, path[-1])}
    return {"path": path, "extensions": named, "message": said}


def _of_type(wrong: GraphQLError, place: str) -> Json:
    """Write an error about a type that is missing: of a fragment, or of a variable."""
    found = _TYPE.match(wrong.message)
    if not found:
        return {"message": wrong.message}
    named = {"code": "undefinedType", "typeName": found[1]}
    said = f"No such type {found[1]}, so it can't be a fragment condition"
    if place.startswith("$"):
        named = {"code": "variableRequiresValidType", "typeName": found[1]}
        named["variableName"] = place.removeprefix("$")
        said = f"{found[1]} isn't a defined input type (on {place})"
    return {"extensions": named, "message": said}


def _of_variable(wrong: GraphQLError, variables: Mapping[str, object]) -> Json:
    """Write an error about a value in a variable as GitHub does; the value itself is known."""
    found, place = _VALUE.search(wrong.message), _AT.search(wrong.message)
    if not found or not place:
        return {"message": wrong.message}
    name, index = place.groups()
    why = f'Expected "{found[1]}" to be one of: …'
    return {
        "message": f"Variable ${name} of type [{found[2]}!] was provided invalid value for "
        f"{index} ({why})",
        "extensions": {
            "value": variables.get(name),
            "problems": [{"path": [int(index)], "explanation": why}],
        },
    }


def _paths(node: Node, wanted: Node) -> Iterator[tuple[str, ...]]:
    """Yield the path to a node as GitHub writes it."""
    here = _step(node)
    if node is wanted:
        yield here
    for key in node.keys:
        value = getattr(node, key)
        for child in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(child, Node):
                yield from ((*here, *path) for path in _paths(child, wanted))


def _step(node: Node) -> tuple[str, ...]:
    step = ""
    match node:
        case OperationDefinitionNode(operation=operation, name=name):
            step = f"{operation.value} {name.value}" if name else operation.value
        case FragmentDefinitionNode(name=name):
            step = f"fragment {name.value}"
        case InlineFragmentNode(type_condition=of) if of:
            step = f"... on {of.name.value}"
        case FieldNode(alias=alias, name=name):
            step = (alias or name).value
        case ArgumentNode(name=name):
            step = name.value
        case VariableDefinitionNode(variable=variable):
            step = f"${variable.name.value}"
    return (step,) if step else ()
