"""Writes `ledger_node/bindings/`: one Python module a contract, from the compiler's artifacts.

A module holds frozen dataclasses for the contract's structs and events, `encode_<function>` for call data,
`decode_<function>_output` for answers and `decode_event`; `contract_errors.py` holds an exception class for every
Solidity error of all contracts. The generated files are committed; a test writes them anew and compares.
"""

import json
import keyword
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger_node.domain.digest import keccak256
from scripts.compile_contracts import ARTIFACTS, CONTRACTS, FOREIGN, canonical_type

BINDINGS = ARTIFACTS.parent
LINE = 120
HEAD = "# Written by scripts/make_bindings.py from the compiler's artifacts. Do not edit.\n"


def snake_case(name: str) -> str:
    """`keyHash` → `key_hash`, `refUID` → `ref_uid`; Python's own words get an underscore behind."""
    spaced = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name.strip("_"))
    snake = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", spaced).lower()
    return snake + "_" if keyword.iskeyword(snake) else snake


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter, member or output: its Python name and type, its ABI type, and how to go between the two."""

    name: str
    abi_type: str
    python_type: str
    to_abi: str
    from_abi: str
    indexed: bool = False


@dataclass
class Module:
    """What one contract's module will say."""

    contract: str
    structs: dict[str, list[Value]] = field(default_factory=dict[str, list[Value]])
    parts: list[str] = field(default_factory=list[str])


def value_of(parameter: Mapping[str, Any], module: Module, number: int = 0, expression: str = "{}") -> Value:
    """Reads one ABI parameter; registers the structs that it is made of."""
    kind = canonical_type(parameter)
    given: str = parameter["name"]
    name = snake_case(given) if given.strip("_") else f"value_{number}"
    python, to_abi, from_abi = _conversions(parameter, module)
    return Value(name, kind, python, to_abi, from_abi, bool(parameter.get("indexed", False)))


def _conversions(parameter: Mapping[str, Any], module: Module) -> tuple[str, str, str]:
    """Python type, and templates that turn `{}` into ABI values and back."""
    kind: str = parameter["type"]
    if kind.endswith("]"):
        inner = {**parameter, "type": kind[: kind.rindex("[")], "internalType": _without_list(parameter)}
        python, to_abi, from_abi = _conversions(inner, module)
        if to_abi == "{}":
            return f"tuple[{python}, ...]", "{}", "tuple({})"
        each_to, each_from = to_abi.format("one"), from_abi.format("one")
        return f"tuple[{python}, ...]", f"[{each_to} for one in {{}}]", f"tuple({each_from} for one in {{}})"
    if kind == "tuple":
        struct = _register_struct(parameter, module)
        return struct, "{}.to_abi()", f"{struct}.from_abi({{}})"
    if kind == "bool":
        return "bool", "{}", "{}"
    if kind == "string":
        return "str", "{}", "{}"
    return ("bytes" if kind.startswith(("bytes", "address")) else "int"), "{}", "{}"


def _without_list(parameter: Mapping[str, Any]) -> str:
    internal: str = parameter.get("internalType", "")
    return internal[: internal.rindex("[")] if "[" in internal else internal


def _register_struct(parameter: Mapping[str, Any], module: Module) -> str:
    name = str(parameter["internalType"]).removeprefix("struct ").rpartition(".")[2]
    members = [value_of(one, module, number) for number, one in enumerate(parameter["components"])]
    if module.structs.setdefault(name, members) != members:
        raise ValueError(f"{module.contract}: two structs are called {name}")
    return name


def _laid_out(before: str, items: Sequence[str], after: str) -> str:
    """`before` item, item `after` in one line if it fits, else one item a line, indented as `before` is, and more."""
    line = before + ", ".join(items) + after
    if len(line) <= LINE and "\n" not in line:
        return line
    indent = " " * (len(before) - len(before.lstrip()) + 4)
    inside = "".join(f"{indent}{item.replace(chr(10), chr(10) + indent)},\n" for item in items)
    return f"{before}\n{inside}{indent[4:]}{after}"


def _types_text(values: Iterable[Value]) -> str:
    items = [_type_text(one.abi_type) for one in values]
    if len(items) == 1:
        return f"({items[0]},)"
    line = f"({', '.join(items)})"
    return line if len(line) <= LINE - 20 else "(\n" + "".join(f"    {item},\n" for item in items) + ")"


