//! Which addresses are public: reachable from anywhere on the Internet.
//!
//! From the IANA special-purpose address registries. IPv6 has so much that is not public that only its global unicast
//! counts at all, which also shuts out every other way of writing an IPv4 address (mapped, compatible, translated).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// IPv4 that is not public.
const RESERVED_V4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),       // "this network", 0.0.0.0 among it
    v4([10, 0, 0, 0], 8),      // private
    v4([100, 64, 0, 0], 10),   // carrier-grade NAT; clouds use it inside too
    v4([127, 0, 0, 0], 8),     // loopback: on Lambda the Runtime API
    v4([169, 254, 0, 0], 16),  // link-local: the metadata of EC2 and of containers
    v4([172, 16, 0, 0], 12),   // private
    v4([192, 0, 0, 0], 24),    // protocol assignments
    v4([192, 0, 2, 0], 24),    // documentation
    v4([192, 88, 99, 0], 24),  // relays from IPv6, withdrawn
    v4([192, 168, 0, 0], 16),  // private
    v4([198, 18, 0, 0], 15),   // benchmarking
    v4([198, 51, 100, 0], 24), // documentation
    v4([203, 0, 113, 0], 24),  // documentation
    v4([224, 0, 0, 0], 4),     // multicast
    v4([240, 0, 0, 0], 4),     // reserved, and broadcast
];

/// IPv6's global unicast.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0], 3);

/// What of it is not public.
const RESERVED_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0], 23),     // protocol assignments: Teredo, benchmarking, ORCHID
    v6([0x2001, 0xdb8, 0], 32), // documentation
    v6([0x2002, 0, 0], 16),     // 6to4: an encoded IPv4 address
    v6([0x3fff, 0, 0], 20),     // documentation
];

const fn v4([a, b, c, d]: [u8; 4], length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6([a, b, c]: [u16; 3], length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), length)
}

/// Whether an address is public.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !RESERVED_V4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !RESERVED_V6.iter().any(|network| network.contains(&address))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// First and last address of each range that is not public.
    const NOT_PUBLIC: [(&str, &str); 33] = [
        ("0.0.0.0", "0.255.255.255"),
        ("10.0.0.0", "10.255.255.255"),
        ("100.64.0.0", "100.127.255.255"),
        ("127.0.0.0", "127.255.255.255"),
        ("169.254.0.0", "169.254.255.255"),
        ("169.254.169.254", "169.254.170.2"),
        ("172.16.0.0", "172.31.255.255"),
        ("192.0.0.0", "192.0.0.255"),
        ("192.0.2.0", "192.0.2.255"),
        ("192.88.99.0", "192.88.99.255"),
        ("192.168.0.0", "192.168.255.255"),
        ("198.18.0.0", "198.19.255.255"),
        ("198.51.100.0", "198.51.100.255"),
        ("203.0.113.0", "203.0.113.255"),
        ("224.0.0.0", "239.255.255.255"),
        ("240.0.0.0", "255.255.255.255"),
        ("::", "::1"),
        ("::808:808", "::ffff:ffff"),
        ("::ffff:0:0", "::ffff:ffff:ffff"),
        ("::ffff:8.8.8.8", "::ffff:10.0.0.1"),
        ("64:ff9b::", "64:ff9b::ffff:ffff"),
        ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
        ("100::", "100::ffff:ffff:ffff:ffff"),
        ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:2::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("4000::", "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("fd00:ec2::254", "fd00:ec2::23"),
        ("fe80::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ];

    /// First and last address of each range between those, and some well-known addresses.
    const PUBLIC: [(&str, &str); 20] = [
        ("1.0.0.0", "9.255.255.255"),
        ("11.0.0.0", "100.63.255.255"),
        ("100.128.0.0", "126.255.255.255"),
        ("128.0.0.0", "169.253.255.255"),
        ("169.255.0.0", "172.15.255.255"),
        ("172.32.0.0", "191.255.255.255"),
        ("192.0.1.0", "192.0.1.255"),
        ("192.0.3.0", "192.88.98.255"),
        ("192.88.100.0", "192.167.255.255"),
        ("192.169.0.0", "198.17.255.255"),
        ("198.20.0.0", "198.51.99.255"),
        ("198.51.101.0", "203.0.112.255"),
        ("203.0.114.0", "223.255.255.255"),
        ("2000::", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:200::", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db9::", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2003::", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("3fff:1000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("8.8.8.8", "2001:4860:4860::8888"),
        ("2606:4700::1", "2a03:2880::1"),
    ];

    fn address(text: &str) -> IpAddr {
        text.parse().expect(text)
    }

    #[test]
    fn no_special_range_is_public_from_its_first_address_to_its_last() {
        for (first, last) in NOT_PUBLIC {
            assert!(!is_public(address(first)), "{first}");
            assert!(!is_public(address(last)), "{last}");
        }
    }

    #[test]
    fn the_addresses_beside_the_special_ranges_are_public() {
        for (first, last) in PUBLIC {
            assert!(is_public(address(first)), "{first}");
            assert!(is_public(address(last)), "{last}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_the_standard_library_knows_to_be_special_is_public(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let special = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_multicast() || address.is_broadcast() || address.is_documentation()
                || address.is_unspecified();
            prop_assert!(!(special && is_public(address.into())), "{address}");
        }

        #[test]
        fn nothing_between_the_ends_of_a_special_range_is_public(range in 0..NOT_PUBLIC.len(), place: u128) {
            let (first, last) = NOT_PUBLIC[range];
            let inside = match (address(first), address(last)) {
                (IpAddr::V4(first), IpAddr::V4(last)) => {
                    let (low, high) = (first.to_bits().min(last.to_bits()), first.to_bits().max(last.to_bits()));
                    let place = u128::from(low) + place % (u128::from(high - low) + 1);
                    Ipv4Addr::from_bits(u32::try_from(place).expect("between two of 32 bits")).into()
                }
                (IpAddr::V6(first), IpAddr::V6(last)) => {
                    let (low, high) = (first.to_bits().min(last.to_bits()), first.to_bits().max(last.to_bits()));
                    IpAddr::V6(Ipv6Addr::from_bits(low + place % (high - low + 1)))
                }
                _ => unreachable!("both ends are of one kind"),
            };
            prop_assert!(!is_public(inside), "{inside}");
        }

        #[test]
        fn no_ipv4_address_written_as_ipv6_is_public(bits: u32) {
            let low = u128::from(bits);
            let disguises = [low, 0xffff << 32 | low, 0x64_ff9b << 96 | low, 0x2002 << 112 | low << 80, 0x2001 << 112 | low];
            for disguise in disguises {
                let address = Ipv6Addr::from_bits(disguise);
                prop_assert!(!is_public(address.into()), "{address}");
            }
        }

        #[test]
        fn nothing_outside_of_global_unicast_is_public(bits: u128) {
            let address = Ipv6Addr::from_bits(bits);
            prop_assert!(bits >> 125 == 1 || !is_public(address.into()), "{address}");
        }
    }
}
