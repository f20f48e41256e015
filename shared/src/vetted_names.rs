//! A resolver for the HTTP client that hands out the addresses of a name only when all of them may be dialled.
//!
//! The client dials what it is handed and asks nobody else, so a name that leads somewhere private only the second
//! time is refused the second time.

use std::io;
use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::customer_url::{Reach, Refused};

/// The resolver, over whatever finds the addresses.
pub struct VettedNames<L> {
    look_up: L,
    reach: Reach,
}

impl<L> VettedNames<L> {
    /// A resolver that asks `look_up` and hands out what is within reach.
    pub const fn new(look_up: L, reach: Reach) -> Self {
        Self { look_up, reach }
    }
}

impl<L, F> Resolve for VettedNames<L>
where
    L: Fn(String) -> F + Send + Sync,
    F: Future<Output = io::Result<Vec<IpAddr>>> + Send + 'static,
{
    fn resolve(&self, name: Name) -> Resolving {
        let (found, reach) = ((self.look_up)(name.as_str().to_owned()), self.reach);
        Box::pin(async move {
            let addresses = found.await?;
            // One private address among public ones is an attack or a mistake, and the client might dial that one.
            if !addresses.iter().all(|address| reach.allows(*address)) {
                return Err(Refused::NotPublic.into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// Asks the system's resolver.
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
        VettedNames::new(look_up, reach)
    }

    async fn resolve(names: &impl Resolve) -> Result<Vec<String>, Option<Refused>> {
        let resolved = names.resolve("files.example".parse().expect("a name")).await;
        let addresses = resolved.map_err(|error| error.downcast_ref().copied())?;
        Ok(addresses.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn a_name_s_public_addresses_are_handed_out_and_nothing_else() {
        let names = finding([&["93.184.216.34", "2606:4700::1"]], Reach::Public);
        assert_eq!(resolve(&names).await, Ok(vec!["93.184.216.34".to_owned(), "2606:4700::1".to_owned()]));
    }

    #[tokio::test]
    async fn a_name_that_turns_private_the_second_time_is_refused_the_second_time() {
        let names = finding([&["93.184.216.34"], &["169.254.169.254"]], Reach::Public);
        assert_eq!(resolve(&names).await, Ok(vec!["93.184.216.34".to_owned()]));
        assert_eq!(resolve(&names).await, Err(Some(Refused::NotPublic)));
    }

    #[tokio::test]
    async fn one_private_address_among_public_ones_refuses_the_name() {
        for private in [&["8.8.8.8", "10.0.0.1"], &["fd00:ec2::254", "8.8.8.8"], &["8.8.8.8", "::ffff:8.8.8.8"]] {
            let names = finding([private], Reach::PublicAndLoopback);
            assert_eq!(resolve(&names).await, Err(Some(Refused::NotPublic)), "{private:?}");
        }
    }

    #[tokio::test]
    async fn a_loopback_address_is_handed_out_on_the_laptop_only() {
        let on = |reach| finding([&["127.0.0.1", "::1"]], reach);
        assert_eq!(resolve(&on(Reach::Public)).await, Err(Some(Refused::NotPublic)));
        assert_eq!(resolve(&on(Reach::PublicAndLoopback)).await.map(|addresses| addresses.len()), Ok(2));
    }
}
