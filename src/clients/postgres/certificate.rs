//! The hash of a server's certificate that SCRAM is bound to
//! (`tls-server-end-point`, RFC 5929 section 4.1).

use sha2::{Digest, Sha256, Sha384, Sha512};

/// The certificate's hash: by the hash function of its signature, and by
/// SHA-256 where that is MD5 or SHA-1. None where the signature's algorithm has
/// no one hash function (Ed25519), or the certificate cannot be read.
pub fn end_point_hash(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, whole, _) = element(certificate)?;
    let (_, _, rest) = element(whole)?;
    let (_, algorithm, _) = element(rest)?;
    let (tag, oid, parameters) = element(algorithm)?;
    if tag != OBJECT_IDENTIFIER {
        return None;
    }
    let function = ALGORITHMS.iter().find(|(known, _)| *known == oid).map(|(_, function)| *function)?;
    let function = match function {
        Function::OfParameters => pss_function(parameters)?,
        known => known,
    };
    Some(match function {
        Function::Sha256 | Function::OfParameters => Sha256::digest(certificate).to_vec(),
        Function::Sha384 => Sha384::digest(certificate).to_vec(),
        Function::Sha512 => Sha512::digest(certificate).to_vec(),
    })
}

#[derive(Clone, Copy)]
enum Function {
    Sha256,
    Sha384,
    Sha512,
    OfParameters,
}

const OBJECT_IDENTIFIER: u8 = 0x06;

/// Object identifiers of signatures (RFC 3279, RFC 4055, RFC 5758) and hash
/// functions, encoded.
static ALGORITHMS: &[(&[u8], Function)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04], Function::Sha256), // MD5 with RSA
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05], Function::Sha256), // SHA-1 with RSA
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01], Function::Sha256),             // SHA-1 with ECDSA
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b], Function::Sha256),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c], Function::Sha384),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d], Function::Sha512),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a], Function::OfParameters), // RSASSA-PSS
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02], Function::Sha256),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03], Function::Sha384),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04], Function::Sha512),
];

/// The hash functions that RSASSA-PSS names in its parameters (RFC 4055).
static FUNCTIONS: &[(&[u8], Function)] = &[
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01], Function::Sha256),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02], Function::Sha384),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03], Function::Sha512),
];

/// Without a first parameter the function is SHA-1.
fn pss_function(parameters: &[u8]) -> Option<Function> {
    const FIRST: u8 = 0xa0;
    let (_, fields, _) = element(parameters)?;
    let Some((FIRST, named, _)) = element(fields) else { return Some(Function::Sha256) };
    let (_, algorithm, _) = element(named)?;
    let (_, oid, _) = element(algorithm)?;
    FUNCTIONS.iter().find(|(known, _)| *known == oid).map(|(_, function)| *function)
}

/// The first element of DER: its tag, its content and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |length, digit| (length << 8) | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag, 0x82, (content.len() >> 8) as u8, content.len() as u8];
        bytes.extend(content);
        bytes
    }

    /// A certificate of which only the signature's algorithm is real.
    fn certificate(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
        let algorithm = [wrapped(OBJECT_IDENTIFIER, oid), parameters.to_vec()].concat();
        wrapped(0x30, &[wrapped(0x30, b"to be signed"), wrapped(0x30, &algorithm), wrapped(0x03, b"signed")].concat())
    }

    fn check(oid: &[u8], parameters: &[u8], expected: Option<usize>) {
        assert_eq!(end_point_hash(&certificate(oid, parameters)).map(|hash| hash.len()), expected, "{oid:x?}");
    }

    #[test]
    fn the_hash_is_the_signatures_own_but_never_a_weak_one() {
        for (oid, function) in ALGORITHMS {
            match function {
                Function::Sha256 => check(oid, &[0x05, 0x00], Some(32)),
                Function::Sha384 => check(oid, &[0x05, 0x00], Some(48)),
                Function::Sha512 => check(oid, &[0x05, 0x00], Some(64)),
                Function::OfParameters => {
                    let named = wrapped(0x30, &wrapped(OBJECT_IDENTIFIER, FUNCTIONS[1].0));
                    check(oid, &wrapped(0x30, &wrapped(0xa0, &named)), Some(48));
                    check(oid, &wrapped(0x30, &[]), Some(32));
                }
            }
        }
        // Ed25519 has no hash function to take.
        check(&[0x2b, 0x65, 0x70], &[], None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = end_point_hash(&bytes);
        }
    }
}
