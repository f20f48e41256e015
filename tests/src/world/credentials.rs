//! What requests are allowed by.

/// What a request is allowed by. Accounts, keys and instances are named by their places, URLs by their names.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Credential {
    /// A key of an account.
    Key(usize, usize),
    /// An instance of an account.
    Instance(usize, usize),
    /// An inbound URL.
    Url(u32),
}

/// An inbound URL that was created.
#[derive(Clone, Debug)]
pub struct OpenedUrl {
    /// The account.
    pub account: usize,
    /// Its instance.
    pub instance: usize,
    /// The key that it acts for.
    pub key: usize,
    /// Its id.
    pub id: String,
    /// Its path, with the token.
    pub path: String,
}

impl OpenedUrl {
    /// What it needs to send.
    pub const fn credentials(&self, name: u32) -> [Credential; 3] {
        let Self { account, instance, key, .. } = *self;
        [Credential::Url(name), Credential::Key(account, key), Credential::Instance(account, instance)]
    }
}
