//! Postgres connection URLs, as libpq reads them (PostgreSQL manual, "Connection
//! URIs"), and stricter where libpq and other readers disagree in silence.

use super::{Wrong, bad_escape, description, host_name, nearest, percent_decoded, position, usual_cause};
use crate::secret::Secret;

/// One server of a connection URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseHost {
    /// A name, an address without brackets, or the folder of a Unix socket (it begins with `/`).
    pub host: String,
    /// The port; 5432 where none is given.
    pub port: u16,
}

/// A connection URL, taken apart and decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseUrl {
    /// The servers, in the order in which they are to be tried. Never empty.
    pub hosts: Vec<DatabaseHost>,
    /// The user.
    pub user: String,
    /// The password, where there is one.
    pub password: Option<Secret>,
    /// The database.
    pub database: String,
    /// The parameters that are heeded, the last of each name, as `sslmode`.
    pub parameters: Vec<(&'static str, String)>,
    /// What is left unheeded, in words; never a secret.
    pub warnings: Vec<String>,
}

impl DatabaseUrl {
    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
    }
}

/// What a parameter of the query may be.
enum Rule {
    /// Anything.
    Any,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Digits.
    Number,
    /// Known, and without effect here.
    Ignored,
    /// As [`Rule::Ignored`], but kept for who has to know of it.
    Noted,
}

use Rule::{Any, Ignored, Noted, Number, OneOf};

/// Every parameter that libpq knows, and those of other tools that are common in
/// such URLs. `host` to `password` replace what stands in front of the query.
static PARAMETERS: &[(&str, Rule)] = &[
    ("host", Any),
    ("hostaddr", Any),
    ("port", Any),
    ("dbname", Any),
    ("user", Any),
    ("password", Any),
    ("sslmode", OneOf(&["disable", "allow", "prefer", "require", "verify-ca", "verify-full"])),
    ("channel_binding", OneOf(&["disable", "prefer", "require"])),
    ("sslnegotiation", OneOf(&["postgres", "direct"])),
    ("target_session_attrs", OneOf(&["any", "read-write", "read-only", "primary", "standby", "prefer-standby"])),
    ("load_balance_hosts", OneOf(&["disable", "random"])),
    ("connect_timeout", Number),
    ("application_name", Any),
    ("options", Any),
    ("fallback_application_name", Ignored),
    ("client_encoding", Ignored),
    ("gssdelegation", Ignored),
    ("gssencmode", Ignored),
    ("gsslib", Ignored),
    ("keepalives", Ignored),
    ("keepalives_count", Ignored),
    ("keepalives_idle", Ignored),
    ("keepalives_interval", Ignored),
    ("krbsrvname", Ignored),
    ("max_protocol_version", Ignored),
    ("min_protocol_version", Ignored),
    ("oauth_client_id", Ignored),
    ("oauth_client_secret", Ignored),
    ("oauth_issuer", Ignored),
    ("oauth_scope", Ignored),
    ("passfile", Ignored),
    ("replication", Ignored),
    ("require_auth", Ignored),
    ("requirepeer", Ignored),
    ("requiressl", Ignored),
    ("scram_client_key", Ignored),
    ("scram_server_key", Ignored),
    ("service", Ignored),
    ("servicefile", Ignored),
    ("ssl_max_protocol_version", Ignored),
    ("ssl_min_protocol_version", Ignored),
    ("sslcert", Ignored),
    ("sslcertmode", Ignored),
    ("sslcompression", Ignored),
    ("sslcrl", Ignored),
    ("sslcrldir", Ignored),
    ("sslkey", Ignored),
    ("sslkeylogfile", Ignored),
    ("sslpassword", Ignored),
    ("sslrootcert", Ignored),
    ("sslsni", Ignored),
    ("tcp_user_timeout", Ignored),
    // Of Prisma, node-postgres, SQLAlchemy and pgx; libpq refuses them.
    ("connection_limit", Ignored),
    ("pgbouncer", Noted),
    ("pool_timeout", Ignored),
    ("schema", Ignored),
    ("search_path", Ignored),
    ("socket_timeout", Ignored),
    ("sslaccept", Ignored),
    ("sslidentity", Ignored),
    ("statement_cache_size", Ignored),
];

