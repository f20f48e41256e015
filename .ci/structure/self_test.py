"""Breaks each rule in a temporary folder: each check must be able to fail."""

import tempfile
from pathlib import Path

from documents import links_lead_somewhere
from rules import downward_only, no_cycles, short_files

# name: (the rule, the files, how many lines it must print, what they must name)
SAMPLES = {
    "two files that import each other": (
        no_cycles,
        {
            "a/src/lib.rs": "mod one;\nmod two;\n",
            "a/src/one.rs": "use crate::two::Two;\npub struct One;\n",
            "a/src/two.rs": "pub struct Two;\nfn two() -> super::one::One { todo!() }\n",
        },
        3,
        ["one.rs:1 -> two.rs (crate::two::Two)", "two.rs:2 -> one.rs (super::one::One)"],
    ),
    "a circle through a re-export, an alias and a folder": (
        no_cycles,
        {
            "a/src/lib.rs": "//! A crate.\npub mod folder;\nmod user;\n",
            "a/src/folder/mod.rs": "mod inner;\npub use inner::Inner;\n",
            "a/src/folder/inner.rs": "use crate::user as people;\npub struct Inner;\nfn f() { people::greet(); }\n",
            "a/src/user.rs": "use crate::{folder::{self, Inner}};\npub fn greet() {}\n",
        },
        3,
        ["folder/inner.rs:1 -> user.rs", "user.rs:1 -> folder/inner.rs"],
    ),
    "a mod.rs with code that its children use": (
        no_cycles,
        {
            "a/src/main.rs": "mod folder;\nfn main() {}\n",
            "a/src/folder/mod.rs": "mod inner;\npub struct Outer;\nfn f() { inner::g() }\n",
            "a/src/folder/inner.rs": "use super::Outer;\npub fn g() {}\n",
        },
        3,
        ["folder/inner.rs:1 -> folder/mod.rs", "folder/mod.rs:3 -> folder/inner.rs"],
    ),
    "no circle: tests, comments, strings and generics do not count": (
        no_cycles,
        {
            "a/src/lib.rs": "pub mod one;\npub mod two;\n#[cfg(test)]\nmod check;\n",
            "a/src/one.rs": "use crate::two::Two;\npub struct One<'a>(&'a str);\nfn f() -> impl Copy + use<> { '{' }\n",
            "a/src/two.rs": '// crate::one::One\npub struct Two;\nconst T: &str = "see crate::one::One";\n'
            "#[cfg(test)]\nmod tests {\n    use crate::one::One;\n    fn f() { if true { } }\n}\n",
            "a/src/check.rs": "use crate::two::Two;\n",
        },
        0,
        [],
    ),
    "an import upward": (
        downward_only,
        {
            "shared/src/lib.rs": "pub mod aws;\npub mod message;\n",
            "shared/src/aws/mod.rs": "pub mod update;\n",
            "shared/src/aws/update.rs": "use crate::message::State;\n",
            "shared/src/message/mod.rs": "pub struct State;\n",
        },
        1,
        ["shared/src/aws/update.rs:1 imports upward: crate::message::State (aws is below message)"],
    ),
    "a circle in one layer, and a folder in none": (
        downward_only,
        {
            "shared/src/lib.rs": "pub mod ids;\npub mod clock;\npub mod extra;\n",
            "shared/src/ids.rs": "use crate::clock::Clock;\npub struct Id;\n",
            "shared/src/clock.rs": "use crate::ids::Id;\npub struct Clock;\n",
            "shared/src/extra.rs": "use crate::ids::Id;\n",
        },
        2,
        ["in no layer of .ci/structure/rules.py: extra", "in a circle: clock, ids"],
    ),
    "long files": (
        short_files,
        {"a.rs": "\n" * 351, "b": "#!/bin/sh\n" + "\n" * 350, "c.svg": "\n" * 999, "d.py": "\n" * 350},
        2,
        ["a.rs: 351 lines", "b: 351 lines"],
    ),
    "links that lead nowhere": (
        links_lead_somewhere,
        {
            "docs/a.md": "# A title: `x`\n## A title: `x`\n[a](#a-title-x-1) [b](#b) [c](c.md) [d](/docs/a.md)\n"
            "```\n[e](e.md)\n```\n`[f](f.md)` `docs/g.rs` `docs/a.md`\n",
        },
        3,
        ["a.md:3: #b: no such heading", "a.md:3: c.md: no such file", "a.md:7: `docs/g.rs`: no such file"],
    ),
}


def run():
    """Exit code 1, and the sample's name, when a rule does not print what it must."""
    failed = False
    for name, (rule, files, count, named) in SAMPLES.items():
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for file, text in files.items():
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                (root / file).write_text(text, encoding="utf-8")
            problems = rule(root, sorted(Path(file) for file in files))
        missing = [part for part in named if not any(part in problem for problem in problems)]
        if missing or len(problems) != count:
            failed = True
            print(f"the self-test of .ci/structure failed: {name}", *problems, sep="\n    ")
    return 1 if failed else 0