def _type_text(abi_type: str) -> str:
    """A string literal, in several lines when the type is long."""
    if len(abi_type) <= 88:
        return json.dumps(abi_type)
    pieces, line = [], ""
    for part in re.split(r"(?<=,)", abi_type):
        if len(line) + len(part) > 88:
            pieces.append(line)
            line = ""
        line += part
    return "(\n" + "".join(f"    {json.dumps(piece)}\n" for piece in [*pieces, line]) + ")"


def _signature(name: str, values: Iterable[Value]) -> str:
    return f"{name}({','.join(one.abi_type for one in values)})"


def _sentence(text: str, indent: str = "    ") -> str:
    """A docstring in one or more lines of at most 120 characters."""
    words, lines, line = text.replace("\\", "").split(), [], indent + '"""'
    for word in words:
        if len(line) + len(word) + 4 > 120:
            lines.append(line.rstrip())
            line = indent
        line += word + " "
    return "\n".join([*lines, line.rstrip() + '"""'])


def struct_text(name: str, members: Sequence[Value]) -> str:
    """The dataclass of a struct."""
    fields = "\n".join(f"    {one.name}: {one.python_type}" for one in members)
    to_abi = [one.to_abi.format(f"self.{one.name}") for one in members]
    to_abi = [to_abi[0] + ","] if len(to_abi) == 1 else to_abi
    from_abi = "\n".join(
        f"            {one.name}={one.from_abi.format(f'value[{number}]')}," for number, one in enumerate(members)
    )
    return (
        f"@dataclass(frozen=True, slots=True)\nclass {name}:\n"
        f"{_sentence(f'The Solidity struct `{name}`.')}\n\n{fields}\n\n"
        f"    def to_abi(self) -> tuple[Any, ...]:\n"
        f'        """The members in the order of the declaration."""\n{_laid_out("        return (", to_abi, ")")}\n\n'
        f"    @classmethod\n    def from_abi(cls, value: Sequence[Any]) -> {name}:\n"
        f'        """What `to_abi` gives."""\n        return cls(\n{from_abi}\n        )\n'
    )


def event_text(entry: Mapping[str, Any], module: Module, notices: Mapping[str, str]) -> str:
    """The dataclass of an event, with its decoder."""
    name: str = entry["name"]
    values = [value_of(one, module, number) for number, one in enumerate(entry["inputs"])]
    signature = _signature(name, values)
    indexed = [one for one in values if one.indexed]
    plain = [one for one in values if not one.indexed]
    sources = {one.name: f"keys[{number}]" for number, one in enumerate(indexed)}
    sources |= {one.name: f"values[{number}]" for number, one in enumerate(plain)}
    fields = "\n".join(f"    {one.name}: {one.python_type}" for one in values)
    made = "\n".join(f"            {one.name}={one.from_abi.format(sources[one.name])}," for one in values)
    unpack = ("keys" if indexed else "_keys") + ", " + ("values" if plain else "_values")
    given = [json.dumps(name), _types_text(indexed), _types_text(plain), "topics", "data"]
    body = _laid_out(f"        {unpack} = codec.decode_log(", given, ")") + "\n"
    return (
        f"@dataclass(frozen=True, slots=True)\nclass {name}:\n"
        f"{_sentence(notices.get(f'events {signature}', f'The event `{name}`.'))}\n\n"
        f"    TOPIC: ClassVar[bytes] = bytes.fromhex({json.dumps(keccak256(signature.encode()).hex())})\n"
        f"{fields}\n\n    @classmethod\n    def from_log(cls, topics: Sequence[bytes], data: bytes) -> {name}:\n"
        f'        """Reads the event of a log. Raises EventMalformed."""\n'
        f"{body}        return cls(\n{made}\n        )\n"
    )


def function_text(entry: Mapping[str, Any], module: Module, notices: Mapping[str, str]) -> str:
    """`encode_…` of a function, and `decode_…_output` when it answers something."""
    name: str = entry["name"]
    values = [value_of(one, module, number) for number, one in enumerate(entry["inputs"])]
    outputs = [value_of(one, module, number) for number, one in enumerate(entry["outputs"])]
    signature = _signature(name, values)
    selector = keccak256(signature.encode())[:4].hex()
    notice = notices.get(f"methods {signature}", f"Call data of `{name}`.")
    python = snake_case(name).rstrip("_")
    text = (
        f"{_definition(f'encode_{python}', values)}\n{_sentence(notice)}\n"
        f'{_encoded(f"""    return bytes.fromhex("{selector}")""", values)}\n'
    )
    if not outputs:
        return text
    read = _laid_out("    values = codec.decode(", [json.dumps(name), _types_text(outputs), "data"], ")")
    if len(outputs) == 1:
        kind = outputs[0].python_type
        returned = f"    value: {kind} = {outputs[0].from_abi.format('values[0]')}\n    return value\n"
    else:
        parts = ", ".join(one.from_abi.format(f"values[{number}]") for number, one in enumerate(outputs))
        returned = f"    return ({parts})\n"
        kind = f"tuple[{', '.join(one.python_type for one in outputs)}]"
    names = ", ".join(one.name for one in outputs)
    doc = _sentence(f"What `{name}` answers: {names}. Raises NodeAnswerWrong.")
    return f"{text}\n\ndef decode_{python}_output(data: bytes) -> {kind}:\n{doc}\n{read}\n{returned}"


