//! Signatures of waybills: DSSE envelopes (Dead Simple Signing Envelope, v1)
//! with ed25519 (RFC 8032). The arithmetic is the host's.

use serde_json::{Value, json};

use super::base64;
use super::waybill::LARGEST;
use crate::model::forms::Wrong;
use crate::model::id;

/// The payload's type: an in-toto statement.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The largest envelope that is read, in bytes.
pub const LARGEST_ENVELOPE: u64 = LARGEST / 3 * 4 + (1 << 20);
/// How many signatures of an envelope are looked at.
const MOST_SIGNATURES: usize = 16;

/// How a private key begins in PKCS#8 (RFC 8410), after its length and version.
const PRIVATE: [u8; 11] = [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// How a public key begins in SPKI (RFC 8410).
const PUBLIC: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key of 32 bytes: a private key's seed, or a public key.
pub type Key = [u8; 32];

/// What is signed: the pre-authentication encoding of a statement.
pub fn to_be_signed(statement: &[u8]) -> Vec<u8> {
    let start = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), statement.len());
    [start.as_bytes(), statement].concat()
}

/// The envelope of a statement.
pub fn envelope(statement: &[u8], public: &Key, signature: &[u8]) -> String {
    let signature = json!({"keyid": id::sha256(public), "sig": base64::encode(signature)});
    json!({"payload": base64::encode(statement), "payloadType": PAYLOAD_TYPE, "signatures": [signature]}).to_string()
}

/// The statement and the signatures of an envelope. The ids of keys are hints, and not looked at.
pub fn read(envelope: &[u8]) -> Option<(Vec<u8>, Vec<Vec<u8>>)> {
    let value: Value = serde_json::from_slice(envelope).ok()?;
    let statement = base64::decode(value["payload"].as_str()?)?;
    let signatures = value["signatures"].as_array()?;
    let signatures: Option<Vec<_>> =
        signatures.iter().take(MOST_SIGNATURES).map(|one| base64::decode(one["sig"].as_str()?)).collect();
    (value["payloadType"] == PAYLOAD_TYPE).then_some((statement, signatures?))
}

/// A private key as users have it: the text of a PEM file (PKCS#8), the same in
/// one line, or 32 bytes (64 with the public key behind) in base64 or hex.
pub fn private_key(text: &str) -> Option<Key> {
    let bytes = bytes(text, "PRIVATE KEY")?;
    let in_pkcs8 = || {
        let is_version = bytes.first() == Some(&0x30) && bytes.get(2..4) == Some(&[0x02, 0x01]);
        (is_version && bytes.get(5..16) == Some(&PRIVATE)).then(|| bytes.get(16..48)).flatten()
    };
    match bytes.len() {
        32 | 64 => bytes.get(..32)?.try_into().ok(),
        _ => in_pkcs8()?.try_into().ok(),
    }
}

/// A public key as users have it: the text of a PEM file (SPKI), the same in
/// one line, a line of OpenSSH's, or 32 bytes in base64 or hex.
pub fn public_key(text: &str) -> Option<Key> {
    if let Some(rest) = text.trim().strip_prefix("ssh-ed25519 ") {
        let blob = base64::decode(rest.split_whitespace().next()?)?;
        let start = [&[0, 0, 0, 11][..], b"ssh-ed25519", &[0, 0, 0, 32]].concat();
        return blob.strip_prefix(start.as_slice())?.try_into().ok();
    }
    let bytes = bytes(text, "PUBLIC KEY")?;
    bytes.strip_prefix(&PUBLIC).unwrap_or(&bytes).try_into().ok()
}

/// For the setting's table: whether it is a private key. Says nothing of the value.
pub fn check_private(text: &str) -> Result<Vec<String>, Wrong> {
    match private_key(text) {
        Some(_) => Ok(Vec::new()),
        None => Err(Wrong::new("an ed25519 private key: PEM (PKCS#8), or 32 bytes in base64 or hex", "something else")),
    }
}

