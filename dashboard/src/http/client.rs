//! The address that a request came from.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

/// What a limit applies to: an IPv4 address, or the /64 network of an IPv6 address. A household or an
/// office has a /64 to itself and changes its addresses within it at will.
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

/// The client's address: that of `peer`, who connected; behind our own proxy, the last value of the
/// last `X-Forwarded-For` header, since the client may have written all values before it. If that
/// cannot be parsed, the address of the proxy.
#[must_use]
pub fn address(headers: &HeaderMap, peer: IpAddr, behind_proxy: bool) -> IpAddr {
    let header = behind_proxy.then(|| headers.get_all("x-forwarded-for").iter().next_back()).flatten();
    let last = header.and_then(|line| line.to_str().ok()?.rsplit(',').next());
    last.and_then(parse).unwrap_or(peer).to_canonical()
}

/// Parses an address with or without port, brackets and zone.
fn parse(text: &str) -> Option<IpAddr> {
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
    fn only_the_value_of_our_own_proxy_counts() {
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
            // Not an address: the proxy itself.
            (&[], "10.9.8.7"),
            (&[""], "10.9.8.7"),
            (&["203.0.113.7", "unknown"], "10.9.8.7"),
            (&["203.0.113.7,"], "10.9.8.7"),
            (&["[2001:db8::1"], "10.9.8.7"),
            (&["[2001:db8::1]x"], "10.9.8.7"),
            (&["203.0.113.7:99999"], "10.9.8.7"),
        ] {
            assert_eq!(from(lines, true), client, "{lines:?}");
            assert_eq!(
                from(lines, false),
                "10.9.8.7",
                "without a proxy the header is not trusted: {lines:?}"
            );
        }
    }

    #[test]
    fn a_slash_64_is_one_network() {
        let network = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("203.0.113.7"), network("203.0.113.8"));
        assert_eq!(network("203.0.113.7"), network("::ffff:203.0.113.7"));
    }

    proptest! {
        #[test]
        fn values_forged_by_the_client_change_nothing(
            forged in proptest::collection::vec("[ -~]{0,40}", 0..4), bits: u128, v6: bool, port: u16, with_port: bool,
        ) {
            let client = if v6 { IpAddr::V6(Ipv6Addr::from_bits(bits)) } else { IpAddr::V4(Ipv4Addr::from_bits(bits as u32)) };
            let value = if with_port { SocketAddr::new(client, port).to_string() } else { client.to_string() };
            let same_line = forged.iter().cloned().chain([value.clone()]).collect::<Vec<_>>().join(",");
            let own_line: Vec<&str> = forged.iter().map(String::as_str).chain([value.as_str()]).collect();
            prop_assert_eq!(from(&[&same_line], true), client.to_canonical().to_string());
            prop_assert_eq!(from(&own_line, true), client.to_canonical().to_string());
        }
    }
}
