"""Which file of a crate imports which: walks its modules from the roots and resolves every path to the file that has it."""

from dataclasses import dataclass, field
from pathlib import Path

from rust_source import read


@dataclass
class Module:
    """A file of a crate."""

    file: Path
    path: tuple
    parent: "Module | None"
    source: object
    children: dict = field(default_factory=dict)

    def up(self, steps):
        """The module `steps` above."""
        module = self
        for _ in range(steps):
            module = module.parent or module
        return module


@dataclass(frozen=True)
class Import:
    """One import of one file by another."""

    importer: Path
    imported: Path
    line: int
    path: str


def load(file, path, parent):
    """The module in `file`, with everything below it that is not a test."""
    module = Module(file, path, parent, read(file.read_text(encoding="utf-8")))
    is_root = parent is None
    folder = file.parent if is_root or file.name == "mod.rs" else file.with_suffix("")
    for name in module.source.children:
        for candidate in (folder / f"{name}.rs", folder / name / "mod.rs"):
            if candidate.is_file() and "tests" not in candidate.relative_to(folder).with_suffix("").parts:
                module.children[name] = load(candidate, (*path, name), module)
    return module


def all_of(module):
    """The module and everything below it."""
    yield module
    for child in module.children.values():
        yield from all_of(child)


def resolve(root, module, path, seen=frozenset()):
    """The module that has what `path` names, as `module` sees it; None for another crate's."""
    if path[0] == "crate":
        start, rest = root, path[1:]
    elif path[0] in ("self", "super"):
        steps = sum(1 for part in path if part == "super")
        start, rest = module.up(steps), [part for part in path if part not in ("self", "super")]
    elif path[0] in module.children:
        start, rest = module, path
    else:
        return None
    for index, part in enumerate(rest):
        if part in start.children:
            start = start.children[part]
            continue
        return reexported(root, start, rest[index:], seen) or start
    return start


def reexported(root, module, rest, seen):
    """Where a name comes from that `module` re-exports: the name is its home's, not this module's."""
    key = (module.path, tuple(rest))
    if key in seen or rest[0] in module.source.defined:
        return None
    seen = seen | {key}
    for use in module.source.uses:
        if use.public and use.name == rest[0]:
            return resolve(root, module, (*use.path, *rest[1:]), seen)
    for use in module.source.uses:
        if use.public and use.name == "*":
            home = resolve(root, module, (*use.path[:-1], rest[0]), seen)
            if home and rest[0] in home.source.defined:
                return home
    return None


def imports_of(root, module):
    """What the module's file imports from its own crate's other files."""
    aliases, found = {}, set()
    for use in module.source.uses:
        home = resolve(root, module, [part for part in use.path if part != "*"] or ["self"])
        if home:
            aliases[use.name] = use.path
            found.add(Import(module.file, home.file, use.line, "::".join(use.path)))
    for path, line in module.source.paths:
        whole = (*aliases[path[0]], *path[1:]) if path[0] in aliases else path
        if home := resolve(root, module, whole):
            found.add(Import(module.file, home.file, line, "::".join(path)))
    return {one for one in found if one.imported != one.importer}


def crate_imports(source_folder):
    """(files that only re-export, imports) of a crate's library and its programs."""
    facades, imports = set(), set()
    for root_file in [source_folder / "lib.rs", source_folder / "main.rs", *source_folder.glob("bin/*.rs")]:
        if not root_file.is_file():
            continue
        root = load(root_file, (), None)
        for module in all_of(root):
            found = imports_of(root, module)
            if module.source.facade:
                facades.add(module.file)
                own = {below.file for below in all_of(module)}
                found = {one for one in found if one.imported not in own}
            imports |= found
    return facades, {one for one in imports if one.imported not in facades}


def cycles(edges):
    """The strongly connected components of more than one node (Tarjan), each sorted. `edges`: pairs."""
    graph = {}
    for start, end in edges:
        graph.setdefault(start, set()).add(end)
        graph.setdefault(end, set())
    order, low, stack, on_stack, found = {}, {}, [], set(), []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        on_stack.add(node)
        for next_node in sorted(graph[node]):
            if next_node not in order:
                visit(next_node)
                low[node] = min(low[node], low[next_node])
            elif next_node in on_stack:
                low[node] = min(low[node], order[next_node])
        if low[node] == order[node]:
            component = []
            while not component or component[-1] != node:
                component.append(stack.pop())
                on_stack.discard(component[-1])
            if len(component) > 1:
                found.append(sorted(component))

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return found