/// For the setting's table: whether it is a public key.
pub fn check_public(text: &str) -> Result<(), Wrong> {
    match public_key(text) {
        Some(_) => Ok(()),
        None => Err(Wrong::new(
            "an ed25519 public key: PEM, OpenSSH's line, or 32 bytes in base64 or hex",
            "something else",
        )),
    }
}

/// The bytes of a key's text: of the block with this label, or of the text as a whole.
fn bytes(text: &str, label: &str) -> Option<Vec<u8>> {
    // Pasted into one line, the ends of lines are often written out.
    let text = text.replace("\\n", "\n");
    let text = text.trim();
    let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
    let inside = match text.split_once(&begin) {
        Some((_, rest)) => rest.split_once(&end)?.0,
        None if text.contains("-----") => return None,
        None => text,
    };
    let plain: String = inside.split_whitespace().collect();
    let is_hex = matches!(plain.len(), 64 | 128) && plain.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_hex {
        true => (0..plain.len()).step_by(2).map(|at| u8::from_str_radix(&plain[at..at + 2], 16).ok()).collect(),
        false => base64::decode(&plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: Key = [7; 32];

    fn pem(label: &str, der: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64::encode(der))
    }

    #[test]
    fn a_private_key_is_read_as_users_have_it() {
        let der = [&[0x30, 0x2e, 0x02, 0x01, 0x00][..], &PRIVATE, &SEED].concat();
        let with_public =
            [&[0x30, 0x51, 0x02, 0x01, 0x01][..], &PRIVATE, &SEED, &[0x81, 0x21, 0x00], &[9; 32]].concat();
        let hex: String = SEED.iter().map(|byte| format!("{byte:02X}")).collect();
        let both = [SEED, [9; 32]].concat();
        for text in [
            pem("PRIVATE KEY", &der),
            pem("PRIVATE KEY", &der).replace('\n', "\\n"),
            pem("PRIVATE KEY", &der).replace('\n', "\r\n"),
            pem("PRIVATE KEY", &with_public),
            base64::encode(&der),
            base64::encode(&SEED),
            base64::encode(&both),
            format!(" {hex}\n"),
        ] {
            assert_eq!(private_key(&text), Some(SEED), "{text}");
        }
        let rsa = [&[0x30, 0x2e, 0x02, 0x01, 0x00][..], &[0; 11], &SEED].concat();
        for text in [
            pem("RSA PRIVATE KEY", &der),
            pem("PRIVATE KEY", &rsa),
            "secret".to_owned(),
            String::new(),
            hex[2..].to_owned(),
        ] {
            assert_eq!(private_key(&text), None, "{text}");
        }
    }

    #[test]
    fn a_public_key_is_read_as_users_have_it() {
        let der = [&PUBLIC[..], &SEED].concat();
        let ssh = [&[0, 0, 0, 11][..], b"ssh-ed25519", &[0, 0, 0, 32], &SEED].concat();
        for text in
            [pem("PUBLIC KEY", &der), base64::encode(&SEED), format!("ssh-ed25519 {} me@host", base64::encode(&ssh))]
        {
            assert_eq!(public_key(&text), Some(SEED), "{text}");
        }
        for text in ["", "ssh-ed25519 AAAA", "ssh-rsa AAAA", &pem("PRIVATE KEY", &der)] {
            assert_eq!(public_key(text), None, "{text}");
        }
    }

    #[test]
    fn an_envelope_is_what_the_specification_says() {
        assert_eq!(to_be_signed(b"{}"), b"DSSEv1 28 application/vnd.in-toto+json 2 {}");
        let text = envelope(b"{}", &SEED, &[1, 2, 3]);
        assert_eq!(read(text.as_bytes()), Some((b"{}".to_vec(), vec![vec![1, 2, 3]])));
        for bad in [
            "",
            "{}",
            "[]",
            &text.replace("in-toto", "other"),
            &text.replace("AQID", "A"),
            &text.replace("\"sig\"", "\"gis\""),
        ] {
            assert_eq!(read(bad.as_bytes()), None, "{bad}");
        }
    }
}
