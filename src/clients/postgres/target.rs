//! From a connection URL to what is to be done: where to connect, how to
//! speak TLS, what to insist on. The URL itself is read by [`crate::model::forms`].

use std::net::IpAddr;
use std::time::Duration;

use crate::host::socket::{Endpoint, Verify};
use crate::model::forms::DatabaseUrl;
use crate::secret::Secret;

/// How long one attempt to connect may take where the URL does not say: a
/// database that sleeps needs a while to wake.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest that a URL may ask for.
const LONGEST_PATIENCE: u64 = 300;

/// What to connect to, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The servers, in the order in which they are tried.
    pub servers: Vec<Server>,
    /// The user.
    pub user: String,
    /// The password, where there is one.
    pub password: Option<Secret>,
    /// The database.
    pub database: String,
    /// What the server's lists show of us.
    pub application: String,
    /// What the server shall do before the first statement, as `-c …`.
    pub options: Option<String>,
    /// Whether the exchange of the password is bound to the TLS connection.
    pub binding: BindingRule,
    /// Whether TLS begins at once, without being asked for.
    pub direct: bool,
    /// The authorities to trust, in PEM; the host's own where there are none.
    pub authorities: Option<String>,
    /// How long one attempt may take.
    pub patience: Duration,
    /// Whether this is production, where nothing crosses a network in plain.
    pub production: bool,
    /// Whether the service may need to be woken, and then says that it cannot be reached.
    pub is_neon: bool,
    /// What was changed of what the URL says, each in a sentence.
    pub notices: Vec<String>,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it answers.
    pub endpoint: Endpoint,
    /// Its name, for TLS.
    pub name: String,
    /// Whether TLS is spoken with it.
    pub encryption: Encryption,
    /// What is verified of its certificate.
    pub verify: Verify,
    /// Whether what is sent to it never leaves this machine.
    pub is_local: bool,
}

/// Whether TLS is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// Never.
    Never,
    /// Where the server offers it.
    IfOffered,
    /// Always.
    Always,
}

/// libpq's `channel_binding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindingRule {
    /// Never bound.
    Never,
    /// Bound where the server offers it.
    IfOffered,
    /// Bound, or not at all.
    Always,
}

/// What the settings say beside the URL.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Whether certificates need not be verified where the URL does not ask for it by name.
    pub unverified: bool,
    /// The authorities to trust, in PEM.
    pub authorities: Option<String>,
    /// Whether this is production, where nothing crosses a network in plain.
    pub production: bool,
    /// What the server's lists shall show of us.
    pub application: String,
}

/// Why a URL that is right cannot be used to migrate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What was found, without the URL.
    pub found: String,
    /// What to do.
    pub hint: String,
}

fn unfit(found: impl Into<String>, hint: &str) -> Unfit {
    Unfit { found: found.into(), hint: hint.to_owned() }
}

/// Decides what to do with a URL.
pub fn target(url: &DatabaseUrl, rules: &Rules) -> Result<Target, Unfit> {
    let mut notices = Vec::new();
    let mut servers = Vec::new();
    let mode = url.parameter("sslmode").unwrap_or("prefer");
    if url.parameter("pgbouncer").is_some_and(|value| value == "true") {
        return Err(unfit("`pgbouncer=true`: the URL leads to a pooler", DIRECT));
    }
    for host in &url.hosts {
        let mut name = host.host.clone();
        let lower = name.to_ascii_lowercase();
        if let Some(direct) = neon_direct(&lower) {
            notices.push(
                "the URL leads to Neon's pooler, where locks and settings do not hold; its direct host is used instead"
                    .to_owned(),
            );
            name = direct;
        } else if let Some(pooler) = known_pooler(&lower, host.port) {
            return Err(unfit(format!("the URL leads to {pooler}"), DIRECT));
        }
        servers.push(server(&name, host.port, mode, url, rules)?);
    }
    let binding = match url.parameter("channel_binding") {
        Some("disable") => BindingRule::Never,
        Some("require") => BindingRule::Always,
        _ => BindingRule::IfOffered,
    };
    if binding == BindingRule::Always && servers.iter().any(|server| server.encryption == Encryption::Never) {
        return Err(unfit("`channel_binding=require` without TLS", "there is nothing to bind to without TLS"));
    }
    let direct = url.parameter("sslnegotiation") == Some("direct");
    if direct && servers.iter().any(|server| server.encryption != Encryption::Always) {
        return Err(unfit("`sslnegotiation=direct` without `sslmode=require` or more", "libpq refuses that, too"));
    }
    if let Some(attributes) =
        url.parameter("target_session_attrs").filter(|value| !matches!(*value, "any" | "read-write" | "primary"))
    {
        return Err(unfit(
            format!("`target_session_attrs={attributes}`: a server that cannot be written to"),
            "migrations need the primary",
        ));
    }
    let seconds = url.parameter("connect_timeout").and_then(|text| text.parse::<u64>().ok()).filter(|time| *time > 0);
    let is_neon = url.hosts.iter().any(|host| is_neon(&host.host.to_ascii_lowercase()));
    Ok(Target {
        servers,
        user: url.user.clone(),
        password: url.password.clone(),
        database: url.database.clone(),
        application: url.parameter("application_name").unwrap_or(&rules.application).to_owned(),
        options: url.parameter("options").map(str::to_owned),
        binding,
        direct,
        authorities: rules.authorities.clone(),
        // As libpq, which rounds up: less than two seconds are never meant.
        patience: seconds.map_or(PATIENCE, |time| Duration::from_secs(time.clamp(2, LONGEST_PATIENCE))),
        production: rules.production,
        is_neon,
        notices,
    })
}

