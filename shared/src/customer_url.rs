//! URLs that customers give, and which of them may be called: no user or password, and no address that is not public.

use std::net::IpAddr;

use url::{Host, Url};

use crate::public_address::is_public;

/// Which addresses may be dialled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reach {
    /// Public ones.
    Public,
    /// Those of this machine as well: on the laptop.
    PublicAndLoopback,
}

impl Reach {
    /// Whether this address may be dialled.
    pub fn allows(self, address: IpAddr) -> bool {
        is_public(address) || (self == Self::PublicAndLoopback && address.is_loopback())
    }
}

/// A URL of the right form. If it spells out an address, that is within reach; those of a name are checked where they
/// are dialled.
#[derive(Clone, Debug)]
pub struct CustomerUrl(Url);

/// Why a URL is not called, in words for the customer who gave it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Nothing that could be called.
    #[error("must be a URL")]
    NotUrl,
    /// A webhook's must be https.
    #[error("must begin with https://")]
    NotHttps,
    /// A file's must be http or https.
    #[error("must begin with http:// or https://")]
    NotHttp,
    /// They would be sent to whoever answers there.
    #[error("must not have a user or password")]
    UserInfo,
    /// Nobody can be called there.
    #[error("must not have port 0")]
    PortZero,
    /// It spells out an address, or its name has one, that is not public.
    #[error("must lead to public addresses only")]
    NotPublic,
}

impl CustomerUrl {
    /// A webhook's: https, or on the laptop http to the machine itself.
    pub fn webhook(text: &str, reach: Reach) -> Result<Self, Refused> {
        let url = parse(text)?;
        let on_this_machine = reach == Reach::PublicAndLoopback && url.scheme() == "http" && is_loopback(&url);
        if url.scheme() != "https" && !on_this_machine {
            return Err(Refused::NotHttps);
        }
        Self::within(url, reach)
    }

    /// A file's: http or https.
    pub fn media(text: &str, reach: Reach) -> Result<Self, Refused> {
        Self::within(media_form(text)?, reach)
    }

    /// The URL.
    pub const fn url(&self) -> &Url {
        &self.0
    }

    /// `url` has turned every spelling of an address (octal, hexadecimal, one number) into the address.
    fn within(url: Url, reach: Reach) -> Result<Self, Refused> {
        let allowed = match url.host() {
            None => return Err(Refused::NotUrl),
            Some(Host::Domain(name)) if name.trim_matches('.').is_empty() => return Err(Refused::NotUrl),
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(address)) => reach.allows(address.into()),
            Some(Host::Ipv6(address)) => reach.allows(address.into()),
        };
        if allowed { Ok(Self(url)) } else { Err(Refused::NotPublic) }
    }
}

/// A file's URL by its form alone, wherever it leads.
pub fn media_form(text: &str) -> Result<Url, Refused> {
    let url = parse(text)?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(Refused::NotHttp) }
}

fn parse(text: &str) -> Result<Url, Refused> {
    let url = Url::parse(text).map_err(|_| Refused::NotUrl)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::UserInfo);
    }
    if url.port() == Some(0) { Err(Refused::PortZero) } else { Ok(url) }
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
