// Ed25519 by Node's own crypto, for keys of 32 bytes. Loaded when it is first
// needed. Nothing here decides anything.

import crypto from 'node:crypto';

// How such keys begin in PKCS#8 and in SPKI (RFC 8410).
const PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b6570032100', 'hex');

/** The public key, and behind it the signature. */
export function sign(seed, message) {
  const key = crypto.createPrivateKey({ key: Buffer.concat([PRIVATE, seed]), format: 'der', type: 'pkcs8' });
  const spki = crypto.createPublicKey(key).export({ format: 'der', type: 'spki' });
  return Buffer.concat([spki.subarray(PUBLIC.length), crypto.sign(null, message, key)]);
}

export function verify(bytes, message, signature) {
  const key = crypto.createPublicKey({ key: Buffer.concat([PUBLIC, bytes]), format: 'der', type: 'spki' });
  return crypto.verify(null, message, key, signature);
}
