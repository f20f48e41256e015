"""The rules. Each takes the repository's folder and its files, and returns what breaks it, a line each."""

from imports import crate_imports, cycles

# The folders (and single files) of shared/src, top to bottom: a file imports from its own layer or a lower one.
LAYERS = [
    ["closing"],
    ["listener"],
    ["webhook"],
    ["account"],
    ["instance", "media", "unread_callback", "batch"],
    ["whatsapp", "contact"],
    ["message"],
    ["ledger"],
    ["security", "observability", "outbound"],
    ["http"],
    ["aws"],
    ["ids", "clock", "phone_number", "provider_ids", "user_id", "alias", "canonical_json", "json_text", "jitter", "lease", "mutex", "text", "bounded_map", "cache", "event", "allocator"],
]
LONGEST = 350  # lines
SOURCES = {".rs", ".sh", ".py", ".ts", ".js", ".css"}


def pairs(imports, folder):
    """A line for each pair of files: who imports what of whom, and where."""
    grouped = {}
    for one in sorted(imports, key=lambda one: one.line):
        grouped.setdefault((one.importer, one.imported), []).append(one)
    lines = []
    for (importer, imported), all_of_pair in sorted(grouped.items()):
        names = list(dict.fromkeys(one.path for one in all_of_pair))
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        where = f"{importer.relative_to(folder)}:{all_of_pair[0].line}"
        lines.append(f"    {where} -> {imported.relative_to(folder)} ({', '.join(names[:3])}{more})")
    return lines


def no_cycles(root, files):
    """No two files of a crate need each other, directly or through others."""
    problems = []
    roots = [file for file in files if file.name in ("lib.rs", "main.rs") and file.parent.name == "src"]
    for folder in sorted({root / file.parent for file in roots}):
        _, imports = crate_imports(folder)
        for component in cycles({(one.importer, one.imported) for one in imports}):
            inside = {one for one in imports if one.importer in component and one.imported in component}
            problems.append(f"{folder.relative_to(root)}: {len(component)} files import each other in a circle:")
            problems += pairs(inside, folder)
    return problems


def downward_only(root, _files):
    """In shared/src nothing imports from a higher layer, and folders of one layer do not import each other in a circle."""
    source = root / "shared/src"
    layer = {name: index for index, names in enumerate(LAYERS) for name in names}
    if not source.is_dir():
        return []
    _, imports = crate_imports(source)

    def folder_of(file):
        return file.relative_to(source).with_suffix("").parts[0]

    crossing = [one for one in imports if folder_of(one.importer) != folder_of(one.imported)]
    problems, sideways = [], set()
    unplaced = {folder_of(file) for one in imports for file in (one.importer, one.imported)} - layer.keys() - {"lib"}
    if unplaced:
        problems.append(f"shared/src: in no layer of .ci/structure/rules.py: {', '.join(sorted(unplaced))}")
    for one in sorted(crossing, key=lambda one: (one.importer, one.line)):
        importer, imported = folder_of(one.importer), folder_of(one.imported)
        if importer not in layer or imported not in layer:
            continue
        if layer[imported] < layer[importer]:
            where = f"{one.importer.relative_to(root)}:{one.line}"
            problems.append(f"{where} imports upward: {one.path} ({importer} is below {imported})")
        elif layer[imported] == layer[importer]:
            sideways.add((importer, imported))
    for component in cycles(sideways):
        problems.append(f"shared/src: folders of one layer import each other in a circle: {', '.join(component)}")
    return problems


def short_files(root, files):
    """No source file is longer than LONGEST lines."""
    problems = []
    for file in files:
        text = (root / file).read_text(encoding="utf-8") if file.suffix in SOURCES or not file.suffix else ""
        is_source = file.suffix in SOURCES or text.startswith("#!")
        if is_source and (lines := text.count("\n")) > LONGEST:
            problems.append(f"{file}: {lines} lines, over {LONGEST}")
    return problems
