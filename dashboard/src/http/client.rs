//! Where a request came from.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

/// Whom something is counted for: an IPv4 address, or the /64 of an IPv6 one, which a household
/// or an office has to itself and whose addresses it changes at will.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
            v4 => v4,
        })
    }
}

/// The client's address: of `peer`, who connected; or, where that is a proxy of our own, as it
/// says in the last value of the last `X-Forwarded-For`. All before that the client may have
/// written itself. What cannot be read is counted for the proxy.
#[must_use]
pub fn address(headers: &HeaderMap, peer: IpAddr, behind_proxy: bool) -> IpAddr {
    let said = behind_proxy.then(|| headers.get_all("x-forwarded-for").iter().next_back()).flatten();
    let last = said.and_then(|line| line.to_str().ok()?.rsplit(',').next());
    last.and_then(read).unwrap_or(peer).to_canonical()
}

/// An address with or without port, brackets and zone.
fn read(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = match text.strip_prefix('[') {
        Some(rest) => {
            let (inside, after) = rest.split_once(']')?;
            let port =
                after.is_empty() || after.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
            port.then_some(inside)?
        }
        None => text,
    };
    let without_zone = bare.split('%').next().unwrap_or(bare);
    without_zone.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 9, 8, 7));

    fn from(lines: &[&str], behind_proxy: bool) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        address(&headers, PROXY, behind_proxy).to_string()
    }

    #[test]
    fn what_our_own_proxy_says_counts_and_nothing_before_it() {
        for (lines, client) in [
            (&["203.0.113.7"][..], "203.0.113.7"),
            (&["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            (&["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
            (&["198.51.100.1, 198.51.100.2", "198.51.100.3,203.0.113.7 "], "203.0.113.7"),
            (&["203.0.113.7:51234"], "203.0.113.7"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["[2001:db8::1]"], "2001:db8::1"),
            (&["[2001:db8::1]:443"], "2001:db8::1"),
            (&["fe80::1%eth0"], "fe80::1"),
            (&["[fe80::1%eth0]:443"], "fe80::1"),
            (&["::ffff:203.0.113.7"], "203.0.113.7"),
            // Not to be read: the proxy itself.
            (&[], "10.9.8.7"),
            (&[""], "10.9.8.7"),
            (&["203.0.113.7", "unknown"], "10.9.8.7"),
            (&["203.0.113.7,"], "10.9.8.7"),
            (&["[2001:db8::1"], "10.9.8.7"),
            (&["[2001:db8::1]x"], "10.9.8.7"),
            (&["203.0.113.7:99999"], "10.9.8.7"),
        ] {
            assert_eq!(from(lines, true), client, "{lines:?}");
            assert_eq!(from(lines, false), "10.9.8.7", "without a proxy it is anybody's word: {lines:?}");
        }
    }

    #[test]
    fn a_64_is_one_network() {
        let network = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("203.0.113.7"), network("203.0.113.8"));
        assert_eq!(network("203.0.113.7"), network("::ffff:203.0.113.7"));
    }

    proptest! {
        #[test]
        fn whatever_the_client_sends_ahead_changes_nothing(
            forged in proptest::collection::vec("[ -~]{0,40}", 0..4), bits: u128, v6: bool, port: u16, with_port: bool,
        ) {
            let client = if v6 { IpAddr::V6(Ipv6Addr::from_bits(bits)) } else { IpAddr::V4(Ipv4Addr::from_bits(bits as u32)) };
            let said = if with_port { SocketAddr::new(client, port).to_string() } else { client.to_string() };
            let same_line = forged.iter().cloned().chain([said.clone()]).collect::<Vec<_>>().join(",");
            let own_line: Vec<&str> = forged.iter().map(String::as_str).chain([said.as_str()]).collect();
            prop_assert_eq!(from(&[&same_line], true), client.to_canonical().to_string());
            prop_assert_eq!(from(&own_line, true), client.to_canonical().to_string());
        }
    }
}
