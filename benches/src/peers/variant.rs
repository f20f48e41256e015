//! Whose `send` and `deliver` are measured, and how they are started.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use local::dev_stack::FunctionOverride;

/// The memory in megabytes from which Node's heap size is set, as AWS's start script does.
const MEMORY: u32 = 256;

/// Whose they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Variant {
    /// Ours.
    Pombo,
    /// Node 20, AWS SDK v3, Powertools, an esbuild bundle.
    TypeScript,
}

impl Variant {
    /// All variants, in the order in which they are measured.
    pub const ALL: [Self; 2] = [Self::Pombo, Self::TypeScript];

    /// How a function is started, with these variables.
    pub fn stand_in(self, function: &str, variables: BTreeMap<String, String>) -> FunctionOverride {
        let command = match self {
            Self::Pombo => None,
            Self::TypeScript => Some(node(function)),
        };
        FunctionOverride { command, variables }
    }

    /// Fails with instructions when it is not built.
    ///
    /// # Panics
    /// When it is not built.
    pub fn check_built(self) {
        let made = built().join("typescript/bundle/deliver.js");
        assert!(self == Self::Pombo || made.exists(), "{} is not there: benches/peers/build makes it", made.display());
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pombo => "Pombo",
            Self::TypeScript => "TypeScript",
        })
    }
}

/// Where `benches/peers/build` puts the peers.
pub fn built() -> PathBuf {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(""));
    project.join(".local/peers") // without `..`, which Node's client does not accept in a path
}

/// Starts a program that ends with the bench, however that ends: Node's client would continue without its host.
fn ends_with_us(program: &str, arguments: Vec<String>) -> (PathBuf, Vec<String>) {
    let first = ["--pdeathsig", "KILL", program].map(str::to_owned);
    (PathBuf::from("/usr/bin/setpriv"), [first.into(), arguments].concat())
}

/// Node with AWS's runtime interface client, and the options of the start script of AWS's managed runtime.
fn node(function: &str) -> (PathBuf, Vec<String>) {
    let folder = built().join("typescript");
    let program = std::fs::read_to_string(folder.join("node")).unwrap_or_else(|_| "node".to_owned());
    let client = folder.join("node_modules/aws-lambda-ric/bin/index.mjs");
    let handler = folder.join(format!("bundle/{function}.handler"));
    let new_space = MEMORY / 10;
    let arguments = [
        "--expose-gc".to_owned(),
        "--max-http-header-size=81920".to_owned(),
        format!("--max-semi-space-size={}", new_space / 2),
        format!("--max-old-space-size={}", MEMORY - new_space),
        client.to_string_lossy().into_owned(),
        handler.to_string_lossy().into_owned(),
    ];
    ends_with_us(program.trim(), arguments.into())
}
