//! Callbacks of WhatsApp, and what they are about.

/// A callback.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its body.
    pub body: String,
    /// What it is about.
    pub about: About,
}

/// What a callback is about.
#[derive(Clone, Debug)]
pub enum About {
    /// Messages of a person to a number.
    Messages {
        /// The number.
        number: String,
        /// WhatsApp's ids of the messages.
        wamids: Vec<String>,
        /// The aliases of the person that it names.
        named: Vec<String>,
    },
    /// A template with this name.
    Template(String),
    /// A business account.
    Account,
}
