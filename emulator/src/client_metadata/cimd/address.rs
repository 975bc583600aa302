//! Which addresses a document may be fetched from: those of the public Internet and no others.
//!
//! Basis: the registries of special-purpose addresses (RFC 6890 and its successors). An IPv6 address that carries an IPv4
//! address (mapped, compatible, 6to4, Teredo, NAT64) is refused whatever it carries: no web server needs one, and
//! which inner address a gateway would reach cannot be known here. Of IPv6 only the global unicast range is left.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that no document comes from: address and length of the prefix.
const SPECIAL_V4: [([u8; 4], u32); 16] = [
    ([0, 0, 0, 0], 8),       // this network
    ([10, 0, 0, 0], 8),      // private
    ([100, 64, 0, 0], 10),   // carrier-grade NAT
    ([127, 0, 0, 0], 8),     // loopback
    ([169, 254, 0, 0], 16),  // link-local, metadata services of clouds
    ([172, 16, 0, 0], 12),   // private
    ([192, 0, 0, 0], 24),    // protocol assignments
    ([192, 0, 2, 0], 24),    // documentation
    ([192, 31, 196, 0], 24), // AS112
    ([192, 52, 193, 0], 24), // AMT
    ([192, 88, 99, 0], 24),  // 6to4 relays
    ([192, 168, 0, 0], 16),  // private
    ([192, 175, 48, 0], 24), // AS112
    ([198, 18, 0, 0], 15),   // benchmarks
    ([198, 51, 100, 0], 24), // documentation
    ([203, 0, 113, 0], 24),  // documentation
];
/// From here on: multicast, reserved, broadcast.
const FIRST_SPECIAL_CLASS: u8 = 224;

/// Networks inside 2000::/3 that are not the public Internet's: first two groups and length of the prefix.
const SPECIAL_V6: [([u16; 3], u32); 6] = [
    ([0x2001, 0, 0], 23),         // protocol assignments, Teredo, ORCHID, benchmarks
    ([0x2001, 0xdb8, 0], 32),     // documentation
    ([0x2002, 0, 0], 16),         // 6to4
    ([0x2620, 0x4f, 0x8000], 48), // AS112
    ([0x3fff, 0, 0], 20),         // documentation
    ([0x3ffe, 0, 0], 16),         // the former 6bone
];

/// Whether an address belongs to the public Internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    if address.octets()[0] >= FIRST_SPECIAL_CLASS {
        return false;
    }
    let bits = u32::from(address);
    !SPECIAL_V4.iter().any(|(network, length)| {
        let network = u32::from(Ipv4Addr::from(*network));
        (bits ^ network) >> (32 - length) == 0
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = u128::from(address);
    // 2000::/3 is all of IPv6 that is given out. Loopback, mapped and compatible IPv4, NAT64 (64:ff9b::/96 and
    // 64:ff9b:1::/48), discard, unique local, link-local and multicast all lie outside.
    if bits >> 125 != 0b001 {
        return false;
    }
    !SPECIAL_V6.iter().any(|([a, b, c], length)| {
        let network = u128::from(Ipv6Addr::new(*a, *b, *c, 0, 0, 0, 0, 0));
        (bits ^ network) >> (128 - length) == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_public_internet_are_allowed() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450:4001:80b::200e",
            "2003::1",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn every_special_address_is_refused_also_inside_ipv6() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.1.1",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.1.2.3",
            "240.0.0.1",
            "255.255.255.255",
            // IPv6 itself.
            "::",
            "::1",
            "100::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "3fff::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2620:4f:8000::1",
            "5f00::1",
            "4000::1",
            // IPv4 in IPv6: mapped, compatible, 6to4, Teredo, NAT64 well-known and local. Public inner addresses too.
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:1.1.1.1",
            "::127.0.0.1",
            "::1.1.1.1",
            "2002:7f00:1::1",
            "2002:101:101::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "64:ff9b::7f00:1",
            "64:ff9b::1.1.1.1",
            "64:ff9b:1::a00:1",
            "::ffff:0:127.0.0.1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
