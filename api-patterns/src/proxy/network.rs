//! Networks of trusted proxies.

use std::net::{IpAddr, Ipv6Addr};

use super::error::NetworkError;

/// An IP network. IPv4-mapped IPv6 addresses are IPv4 addresses here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    length: u8,
}

impl Network {
    /// Reads `address` or `address/length`; bits after the length do not matter.
    ///
    /// # Errors
    /// For anything else.
    pub(super) fn parse(text: &str) -> Result<Self, NetworkError> {
        Self::read(text).ok_or_else(|| NetworkError {
            network: text.to_owned(),
        })
    }

    fn read(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(length) => number(length).filter(|length| *length <= bits)?,
            None => bits,
        };
        Some(Self { address, length }.canonical())
    }

    fn canonical(self) -> Self {
        match self.address.to_canonical() {
            address @ IpAddr::V4(_) if self.address.is_ipv6() && self.length >= 96 => Self {
                address,
                length: self.length - 96,
            },
            _ => self,
        }
    }

    /// Whether `address` is one of this network.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.length);
                let differs = network.to_bits() ^ address.to_bits();
                differs.checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => self.contains_v6(network, address),
            // A network such as `::/0`, which the mapped addresses are in too.
            (IpAddr::V6(network), IpAddr::V4(address)) => {
                self.contains_v6(network, address.to_ipv6_mapped())
            }
            (IpAddr::V4(_), IpAddr::V6(_)) => false,
        }
    }

    fn contains_v6(&self, network: Ipv6Addr, address: Ipv6Addr) -> bool {
        let shift = 128 - u32::from(self.length);
        let differs = network.to_bits() ^ address.to_bits();
        differs.checked_shr(shift).unwrap_or(0) == 0
    }
}

fn number(text: &str) -> Option<u8> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn networks_contain_their_addresses() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("10.1.2.3/8", "10.255.0.1", "9.255.255.255"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.6"),
            ("192.0.2.0/31", "192.0.2.1", "192.0.2.2"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("10.0.0.0/8", "::ffff:10.0.0.1", "::10.0.0.1"),
            ("::ffff:10.0.0.0/104", "10.0.0.1", "11.0.0.1"),
            ("::1", "::1", "::2"),
            ("fd00::/8", "fdff::1", "fe00::"),
            ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
        ] {
            let parsed = Network::parse(network).expect(network);
            assert!(
                parsed.contains(inside.parse().expect("an address")),
                "{inside}"
            );
            assert!(
                !parsed.contains(outside.parse().expect("an address")),
                "{outside} is not in {network}"
            );
        }
        let all = Network::parse("::/0").expect("a network");
        for address in ["::1", "127.0.0.1", "::ffff:1.2.3.4"] {
            assert!(
                all.contains(address.parse().expect("an address")),
                "{address}"
            );
        }
    }

    #[test]
    fn other_texts_are_no_networks() {
        for text in [
            "",
            "10.0.0/8",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.0/8/8",
            "10.0.0.0/-1",
            "[::1]",
            "localhost",
            " ::1",
            "fe80::1%eth0",
        ] {
            let error = Network::parse(text).expect_err(text);
            assert_eq!(
                error.to_string(),
                format!("`{text}` is not an IP address, or a network as address/length")
            );
        }
    }
}