const DIRECT: &str = "a migration holds a lock and settings on one connection, which a transaction pooler deals out anew for each transaction; give the database's direct URL";

fn server(name: &str, port: u16, mode: &str, url: &DatabaseUrl, rules: &Rules) -> Result<Server, Unfit> {
    if name.starts_with(['/', '@']) {
        // libpq never speaks TLS over a Unix socket.
        let path = format!("{}/.s.PGSQL.{port}", name.trim_end_matches('/'));
        let endpoint = Endpoint::Unix(path.replacen('@', "\0", usize::from(name.starts_with('@'))));
        let (encryption, verify) = (Encryption::Never, Verify::Nothing);
        return Ok(Server { endpoint, name: "localhost".to_owned(), encryption, verify, is_local: true });
    }
    let is_local = is_loopback(name);
    let encryption = match mode {
        "disable" => Encryption::Never,
        "require" | "verify-ca" | "verify-full" => Encryption::Always,
        // Neon speaks nothing else.
        _ if is_neon(&name.to_ascii_lowercase()) => Encryption::Always,
        _ => Encryption::IfOffered,
    };
    let verify = match mode {
        "verify-full" => Verify::Full,
        "verify-ca" => Verify::Authority,
        _ if rules.unverified => Verify::Nothing,
        "require" => Verify::Full,
        // On this machine nobody stands in between.
        _ if is_local => Verify::Nothing,
        _ => Verify::Full,
    };
    if encryption == Encryption::Never && !is_local && rules.production {
        return Err(unfit(
            "`sslmode=disable` in production, for a server that is not this machine",
            "leave it out, or write `sslmode=verify-full`",
        ));
    }
    if url.parameter("sslnegotiation") == Some("direct") && encryption == Encryption::Never {
        return Err(unfit("`sslnegotiation=direct` with `sslmode=disable`", "one of them has to go"));
    }
    Ok(Server { endpoint: Endpoint::Tcp(name.to_owned(), port), name: name.to_owned(), encryption, verify, is_local })
}

