//! A host's name in a URL.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Checks a host as it stands in a URL, without its brackets where it is an IPv6
/// address. Says what is wrong with it, without showing it.
pub fn check(host: &str, bracketed: bool) -> Result<(), &'static str> {
    if bracketed {
        // A zone (`fe80::1%eth0`) is the reader's business.
        let address = host.split('%').next().unwrap_or(host);
        return address.parse::<Ipv6Addr>().map(|_| ()).map_err(|_| "a host in brackets that is no IPv6 address");
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if name.is_empty() {
        return Err("no host");
    }
    if name.len() > 253 {
        return Err("a host of more than 253 bytes");
    }
    for label in name.split('.') {
        if label.is_empty() || label.len() > 63 || label.starts_with('-') || label.ends_with('-') {
            return Err("a host with an empty, an overlong or a dashed end between its dots");
        }
        // Letters beyond ASCII are an international name, which every HTTP client translates.
        if !label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') {
            return Err("a host with a character that no host has");
        }
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    let number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") || last.starts_with("0X");
    // Clients read any name that ends in a number as an address, also `0x7f.1`.
    if number && name.parse::<Ipv4Addr>().is_err() {
        return Err("a host that ends like an address and is none");
    }
    Ok(())
}

/// A port from 1 to 65535, in decimal digits.
pub fn port(text: &str) -> Option<u16> {
    let digits = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|&port| digits && port > 0)
}
