//! URLs that customers give: which of them may be called. None with a user or password, and none of an address that is not
//! public.

use std::net::IpAddr;

use url::{Host, Url};

use crate::outbound::public_address::is_public;

/// Which addresses may be dialed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reach {
    /// Public addresses.
    Public,
    /// Loopback addresses as well: in the local stack.
    PublicAndLoopback,
}

impl Reach {
    /// Whether an address may be dialed.
    pub fn allows(self, address: IpAddr) -> bool {
        is_public(address) || (self == Self::PublicAndLoopback && address.is_loopback())
    }
}

/// A valid URL. An IP address in it is within reach; the addresses of a name are checked where they are dialed.
#[derive(Clone, Debug)]
pub struct CustomerUrl(Url);

/// Why a URL may not be called. Displays as the end of a sentence that begins with the field's name.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UrlError {
    /// It is no URL.
    #[error("must be a URL.")]
    NotUrl,
    /// A webhook's URL is not https.
    #[error("must begin with https://.")]
    NotHttps,
    /// A file's URL is neither http nor https.
    #[error("must begin with http:// or https://.")]
    NotHttp,
    /// It has credentials, which would be sent to any server at that address.
    #[error("must not contain a user or password.")]
    UserInfo,
    /// Nothing listens on port 0.
    #[error("must not have port 0.")]
    PortZero,
    /// Its address, or one of its name's addresses, is not public.
    #[error("must lead to public addresses only.")]
    NotPublic,
}

impl CustomerUrl {
    /// A webhook's URL: https, or in the local stack http to loopback.
    pub fn webhook(text: &str, reach: Reach) -> Result<Self, UrlError> {
        let url = parse(text)?;
        let on_this_machine = reach == Reach::PublicAndLoopback && url.scheme() == "http" && is_loopback(&url);
        if url.scheme() != "https" && !on_this_machine {
            return Err(UrlError::NotHttps);
        }
        Self::within(url, reach)
    }

    /// A file's URL: http or https.
    pub fn media(text: &str, reach: Reach) -> Result<Self, UrlError> {
        Self::within(parse_media(text)?, reach)
    }

    /// The URL.
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// The `url` crate has normalized every spelling of an address (octal, hexadecimal, one number).
    fn within(url: Url, reach: Reach) -> Result<Self, UrlError> {
        let allowed = match url.host() {
            None => return Err(UrlError::NotUrl),
            Some(Host::Domain(name)) if name.trim_matches('.').is_empty() => return Err(UrlError::NotUrl),
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(address)) => reach.allows(address.into()),
            Some(Host::Ipv6(address)) => reach.allows(address.into()),
        };
        if allowed { Ok(Self(url)) } else { Err(UrlError::NotPublic) }
    }
}

/// Parses a file's URL, whatever its address.
pub fn parse_media(text: &str) -> Result<Url, UrlError> {
    let url = parse(text)?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(UrlError::NotHttp) }
}

fn parse(text: &str) -> Result<Url, UrlError> {
    let url = Url::parse(text).map_err(|_| UrlError::NotUrl)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::UserInfo);
    }
    if url.port() == Some(0) { Err(UrlError::PortZero) } else { Ok(url) }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
