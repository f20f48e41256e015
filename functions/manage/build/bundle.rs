//! Puts the console's modules into one file (docs/adr/0062): fifty requests for small files would be fifty invocations of the function.
//!
//! It is no general bundler. A module's imports are lines of the form `import { a, b } from './file.js';`, its exports begin a line
//! with `export`, and no two modules declare the same name. What breaks this ends the build and says where. Modules below `vendor`
//! stay files of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

/// The modules so far.
#[derive(Default)]
pub struct Bundle {
    text: String,
    /// Modules that are complete, and those that import the one that is read now.
    modules: BTreeMap<PathBuf, bool>,
    /// The imported names of each module below `vendor`.
    vendors: BTreeMap<String, BTreeSet<String>>,
    /// The names that modules declare, and where.
    names: BTreeMap<String, PathBuf>,
}

impl Bundle {
    /// A module with everything that it imports.
    pub fn of_script(root: &Path, entry: &str) -> io::Result<String> {
        let mut bundle = Self::default();
        bundle.add(root, Path::new(entry))?;
        let vendors = bundle.vendors.iter().map(|(file, names)| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("import {{ {} }} from './{file}';\n", names.join(", "))
        });
        Ok(vendors.chain([bundle.text.clone()]).collect())
    }

    fn add(&mut self, root: &Path, module: &Path) -> io::Result<()> {
        match self.modules.get(module) {
            Some(true) => return Ok(()),
            Some(false) => return Err(refusal(module, "it imports itself, through others")),
            None => self.modules.insert(module.to_owned(), false),
        };
        let source = fs::read_to_string(root.join(module))?;
        for (names, imported) in source.lines().filter_map(import) {
            let path = resolve(module, imported);
            if path.starts_with("vendor") {
                self.vendors.entry(path.display().to_string()).or_default().extend(names.map(str::to_owned));
            } else {
                self.add(root, &path)?;
            }
        }
        let mut is_comment = false;
        for line in source.lines().filter(|line| import(line).is_none()) {
            let text = line.trim();
            is_comment |= text.starts_with("/**") && (text.ends_with("*/") || !text.contains("*/"));
            if !is_comment {
                self.add_line(module, line)?;
            }
            is_comment &= !text.ends_with("*/");
        }
        self.modules.insert(module.to_owned(), true);
        Ok(())
    }

    fn add_line(&mut self, module: &Path, line: &str) -> io::Result<()> {
        if line.starts_with("import ") || line.starts_with("export {") || line.starts_with("export default") {
            return Err(refusal(module, &format!("this form is not bundled: {line}")));
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        if let Some(name) = declared(line)
            && let Some(other) = self.names.insert(name.to_owned(), module.to_owned())
        {
            return Err(refusal(module, &format!("{} declares {name} as well", other.display())));
        }
        self.text.push_str(&with_own_paths(module, line));
        self.text.push('\n');
        Ok(())
    }
}

/// A style sheet with those that it imports.
pub fn of_style(root: &Path, entry: &str) -> io::Result<String> {
    let (mut imported, mut own) = (String::new(), String::new());
    for line in fs::read_to_string(root.join(entry))?.lines() {
        match line.strip_prefix("@import url('").and_then(|rest| rest.strip_suffix("');")) {
            Some(file) => imported.push_str(&fs::read_to_string(root.join(file))?),
            None => own.extend([line, "\n"]),
        }
    }
    Ok(imported + &own)
}

/// The names and the file of an import.
fn import(line: &str) -> Option<(impl Iterator<Item = &str>, &str)> {
    let (names, file) = line.strip_prefix("import { ")?.split_once(" } from '")?;
    (!names.contains(" as ")).then_some((names.split(", "), file.strip_suffix("';")?))
}

/// The name that a line declares outside all blocks.
fn declared(line: &str) -> Option<&str> {
    let declarations = ["const ", "let ", "function ", "async function ", "class "];
    let rest = declarations.iter().find_map(|declaration| line.strip_prefix(declaration))?;
    rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().filter(|name| !name.is_empty())
}

/// A line whose `import('./file.js')`, if it has one, names the file as the bundle sees it.
fn with_own_paths(module: &Path, line: &str) -> String {
    let Some((before, rest)) = line.split_once("import('") else { return line.to_owned() };
    let Some((file, after)) = rest.split_once('\'') else { return line.to_owned() };
    format!("{before}import('./{}'{after}", resolve(module, file).display())
}

/// A file that a module names, relative to the console's folder.
fn resolve(module: &Path, file: &str) -> PathBuf {
    let mut path = module.parent().unwrap_or(module).to_owned();
    for part in Path::new(file).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

fn refusal(module: &Path, why: &str) -> io::Error {
    io::Error::other(format!("console/{}: {why}", module.display()))
}