const WANTED: &str = "a Postgres URL (`postgresql://user:password@host/database`)";
const ESCAPES: &str = "in a user name or a password `@ : / ? # %` are written `%40 %3A %2F %3F %23 %25`";

/// A Postgres connection URL with user, host and database. Gives the warnings;
/// what is found never shows the URL.
pub fn database_url(text: &str) -> Result<Vec<String>, Wrong> {
    parse_database_url(text).map(|url| url.warnings)
}

/// Takes a connection URL apart.
pub fn parse_database_url(text: &str) -> Result<DatabaseUrl, Wrong> {
    let rest = after_scheme(text)?;
    if text.len() > 4096 {
        return Err(wrong(format!("{} bytes", text.len())).hint("that is too long for a URL"));
    }
    let unfit = |c: char| c.is_whitespace() || c.is_control();
    if text.contains(unfit) {
        return Err(wrong(description(text, |c| !unfit(c))).hint("a space is written `%20`"));
    }
    if let Some(at) = bad_escape(text) {
        return Err(wrong(format!("a `%` at {at} that begins no escape")).hint("a `%` itself is written `%25`"));
    }
    if let Some(at) = text.find("%00") {
        return Err(wrong(format!("a zero byte (`%00`) at {}", position(text, at))));
    }
    let (front, query) = split(rest);
    let mut parts = Parts::default();
    let mut warnings = Vec::new();
    // As libpq: a `/` before the first `@` means that there are no credentials.
    let hosts = match front.find(['@', '/']) {
        Some(at) if front.as_bytes()[at] == b'@' => {
            let (user, password) = match front[..at].split_once(':') {
                Some((user, password)) => (user, Some(password)),
                None => (&front[..at], None),
            };
            parts.user = percent_decoded(user);
            parts.password = password.filter(|password| !password.is_empty()).map(percent_decoded);
            &front[at + 1..]
        }
        _ => front,
    };
    // libpq takes `ss@h` for the host of `p@ss@h`, Node's URL takes `h`.
    if hosts.contains('@') {
        return Err(wrong("more than one `@`, or one behind a `/`").hint(ESCAPES));
    }
    if front.contains('#') {
        warnings.push("a `#`, which other tools read differently (`%23` is read alike by all)".to_owned());
    }
    let (hosts, database) = hosts.split_once('/').unwrap_or((hosts, ""));
    parts.database = percent_decoded(database);
    read_hosts(hosts, &mut parts)?;
    let parameters = read_query(query, &mut parts, &mut warnings)?;
    parts.finish(parameters, warnings)
}

/// A wrong URL of which only this may be said.
fn wrong(found: impl Into<String>) -> Wrong {
    Wrong::new(WANTED, found)
}

/// What follows `postgres://` or `postgresql://`; help for what is pasted instead.
fn after_scheme(text: &str) -> Result<&str, Wrong> {
    for scheme in ["postgresql://", "postgres://"] {
        if let Some(rest) = text.strip_prefix(scheme) {
            return match usual_cause(text) {
                Some(hint) => Err(wrong(description(text, |c| !c.is_whitespace())).hint(hint)),
                None => Ok(rest),
            };
        }
    }
    let lower = text.trim_start_matches(['"', '\'']).to_ascii_lowercase();
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| lower.starts_with(prefix));
    let hint = if begins(&["postgresql://", "postgres://"]) && usual_cause(text).is_none() {
        "the scheme is written in lower case"
    } else if begins(&["psql "]) {
        "that is a whole command; give the URL between its quotes"
    } else if begins(&["database_url=", "export "]) {
        "give the value alone, without the variable's name"
    } else if begins(&["jdbc:"]) {
        "leave `jdbc:` out, and put user and password in front of the host"
    } else if begins(&["postgresql+", "postgres+"]) {
        "leave the driver out: `postgresql://`"
    } else if begins(&["prisma:", "prisma+"]) {
        "that leads to Prisma's own service; give the database's own URL"
    } else if begins(&["host=", "user=", "dbname=", "hostaddr=", "service="]) {
        "libpq's `key=value` form is not read here; write it as a URL"
    } else {
        usual_cause(text).unwrap_or("it begins with `postgresql://` or `postgres://`")
    };
    Err(wrong(description(text, |c| !c.is_whitespace())).hint(hint))
}

