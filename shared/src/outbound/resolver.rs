//! A resolver for the HTTP client that returns the addresses of a name only if all of them may be dialed.
//!
//! The client connects to what it gets and uses no other resolver, so a name that turns private between two calls is refused at
//! the second one (DNS rebinding).

use std::io;
use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::outbound::customer_url::{Reach, UrlError};

/// The resolver, over any look-up.
pub struct PublicResolver<L> {
    look_up: L,
    reach: Reach,
}

impl<L> PublicResolver<L> {
    /// A resolver that calls `look_up` and returns addresses within reach.
    pub const fn new(look_up: L, reach: Reach) -> Self {
        Self { look_up, reach }
    }
}

impl<L, F> Resolve for PublicResolver<L>
where
    L: Fn(String) -> F + Send + Sync,
    F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
{
    fn resolve(&self, name: Name) -> Resolving {
        let (found, reach) = ((self.look_up)(name.as_str().to_owned()), self.reach);
        Box::pin(async move {
            let addresses = found.await?;
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A resolver whose lookups find these, one after another.
    fn finding<const N: usize>(answers: [&'static [&'static str]; N], reach: Reach) -> impl Resolve {
        let asked = AtomicUsize::new(0);
        let look_up = move |_: String| {
            let answer = answers[asked.fetch_add(1, Ordering::Relaxed)];
            let addresses = answer.iter().map(|text| text.parse().expect(text)).collect();
            std::future::ready(Ok(addresses))
        };
        PublicResolver::new(look_up, reach)
    }

    async fn resolve(names: &impl Resolve) -> Result<Vec<String>, Option<UrlError>> {
        let resolved = names.resolve("files.example".parse().expect("a name")).await;
        let addresses = resolved.map_err(|error| error.downcast_ref().copied())?;
        Ok(addresses.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn the_addresses_of_a_name_are_returned_if_all_of_them_are_within_reach() {
        use Reach::{Public, PublicAndLoopback};
        for (addresses, reach, is_allowed) in [
            (&["93.184.216.34", "2606:4700::1"], Public, true),
            (&["127.0.0.1", "::1"], PublicAndLoopback, true),
            (&["127.0.0.1", "::1"], Public, false),
            (&["8.8.8.8", "10.0.0.1"], PublicAndLoopback, false),
            (&["fd00:ec2::254", "8.8.8.8"], PublicAndLoopback, false),
            (&["8.8.8.8", "::ffff:8.8.8.8"], PublicAndLoopback, false),
        ] {
            let expected =
                if is_allowed { Ok(addresses.map(str::to_owned).to_vec()) } else { Err(Some(UrlError::NotPublic)) };
            assert_eq!(resolve(&finding([addresses], reach)).await, expected, "{addresses:?}");
        }
    }

    #[tokio::test]
    async fn a_name_that_turns_private_the_second_time_is_refused_the_second_time() {
        let names = finding([&["93.184.216.34"], &["169.254.169.254"]], Reach::Public);
        assert_eq!(resolve(&names).await, Ok(vec!["93.184.216.34".to_owned()]));
        assert_eq!(resolve(&names).await, Err(Some(UrlError::NotPublic)));
    }
}
