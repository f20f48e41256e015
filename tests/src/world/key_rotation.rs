//! The rotation of the keys that encrypt and sign.

use shared::clock::Timestamp;
use shared::security::master_keys::SEALS_AFTER;

use super::clients::Clients;
use super::manners::Keys;

impl Clients<'_> {
    /// Puts a new key before the others, as the operator does (docs/operating.md): not within 15 minutes after the last change
    /// of the same secret. Until the next rotation, the function that is `behind` gets the values from before it.
    pub fn rotate_keys(&self, keys: Keys, behind: Option<&str>) {
        let (secrets, now) = (&self.fixture.stack.stack.secrets, self.fixture.stack.now());
        let mut known = self.known();
        let last = known.rotated.get(&keys).copied();
        if last.is_some_and(|last: Timestamp| now < last.plus(SEALS_AFTER)) {
            return;
        }
        known.rotated.insert(keys, now);
        secrets.keep_behind(behind);
        let added = format!("PRIVATE-{}", hex::encode(shared::ids::random::<32>()));
        let others = secrets.text(keys.secret()).unwrap_or_default();
        secrets.put(keys.secret(), &format!("{added},{others}")).expect("no file");
        known.private.push(added);
    }

    /// Lets every function read the latest values.
    pub fn let_read_keys(&self) {
        self.fixture.stack.stack.secrets.keep_behind(None);
    }
}
