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
    let plain = url.username().is_empty() && url.password().is_none();
    if plain { Ok(url) } else { Err(Refused::UserInfo) }
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
mod tests {
    use super::Reach::{Public, PublicAndLoopback};
    use super::*;
    use proptest::prelude::*;

    fn webhook(text: &str, reach: Reach) -> Result<(), Refused> {
        CustomerUrl::webhook(text, reach).map(drop)
    }

    fn media(text: &str, reach: Reach) -> Result<(), Refused> {
        CustomerUrl::media(text, reach).map(drop)
    }

    #[test]
    fn a_webhook_is_https_and_a_file_http_or_https() {
        for (text, as_webhook, as_media) in [
            ("https://example.com/hook", Ok(()), Ok(())),
            ("HTTPS://EXAMPLE.com:8443/hook?a=b#c", Ok(()), Ok(())),
            ("https://8.8.8.8/", Ok(()), Ok(())),
            ("https://[2606:4700::1]/", Ok(()), Ok(())),
            ("http://example.com/a.jpg", Err(Refused::NotHttps), Ok(())),
            ("http://localhost/", Err(Refused::NotHttps), Ok(())), // a name: refused where it is dialled
            ("ftp://example.com/a.jpg", Err(Refused::NotHttps), Err(Refused::NotHttp)),
            ("file:///etc/passwd", Err(Refused::NotHttps), Err(Refused::NotHttp)),
            ("gopher://10.0.0.1/", Err(Refused::NotHttps), Err(Refused::NotHttp)),
            ("data:image/png;base64,AA", Err(Refused::NotHttps), Err(Refused::NotHttp)),
            ("https://me:pw@example.com/", Err(Refused::UserInfo), Err(Refused::UserInfo)),
            ("https://me@example.com/", Err(Refused::UserInfo), Err(Refused::UserInfo)),
            ("https://:pw@example.com/", Err(Refused::UserInfo), Err(Refused::UserInfo)),
            ("https://8.8.8.8@10.0.0.1/", Err(Refused::UserInfo), Err(Refused::UserInfo)),
            ("example.com/a.jpg", Err(Refused::NotUrl), Err(Refused::NotUrl)),
            ("https://", Err(Refused::NotUrl), Err(Refused::NotUrl)),
            ("https://[fe80::1%25eth0]/", Err(Refused::NotUrl), Err(Refused::NotUrl)),
            ("", Err(Refused::NotUrl), Err(Refused::NotUrl)),
        ] {
            assert_eq!((webhook(text, Public), media(text, Public)), (as_webhook, as_media), "{text}");
        }
    }

    #[test]
    fn a_private_address_is_refused_however_it_is_spelled() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "0x7f000001",
            "127.0.0.1.",
            "127%2e0.0.1",
            "127。0。0。1",
            "１２７.0.0.1",
            "0",
            "0.0.0.0",
            "10.0.0.1",
            "0xa.0.0.1",
            "169.254.169.254",
            "2852039166",
            "0251.0376.0251.0376",
            "[::1]",
            "[::]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:10.0.0.1]",
            "[::ffff:a00:1]",
            "[::ffff:8.8.8.8]",
            "[::127.0.0.1]",
            "[64:ff9b::a00:1]",
            "[2002:a00:1::]",
            "[fd00:ec2::254]",
            "[fe80::1]",
        ] {
            for text in [format!("https://{host}/"), format!("https:\\\\{host}:8080/a.jpg")] {
                assert_eq!(webhook(&text, Public), Err(Refused::NotPublic), "{text}");
                assert_eq!(media(&text, Public), Err(Refused::NotPublic), "{text}");
            }
        }
    }

    #[test]
    fn the_laptop_lets_its_own_addresses_pass_and_no_other_private_one() {
        for text in ["http://127.0.0.1:9000/hook", "http://[::1]/", "http://localhost:80/", "https://127.8.8.8/"] {
            assert_eq!((webhook(text, PublicAndLoopback), media(text, PublicAndLoopback)), (Ok(()), Ok(())), "{text}");
        }
        assert_eq!(webhook("http://example.com/", PublicAndLoopback), Err(Refused::NotHttps));
        for text in ["https://10.0.0.1/", "https://169.254.169.254/", "https://0.0.0.0/", "https://[::ffff:127.0.0.1]/"]
        {
            assert_eq!(webhook(text, PublicAndLoopback), Err(Refused::NotPublic), "{text}");
            assert_eq!(media(text, PublicAndLoopback), Err(Refused::NotPublic), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_becomes_a_url_that_spells_out_a_private_address(text in "https?://[0-9a-fx.:\\[\\]%@/]{1,24}") {
            if let Ok(CustomerUrl(url)) = CustomerUrl::media(&text, Public) {
                let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
                prop_assert!(host.parse().map_or(true, is_public), "{text} is {url}");
            }
        }
    }
}
