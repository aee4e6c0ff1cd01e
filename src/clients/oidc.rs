//! GitHub's OIDC token for a job ("OpenID Connect reference"): short-lived, for one audience.

use std::time::Duration;

use super::Call;
use super::retry::Repeat;
use crate::http::{Method, Request};
use crate::secret::Secret;

/// The variables by which the runner offers it.
pub const VARIABLES: [&str; 2] = ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"];

/// Asks the runner's service for a token with this audience.
pub fn token(url: &str, request_token: &Secret, audience: &str) -> Call {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let escaped = |byte: u8| if plain(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") };
    let audience: String = audience.bytes().map(escaped).collect();
    let sign = if url.contains('?') { '&' } else { '?' };
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let request = Request {
        method: Method::Get,
        url: format!("{url}{sign}audience={audience}"),
        headers: vec![
            header("Accept", "application/json"),
            header("Authorization", &format!("Bearer {}", request_token.expose())),
            header("User-Agent", "waybill"),
        ],
        body: Vec::new().into(),
        timeout: Duration::from_secs(10),
        limit: 64 << 10,
        save: None,
    };
    Call { request, repeat: Repeat::Always }
}