def constructor_text(abi: Sequence[Mapping[str, Any]], module: Module) -> str:
    """`encode_constructor`: what follows the bytecode in a creating transaction."""
    inputs: list[dict[str, Any]] = next((one["inputs"] for one in abi if one["type"] == "constructor"), [])
    values = [value_of(one, module, number) for number, one in enumerate(inputs)]
    return (
        f"{_definition('encode_constructor', values)}\n"
        f'    """The constructor\'s arguments, to stand behind the bytecode."""\n{_encoded("    return", values)}\n'
    )


def _definition(name: str, values: Sequence[Value]) -> str:
    return _laid_out(f"def {name}(", [f"{one.name}: {one.python_type}" for one in values], ") -> bytes:")


def _encoded(before: str, values: Sequence[Value]) -> str:
    """`before` and the encoding of the values."""
    if not values:
        return before + (' b""' if before.endswith("return") else "")
    plus = " " if before.endswith("return") else " + "
    given = ", ".join(one.to_abi.format(one.name) for one in values)
    return _laid_out(f"{before}{plus}codec.encode(", [_types_text(values), f"[{given}]"], ")")


def module_text(artifact: Mapping[str, Any]) -> str:
    """The module of one contract."""
    module = Module(artifact["contractName"])
    notices: Mapping[str, str] = artifact["notices"]
    abi: list[dict[str, Any]] = artifact["abi"]
    events = [one for one in abi if one["type"] == "event" and not one.get("anonymous")]
    functions = [one for one in abi if one["type"] == "function"]
    _require_unique(module.contract, [one["name"] for one in (*events, *functions)])
    event_parts = [event_text(one, module, notices) for one in events]
    function_parts = [function_text(one, module, notices) for one in functions]
    constructor = constructor_text(abi, module)
    structs = [struct_text(name, members) for name, members in module.structs.items()]
    clash = set(module.structs) & {one["name"] for one in events}
    if clash:
        raise ValueError(f"{module.contract}: struct and event share the name {clash}")
    typing_names = "Any, ClassVar, Final" if structs else "ClassVar, Final"
    table = "".join(f"    {one['name']}.TOPIC: {one['name']}.from_log,\n" for one in events)
    return "\n\n".join(
        [
            HEAD
            + f'"""The contract {module.contract}: its structs, events, and calls."""\n\n'
            + "from __future__ import annotations\n\nfrom collections.abc import Callable, Mapping, Sequence\n"
            + f"from dataclasses import dataclass\nfrom typing import {typing_names}\n\n"
            + "from ledger_node.bindings import codec\nfrom ledger_node.bindings.contract_errors import decode_error\n"
            + "from ledger_node.errors import EventMalformed\n\n"
            + '__all__ = ["CONTRACT_NAME", "Event", "decode_error", "decode_event"]\n\n'
            + f"CONTRACT_NAME: Final = {json.dumps(module.contract)}\n",
            *structs,
            *event_parts,
            f"{_union([one['name'] for one in events])}\n\n"
            f"_READERS: Final[Mapping[bytes, Callable[[Sequence[bytes], bytes], Event]]] = {{\n{table}}}\n",
            "def decode_event(topics: Sequence[bytes], data: bytes) -> Event:\n"
            '    """The event of a log of this contract. Raises EventMalformed, also when it has no such event."""\n'
            "    reader = _READERS.get(topics[0]) if topics else None\n    if reader is None:\n"
            f'        raise EventMalformed("{module.contract} has no event of this topic")\n'
            "    return reader(topics, data)\n",
            constructor,
            *function_parts,
        ]
    )


