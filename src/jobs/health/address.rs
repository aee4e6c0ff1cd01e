//! Addresses of pages, as far as the gate must understand them: which host a
//! secret may go to, and where a redirect leads.

/// The parts of an `http` or `https` URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `http` or `https`.
    pub scheme: String,
    /// Host and, where it is given, port; in lower case, without credentials.
    pub authority: String,
    /// Path and query, beginning with `/`.
    pub rest: String,
}

impl Address {
    /// Reads a URL; none where it is no absolute `http` or `https` URL.
    pub fn read(url: &str) -> Option<Address> {
        let (scheme, after) = url.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return None;
        }
        let end = after.find(['/', '?', '#']).unwrap_or(after.len());
        let authority = after[..end].rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
        let standard = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(standard).unwrap_or(&authority).to_owned();
        let rest = after[end..].split('#').next().unwrap_or_default();
        let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
        (!authority.is_empty()).then_some(Address { scheme, authority, rest })
    }

    /// The host without its port.
    pub fn host(&self) -> &str {
        match self.authority.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &self.authority,
        }
    }

    /// The URL.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority, self.rest)
    }

    /// The same host with another path, which may have a query.
    pub fn with_path(&self, path: &str) -> Address {
        let rest = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Address { rest, ..self.clone() }
    }

    /// With one more parameter in the query, which no cache has seen.
    pub fn with_parameter(&self, name: &str, value: &str) -> Address {
        let sign = if self.rest.contains('?') { '&' } else { '?' };
        Address { rest: format!("{}{sign}{name}={value}", self.rest), ..self.clone() }
    }
}

/// Where a redirect leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// To the same host, and no less secure: it may be followed.
    Same(Address),
    /// To another host, or from `https` to `http`: it is not followed.
    Other(Address),
    /// Nowhere that can be understood.
    Broken,
}

/// Where `location` leads from here (RFC 9110, RFC 3986 section 5).
pub fn redirect(from: &Address, location: &str) -> Redirect {
    let location = location.trim();
    let to = match location {
        "" => return Redirect::Broken,
        absolute if absolute.contains("://") && !absolute.starts_with(['/', '?', '.']) => Address::read(absolute),
        other if other.starts_with("//") => Address::read(&format!("{}:{other}", from.scheme)),
        path if path.starts_with('/') => Address::read(&from.with_path(path).url()),
        relative => {
            let path = from.rest.split('?').next().unwrap_or("/");
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let rest =
                if relative.starts_with('?') { format!("{path}{relative}") } else { format!("{folder}/{relative}") };
            Address::read(&from.with_path(&rest).url())
        }
    };
    match to {
        None => Redirect::Broken,
        Some(to) if to.host() == from.host() && is_as_secure(from, &to) => Redirect::Same(to),
        Some(to) => Redirect::Other(to),
    }
}

/// The same port, or the usual step from `http` to `https`.
fn is_as_secure(from: &Address, to: &Address) -> bool {
    (from.scheme == to.scheme && from.authority == to.authority) || (from.scheme == "http" && to.scheme == "https")
}