/// Everything in front of the query, and the query. As libpq, a `?` in the
/// password does not begin the query.
fn split(rest: &str) -> (&str, &str) {
    let credentials = match rest.find(['@', '/']) {
        Some(at) if rest.as_bytes()[at] == b'@' => at,
        _ => 0,
    };
    match rest[credentials..].find('?') {
        Some(at) => (&rest[..credentials + at], &rest[credentials + at + 1..]),
        None => (rest, ""),
    }
}

/// What front and query say, before it is known which of them wins.
#[derive(Default)]
struct Parts {
    user: String,
    password: Option<String>,
    database: String,
    /// Host, whether it stood in brackets, and port; all empty for none.
    hosts: Vec<(String, bool, String)>,
}

/// Reads `a:1,[::1]:2,%2Fsocket`.
fn read_hosts(text: &str, parts: &mut Parts) -> Result<(), Wrong> {
    if text.is_empty() {
        return Ok(());
    }
    for server in text.split(',') {
        let (host, port, bracketed) = match server.strip_prefix('[') {
            Some(inner) => match inner.split_once(']') {
                Some((host, port)) => (host, port, true),
                None => return Err(wrong("a `[` in front of a host and no `]` behind it").hint(ESCAPES)),
            },
            None => match server.find(':') {
                Some(at) => (&server[..at], &server[at..], false),
                None => (server, "", false),
            },
        };
        let port = match port.strip_prefix(':') {
            Some(port) => port,
            None if port.is_empty() => "",
            None => return Err(wrong("something other than a port behind a host in brackets").hint(ESCAPES)),
        };
        parts.hosts.push((percent_decoded(host), bracketed, percent_decoded(port)));
    }
    Ok(())
}

