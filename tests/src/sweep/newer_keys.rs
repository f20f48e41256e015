//! Functions whose processes have the master keys of the time at which they were started.

use std::collections::BTreeMap;
use std::sync::Mutex;

use local::dev_stack::FunctionOverride;
use shared::mutex::lock;
use tempfile::NamedTempFile;

const FUNCTIONS: [&str; 6] = ["send", "deliver", "receive", "notify", "settle", "manage"];
/// `@` in the file stands for the function's own keys.
const SCRIPT: &str = r#"if read -r keys <"$NEWER_KEYS"; then export MASTER_KEYS="${keys%%@*}$MASTER_KEYS${keys#*@}"; fi
exec "$0" function "$1""#;

/// The master keys that were added to the stack's own, in a file that processes read when they start.
pub struct NewerKeys {
    file: NamedTempFile,
    /// All keys in their order, `@` for the stack's own.
    keys: Mutex<Vec<String>>,
}

impl Default for NewerKeys {
    fn default() -> Self {
        Self { file: NamedTempFile::new().expect("a file"), keys: Mutex::new(vec!["@".to_owned()]) }
    }
}

impl NewerKeys {
    /// How functions are started that read them.
    pub fn overrides(&self, program: &str) -> BTreeMap<String, FunctionOverride> {
        let file = self.file.path().to_string_lossy().into_owned();
        let start = |name: &str| {
            let arguments = ["-c", SCRIPT, program, name].map(str::to_owned);
            FunctionOverride {
                command: Some(("/bin/sh".into(), arguments.into())),
                variables: BTreeMap::from([("NEWER_KEYS".to_owned(), file.clone())]),
            }
        };
        FUNCTIONS.into_iter().map(|name| (name.to_owned(), start(name))).collect()
    }

    /// Adds one behind the others, and returns it.
    pub fn add(&self) -> String {
        let added = format!("PRIVATE-{}", hex::encode(shared::ids::random::<32>()));
        lock(&self.keys).push(added.clone());
        self.write();
        added
    }

    /// Puts the last one before the others.
    pub fn promote(&self) {
        lock(&self.keys).rotate_right(1);
        self.write();
    }

    fn write(&self) {
        let text = format!("{}\n", lock(&self.keys).join(","));
        std::fs::write(self.file.path(), text).expect("a file that can be written");
    }
}
