"""Links in Markdown files, and the paths of this repository that they mention."""

import re
from urllib.parse import unquote

FENCE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1[^\n]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(`+)(.+?)\1")
LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^ {0,3}\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
EXPLICIT = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")


def blank(match):
    """As many lines, and nothing on them."""
    return "\n" * match.group().count("\n")


def anchors(text):
    """The anchors that GitHub makes of a file's headings."""
    found, seen = set(EXPLICIT.findall(text)), {}
    for heading in HEADING.findall(FENCE.sub(blank, text)):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", title).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        found.add(f"{slug}-{count}" if count else slug)
    return found


def links_lead_somewhere(root, files):
    """A relative link's file and anchor exist, and so does a path in `code` that begins with a folder of the repository."""
    problems = []
    folders = {file.parts[0] for file in files if len(file.parts) > 1}
    for file in (one for one in files if one.suffix == ".md"):
        text = (root / file).read_text(encoding="utf-8")
        prose = FENCE.sub(blank, text)
        for match in LINK.finditer(CODE.sub(lambda code: " " * len(code.group()), prose)):
            target = match.group(1) or match.group(2)
            line = prose.count("\n", 0, match.start()) + 1
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = target.partition("#")
            start = root if path.startswith("/") else (root / file).parent
            goal = start / unquote(path).lstrip("/") if path else root / file
            if not goal.exists():
                problems.append(f"{file}:{line}: {target}: no such file")
            elif anchor and goal.suffix == ".md" and anchor not in anchors(goal.read_text(encoding="utf-8")):
                problems.append(f"{file}:{line}: {target}: no such heading")
        for match in CODE.finditer(prose):
            path = match.group(2)
            named = re.fullmatch(r"([\w.-]+)/[\w./-]*", path)
            if named and named.group(1) in folders and not (root / path).exists():
                line = prose.count("\n", 0, match.start()) + 1
                problems.append(f"{file}:{line}: `{path}`: no such file")
    return problems