def errors_text(artifacts: Mapping[str, Mapping[str, Any]]) -> str:
    """`contract_errors.py`: every Solidity error once, under its own name."""
    module = Module("contract_errors")
    found: dict[str, tuple[str, list[Value], str]] = {}
    for artifact in artifacts.values():
        for entry in artifact["abi"]:
            if entry["type"] != "error":
                continue
            values = [value_of(one, module, number) for number, one in enumerate(entry["inputs"])]
            signature = _signature(entry["name"], values)
            notice = artifact["notices"].get(f"errors {signature}", "")
            if signature not in found or (notice and not found[signature][2]):
                found[signature] = (entry["name"], values, notice)
    names = [name for name, _, _ in found.values()]
    _require_unique("contract_errors", names)
    ordered = dict(sorted(found.items()))
    classes = [error_text(signature, *parts) for signature, parts in ordered.items()]
    table = "".join(f"    {name}.SELECTOR: {name}.from_data,\n" for name, _, _ in ordered.values())
    return "\n\n".join(
        [
            HEAD + '"""The errors that contracts declare, as exceptions of the same names."""\n\n'
            "from __future__ import annotations\n\nfrom collections.abc import Callable, Mapping\n"
            "from typing import ClassVar, Final\n\nfrom ledger_node.bindings import codec\n"
            "from ledger_node.errors import ContractError, NodeAnswerWrong, RevertUnknown\n",
            *classes,
            f"ERRORS: Final[Mapping[bytes, Callable[[bytes], ContractError]]] = {{\n{table}}}\n",
            DECODE_ERROR,
        ]
    )


DECODE_ERROR = '''def decode_error(data: bytes) -> ContractError:
    """The exception for the data of a revert; RevertUnknown when no contract of ours declares it."""
    try:
        if data[:4] == bytes.fromhex("08c379a0"):
            return RevertUnknown(data, str(codec.decode("revert", ("string",), data[4:])[0]))
        if data[:4] == bytes.fromhex("4e487b71"):
            return RevertUnknown(data, f"panic 0x{codec.decode('panic', ('uint256',), data[4:])[0]:02x}")
        reader = ERRORS.get(data[:4])
        return RevertUnknown(data) if reader is None else reader(data[4:])
    except NodeAnswerWrong:
        return RevertUnknown(data)
'''


def error_text(signature: str, name: str, values: Sequence[Value], notice: str) -> str:
    """The exception class of one Solidity error."""
    title = notice or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).capitalize() + "."
    parameters = "".join(f", {one.name}: {one.python_type}" for one in values)
    given = [f"{one.name}={one.name}" for one in values]
    kept = "".join(f"        self.{one.name} = {one.name}\n" for one in values)
    selector = keccak256(signature.encode())[:4].hex()
    made = ", ".join(one.from_abi.format(f"values[{number}]") for number, one in enumerate(values))
    call = [json.dumps(name), _types_text(values), "data"]
    read = _laid_out("        values = codec.decode(" if values else "        codec.decode(", call, ")") + "\n"
    return (
        f"class {name}(ContractError):\n{_sentence(title)}\n\n"
        f"    SELECTOR: ClassVar[bytes] = bytes.fromhex({json.dumps(selector)})\n"
        f"    title = {json.dumps(title, ensure_ascii=False)}\n    signature = {json.dumps(signature)}\n\n"
        f"    def __init__(self{parameters}) -> None:\n"
        f"{_laid_out('        super().__init__(', given, ')')}\n{kept}\n"
        f"    @classmethod\n    def from_data(cls, data: bytes) -> {name}:\n"
        f'        """Reads the arguments behind the selector."""\n{read}        return cls({made})\n'
    )


def _union(names: Sequence[str]) -> str:
    line = f"Event = {' | '.join(names)}"
    return line if len(line) <= LINE else "Event = (\n    " + "\n    | ".join(names) + "\n)"


def _require_unique(where: str, names: Sequence[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{where}: more than one {', '.join(twice)}")


def bindings_texts(artifacts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Every generated file's text by its name in the folder of the bindings."""
    texts = {f"{snake_case(name)}.py": module_text(artifact) for name, artifact in artifacts.items()}
    texts["contract_errors.py"] = errors_text(artifacts)
    return texts


def write_bindings(artifacts: Mapping[str, Mapping[str, Any]], folder: Path = BINDINGS) -> None:
    """Writes the generated modules."""
    for name, text in bindings_texts(artifacts).items():
        (folder / name).write_text(text)


def read_artifacts(folder: Path = ARTIFACTS) -> dict[str, dict[str, Any]]:
    """The committed artifacts."""
    return {name: json.loads((folder / f"{name}.json").read_bytes()) for name in (*CONTRACTS, *FOREIGN)}


if __name__ == "__main__":
    write_bindings(read_artifacts())
