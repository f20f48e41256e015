"""Reads one Rust file: the modules it declares, what it imports, and the paths in its code. No compiler: tokens are enough."""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)
      | (?P<raw>\bb?c?r(?P<hashes>\#*)".*?"(?P=hashes))
      | (?P<string>b?c?"(?:\\.|[^"\\])*")
      | (?P<char>b?'(?:\\[^\n']+|\\'|[^\\'\n])')
      | (?P<word>(?:r\#)?[A-Za-z_]\w*|'[A-Za-z_]\w*|\d[\w.]*)
      | (?P<sign>::|[^\s])""",
    re.VERBOSE | re.DOTALL,
)
PATH_IN_STRING = re.compile(r'^"((?:crate|super|self)(?:::\w+)+)"$')  # #[serde(with = "crate::json_text")]


@dataclass
class Use:
    """One imported name: `path` as written, `name` as the file calls it ("*" for a glob, "_" for none)."""

    path: tuple
    name: str
    line: int
    public: bool


@dataclass
class Source:
    """The declarations and imports of one file, without code under #[cfg(test)]."""

    children: list = field(default_factory=list)  # mod x;
    test_children: list = field(default_factory=list)  # #[cfg(test)] mod x;
    uses: list = field(default_factory=list)
    paths: list = field(default_factory=list)  # (path, line): crate::x::y in code
    defined: set = field(default_factory=set)  # names of items
    facade: bool = True  # only declares, documents and re-exports


def tokens(text):
    """(text, line) of each token; strings and comments are dropped, except a string that is a path of this crate."""
    found, line, end = [], 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        kind = match.lastgroup if match.lastgroup != "hashes" else "raw"
        if kind == "string" and (path := PATH_IN_STRING.match(match.group())):
            for part in re.findall(r"::|\w+", path.group(1)):
                found.append((part, line))
        elif kind in ("word", "sign"):
            found.append((match.group().removeprefix("r#"), line))
        elif kind in ("string", "raw", "char"):
            found.append(('""', line))
    return found


def closing(found, start):
    """The index of the bracket that closes the one at `start`."""
    pairs, depth = {"(": ")", "[": "]", "{": "}"}, 0
    opening = found[start][0]
    for index in range(start, len(found)):
        depth += (found[index][0] == opening) - (found[index][0] == pairs[opening])
        if depth == 0:
            return index
    return len(found) - 1


def end_of_item(found, start):
    """The index of an item's last token: its semicolon, or the brace that closes its body."""
    index = start
    while index < len(found):
        word = found[index][0]
        if word == ";":
            return index
        if word == "{":
            is_use = any(token == "use" for token, _ in found[start:index])
            index = closing(found, index)
            if not is_use:
                return index
        elif word in "([":
            index = closing(found, index)
        index += 1
    return len(found) - 1


def use_tree(found, index, prefix, public):
    """The names that a `use` imports, and the index after it."""
    path, uses = list(prefix), []
    while index < len(found):
        word, line = found[index]
        if word == "{":
            end = closing(found, index)
            index += 1
            while index < end:
                inner, index = use_tree(found, index, path, public)
                uses += inner
                index += found[index][0] == ","
            return uses, end + 1
        if word == "as":
            return [Use(tuple(path), found[index + 1][0], line, public)], index + 2
        if word in (",", ";", "}"):
            break
        if word == "self" and path:  # use a::{self, b}
            pass
        elif word != "::":
            path.append(word)
        index += 1
    if not path:
        return [], index
    return [Use(tuple(path), path[-1], found[index - 1][1], public)], index


def read(text):
    """Reads the file."""
    found, source, index, testing = tokens(text), Source(), 0, False
    while index < len(found):
        word, line = found[index]
        follows = found[index + 1][0] if index + 1 < len(found) else ""
        if word == "#" and follows in ("[", "!"):
            start = index + 1 + (follows == "!")
            end = closing(found, start)
            attribute = "".join(token for token, _ in found[start : end + 1])
            testing = testing or attribute.startswith(("[cfg(test)", "[cfg(all(test"))
            if "::" in attribute:
                source.paths += paths_in(found[start:end])  # serde's `with`
            index = end + 1
        elif testing:
            end = end_of_item(found, index)
            if found[end - 2][0] == "mod" and found[end][0] == ";":
                source.test_children.append(found[end - 1][0])
            index, testing = end + 1, False
        elif word == "pub" and follows == "(":
            index = closing(found, index + 1) + 1
            if found[index][0] == "use":
                uses, index = use_tree(found, index + 1, [], True)
                source.uses += uses
        elif word == "use" and follows != "<":
            public = index > 0 and found[index - 1][0] == "pub"
            uses, index = use_tree(found, index + 1, [], public)
            source.uses += uses
            source.facade &= public
        elif word == "mod" and index + 2 < len(found) and found[index + 2][0] == ";":
            source.children.append(follows)
            index += 3
        else:
            if word not in ("pub", ";"):
                source.facade = False
            if word in ("struct", "enum", "fn", "const", "trait", "type", "static", "union", "mod"):
                source.defined.add(follows)
            if follows == "::" and (index == 0 or found[index - 1][0] != "::"):
                source.paths += paths_in(found[index : index + 30], once=True)
            index += 1
    return source


def paths_in(found, once=False):
    """The paths among the tokens; `once`: the one that they start with."""
    paths, index = [], 0
    while index + 2 < len(found):
        if found[index + 1][0] == "::" and re.match(r"[A-Za-z_]", found[index][0]):
            path, line = [found[index][0]], found[index][1]
            while index + 2 < len(found) and found[index + 1][0] == "::" and re.match(r"\w", found[index + 2][0]):
                path.append(found[index + 2][0])
                index += 2
            if len(path) > 1:
                paths.append((tuple(path), line))
        if once:
            break
        index += 1
    return paths
