//! A resolver for the HTTP client that returns the addresses of a name only if all of them may be dialed.
//!
//! The client connects to what it gets and uses no other resolver, so a name that turns private between two calls is refused at
//! the second one (DNS rebinding).

use std::io;
use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::outbound::customer_url::{Reach, UrlError};

/// A name that has no address, or whose addresses could not be looked up.
#[derive(Debug, thiserror::Error)]
#[error("the name was not found")]
pub struct NameNotFound;

/// The resolver, over any lookup.
pub struct PublicResolver<L> {
    /// Finds the addresses of a name.
    pub look_up: L,
    /// Which of them may be dialed.
    pub reach: Reach,
}

impl<L, F> Resolve for PublicResolver<L>
where
    L: Fn(String) -> F + Send + Sync,
    F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
{
    fn resolve(&self, name: Name) -> Resolving {
        let (found, reach) = ((self.look_up)(name.as_str().to_owned()), self.reach);
        Box::pin(async move {
            let addresses = found.await.unwrap_or_default();
            if addresses.is_empty() {
                return Err(NameNotFound.into());
            }
            // One private address among public ones is an attack or a mistake, and the client might dial it.
            if !addresses.iter().all(|address| reach.allows(*address)) {
                return Err(UrlError::NotPublic.into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// Calls the system's resolver.
pub async fn look_up(name: String) -> io::Result<Vec<IpAddr>> {
    Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Resolves a name of these addresses.
    async fn resolve(addresses: [&str; 2], reach: Reach) -> Result<Vec<String>, Option<UrlError>> {
        let found = addresses.map(|text| text.parse().expect(text)).to_vec();
        let names = PublicResolver { look_up: move |_| std::future::ready(Ok(found.clone())), reach };
        let resolved = names.resolve("files.example".parse().expect("a name")).await;
        let addresses = resolved.map_err(|error| error.downcast_ref().copied())?;
        Ok(addresses.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn the_addresses_of_a_name_are_returned_if_all_of_them_are_within_reach() {
        use Reach::{Public, PublicAndLoopback};
        for (addresses, reach, is_allowed) in [
            (["93.184.216.34", "2606:4700::1"], Public, true),
            (["127.0.0.1", "::1"], PublicAndLoopback, true),
            (["127.0.0.1", "::1"], Public, false),
            (["8.8.8.8", "10.0.0.1"], PublicAndLoopback, false),
            (["fd00:ec2::254", "8.8.8.8"], PublicAndLoopback, false),
            (["8.8.8.8", "::ffff:8.8.8.8"], PublicAndLoopback, false),
        ] {
            let expected =
                if is_allowed { Ok(addresses.map(str::to_owned).to_vec()) } else { Err(Some(UrlError::NotPublic)) };
            assert_eq!(resolve(addresses, reach).await, expected, "{addresses:?}");
        }
    }
}