/// Whether a name or an address is this machine's own.
fn is_loopback(name: &str) -> bool {
    match name.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

/// Whether a host is one of Neon's (Neon's documentation, "Connect from any application").
fn is_neon(host: &str) -> bool {
    [".neon.tech", ".neon.build"].iter().any(|end| host.trim_end_matches('.').ends_with(end))
}

/// The direct host of one of Neon's poolers.
fn neon_direct(host: &str) -> Option<String> {
    let (label, rest) = host.split_once('.').filter(|_| is_neon(host))?;
    label.strip_suffix("-pooler").map(|label| format!("{label}.{rest}"))
}

/// A transaction pooler that its address gives away.
fn known_pooler(host: &str, port: u16) -> Option<&'static str> {
    let host = host.trim_end_matches('.');
    let supabase = [".pooler.supabase.com", ".supabase.co"].iter().any(|end| host.ends_with(end));
    if supabase && port == 6543 {
        return Some("Supabase's transaction pooler (port 6543)");
    }
    if host.ends_with(".db.ondigitalocean.com") && port == 25061 {
        return Some("DigitalOcean's connection pool (port 25061)");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::forms::parse_database_url;

    /// The targets by host, encryption, verification and locality; or what is unfit.
    fn check(url: &str, rules: &Rules, expected: &str) {
        let url = parse_database_url(url).unwrap();
        let found = match target(&url, rules) {
            Ok(target) => target
                .servers
                .iter()
                .map(|server| {
                    format!("{} {:?} {:?} {}", server.endpoint, server.encryption, server.verify, server.is_local)
                })
                .collect::<Vec<_>>()
                .join(", "),
            Err(unfit) => format!("unfit: {}", unfit.found),
        };
        assert_eq!(found, expected);
    }

    fn production() -> Rules {
        Rules { production: true, ..Rules::default() }
    }

    #[test]
    fn what_crosses_a_network_is_verified() {
        let rules = Rules::default();
        let loose = Rules { unverified: true, ..Rules::default() };
        check("postgres://u@db.example.com/d", &rules, "db.example.com:5432 IfOffered Full false");
        check("postgres://u@db.example.com/d", &loose, "db.example.com:5432 IfOffered Nothing false");
        check("postgres://u@h.example/d?sslmode=require", &rules, "h.example:5432 Always Full false");
        check("postgres://u@h.example/d?sslmode=require", &loose, "h.example:5432 Always Nothing false");
        check("postgres://u@h.example/d?sslmode=verify-ca", &loose, "h.example:5432 Always Authority false");
        check("postgres://u@h.example/d?sslmode=verify-full", &loose, "h.example:5432 Always Full false");
        check("postgres://u@h.example/d?sslmode=disable", &rules, "h.example:5432 Never Full false");
        check("postgres://u@localhost/d", &production(), "localhost:5432 IfOffered Nothing true");
        check("postgres://u@[::1]:6/d?sslmode=disable", &production(), "[::1]:6 Never Nothing true");
        check("postgres://u@localhost/d?sslmode=require", &rules, "localhost:5432 Always Full true");
        check("postgres://u@/d?host=/run/pg&port=6", &production(), "/run/pg/.s.PGSQL.6 Never Nothing true");
        check(
            "postgres://u@h.example/d?sslmode=disable",
            &production(),
            "unfit: `sslmode=disable` in production, for a server that is not this machine",
        );
    }

    #[test]
    fn poolers_are_avoided() {
        let rules = Rules::default();
        check(
            "postgres://u:p@ep-cool-dew-1-pooler.eu-central-1.aws.neon.tech/d?sslmode=require&channel_binding=require",
            &rules,
            "ep-cool-dew-1.eu-central-1.aws.neon.tech:5432 Always Full false",
        );
        check("postgres://u:p@EP-X.neon.tech/d", &rules, "EP-X.neon.tech:5432 Always Full false");
        check(
            "postgres://u:p@aws-0-eu.pooler.supabase.com:6543/d",
            &rules,
            "unfit: the URL leads to Supabase's transaction pooler (port 6543)",
        );
        check(
            "postgres://u:p@h.example/d?pgbouncer=true",
            &rules,
            "unfit: `pgbouncer=true`: the URL leads to a pooler",
        );
    }

    #[test]
    fn what_contradicts_itself_is_unfit() {
        let rules = Rules::default();
        for (query, found) in [
            ("sslmode=disable&channel_binding=require", "`channel_binding=require` without TLS"),
            ("sslnegotiation=direct", "`sslnegotiation=direct` without `sslmode=require` or more"),
            ("target_session_attrs=standby", "`target_session_attrs=standby`: a server that cannot be written to"),
        ] {
            check(&format!("postgres://u@h.example/d?{query}"), &rules, &format!("unfit: {found}"));
        }
    }

    #[test]
    fn names_of_this_machine_are_known() {
        for name in ["localhost", "LOCALHOST.", "db.localhost", "127.0.0.1", "127.1.2.3", "::1"] {
            assert!(is_loopback(name), "{name}");
        }
        for name in ["localhost.example.com", "10.0.0.1", "postgres", "::2", "0.0.0.0"] {
            assert!(!is_loopback(name), "{name}");
        }
    }
}