/// Reads the query into the parts that it replaces, the parameters and the warnings.
fn read_query(
    query: &str,
    parts: &mut Parts,
    warnings: &mut Vec<String>,
) -> Result<Vec<(&'static str, String)>, Wrong> {
    let mut parameters: Vec<(&'static str, String)> = Vec::new();
    let mut ignored: Vec<&str> = Vec::new();
    let (mut hosts, mut addresses, mut ports) = (None, None, None);
    for (index, parameter) in query.split('&').enumerate() {
        if parameter.is_empty() {
            // libpq takes a `&` at the end, and only there.
            if index + 1 < query.split('&').count() {
                return Err(wrong(format!("an empty parameter, number {} behind the `?`", index + 1)));
            }
            continue;
        }
        let Some((key, value)) = parameter.split_once('=') else {
            return Err(wrong(format!("a parameter without `=`, number {} behind the `?`", index + 1)).hint(ESCAPES));
        };
        if value.contains('=') {
            let found = format!("a second `=` in a parameter, number {} behind the `?`", index + 1);
            return Err(wrong(found).hint("an `=` in a value is written `%3D`"));
        }
        let (mut key, mut value) = (percent_decoded(key), percent_decoded(value));
        if key == "ssl" && value == "true" {
            (key, value) = ("sslmode".to_owned(), "require".to_owned());
        }
        let Some((name, rule)) = PARAMETERS.iter().find(|(name, _)| *name == key) else {
            let found = format!("a parameter that libpq does not know, number {} behind the `?`", index + 1);
            return Err(match nearest(&key, PARAMETERS.iter().map(|(name, _)| *name)) {
                Some(name) => wrong(found).hint(format!("did you mean `{name}`?")),
                None => wrong(found),
            });
        };
        match rule {
            OneOf(allowed) if !allowed.contains(&value.as_str()) => {
                let hint = match (*name, value.as_str()) {
                    ("sslmode", "no-verify") => {
                        "`no-verify` is node-postgres's own; `require` is the nearest here".to_owned()
                    }
                    _ => format!("it is one of `{}`", allowed.join("`, `")),
                };
                return Err(wrong(format!("a `{name}` that libpq does not know")).hint(hint));
            }
            Number if value.is_empty() || value.len() > 9 || value.bytes().any(|byte| !byte.is_ascii_digit()) => {
                return Err(wrong(format!("a `{name}` that is no number of seconds")));
            }
            Ignored | Noted => ignored.push(name),
            _ => {}
        }
        match *name {
            "host" => hosts = Some(value),
            "hostaddr" => addresses = Some(value),
            "port" => ports = Some(value),
            "dbname" => parts.database = value,
            "user" => parts.user = value,
            "password" => parts.password = Some(value).filter(|password| !password.is_empty()),
            _ if matches!(rule, Ignored) => {}
            _ => {
                parameters.retain(|(key, _)| key != name);
                parameters.push((name, value));
            }
        }
    }
    if !ignored.is_empty() {
        ignored.sort_unstable();
        ignored.dedup();
        warnings.push(format!("parameters without effect here: `{}`", ignored.join("`, `")));
    }
    parts.replace_hosts(hosts.or(addresses), ports)?;
    Ok(parameters)
}

impl Parts {
    /// Lets `host` and `port` of the query replace those in front of it.
    fn replace_hosts(&mut self, hosts: Option<String>, ports: Option<String>) -> Result<(), Wrong> {
        let mut all_ports: Vec<String> = self.hosts.iter().map(|(_, _, port)| port.clone()).collect();
        if let Some(ports) = ports {
            all_ports = ports.split(',').map(str::to_owned).collect();
        }
        if let Some(hosts) = hosts {
            self.hosts = hosts.split(',').map(|host| (host.to_owned(), host.contains(':'), String::new())).collect();
        }
        // As libpq when it connects: one port is every host's.
        if all_ports.len() > 1 && all_ports.len() != self.hosts.len() {
            return Err(wrong(format!("{} ports for {} hosts", all_ports.len(), self.hosts.len())));
        }
        for (index, (_, _, port)) in self.hosts.iter_mut().enumerate() {
            *port = all_ports.get(index).or(all_ports.first()).cloned().unwrap_or_default();
        }
        Ok(())
    }

    /// Checks what must be there.
    fn finish(self, parameters: Vec<(&'static str, String)>, warnings: Vec<String>) -> Result<DatabaseUrl, Wrong> {
        let mut hosts = Vec::new();
        for (host, bracketed, port) in self.hosts {
            // A folder, or a name in Linux's abstract namespace: a Unix socket.
            if !host.starts_with(['/', '@'])
                && let Err(reason) = host_name::check(&host, bracketed)
            {
                return Err(wrong(reason).hint(ESCAPES));
            }
            let port = match port.as_str() {
                "" => 5432,
                text => {
                    host_name::port(text).ok_or_else(|| wrong("a port that is none from 1 to 65535").hint(ESCAPES))?
                }
            };
            hosts.push(DatabaseHost { host, port });
        }
        if hosts.is_empty() {
            return Err(wrong("no host").hint("a Unix socket's folder is given as `?host=/var/run/postgresql`"));
        }
        if self.user.is_empty() {
            return Err(wrong("no user"));
        }
        if self.database.is_empty() {
            return Err(wrong("no database").hint("libpq would take the user's name for it"));
        }
        let password = self.password.map(Secret::new);
        Ok(DatabaseUrl { hosts, user: self.user, password, database: self.database, parameters, warnings })
    }
}
