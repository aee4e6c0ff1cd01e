// Streams to servers that speak something other than HTTP: one function a
// method of the port's Network (src/host/socket.rs). The modules are loaded
// when they are first needed: most runs never do.

/** How much may wait to be read before the server has to. */
const MOST_WAITING = 1024 * 1024;
/** How long what was still written may take to go out. */
const CLOSING_MS = 1000;

/** Opens a stream to a host and port, or to the path of a Unix socket. */
export async function connectSocket(host, port, path, milliseconds) {
  const net = await import('node:net');
  const plain = net.connect(path ? { path } : { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 });
  await opened(plain, 'connect', milliseconds);
  return stream(plain, host);
}

/** Waits for an event that says that a socket is ready. */
function opened(socket, event, milliseconds) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => failed(Object.assign(new Error('too late'), { code: 'LATE' })), milliseconds);
    const failed = (error) => {
      clearTimeout(late);
      socket.destroy();
      // Whatever comes after this is nobody's any more.
      socket.on('error', () => {});
      reject(error);
    };
    const closed = () => failed(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
    socket.once('error', failed);
    socket.once('close', closed);
    socket.once(event, () => {
      clearTimeout(late);
      socket.off('error', failed);
      socket.off('close', closed);
      resolve();
    });
  });
}

function stream(plain, host) {
  let socket = plain;
  const queue = [];
  let waiting = 0;
  let over = false;
  let broken;
  let wake = () => {};
  const onData = (piece) => {
    queue.push(piece);
    waiting += piece.length;
    if (waiting > MOST_WAITING) socket.pause();
    wake();
  };
  const onError = (error) => {
    broken = error;
    wake();
  };
  const onEnd = () => {
    over = true;
    wake();
  };
  const listen = () => {
    socket.on('data', onData);
    socket.on('error', onError);
    for (const event of ['end', 'close']) socket.on(event, onEnd);
  };
  listen();
  return {
    /** The next piece; undefined when there is no more. */
    async read() {
      while (queue.length === 0) {
        if (broken) throw broken;
        if (over) return undefined;
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      const piece = queue.length === 1 ? queue[0] : Buffer.concat(queue);
      queue.length = 0;
      waiting = 0;
      if (socket.isPaused()) socket.resume();
      return piece;
    },
    /** Done when more may be written. */
    async write(bytes) {
      if (broken) throw broken;
      // The bytes are the module's memory, which may move: a copy goes out.
      if (socket.write(Buffer.from(bytes))) return;
      await new Promise((resolve) => {
        const done = () => {
          for (const event of ['drain', 'close', 'error']) socket.off(event, done);
          resolve();
        };
        for (const event of ['drain', 'close', 'error']) socket.on(event, done);
      });
      if (broken) throw broken;
    },
    /** Turns to TLS; gives the server's certificate. */
    async startTls(serverName, authorities, verify, protocol, milliseconds) {
      const [tls, net] = await Promise.all([import('node:tls'), import('node:net')]);
      if (queue.length > 0) throw Object.assign(new Error('bytes before TLS'), { code: 'EARLY' });
      socket.off('data', onData);
      socket.pause();
      const address = net.isIP(serverName) !== 0;
      const options = { socket: plain, host: serverName, rejectUnauthorized: verify !== 'nothing' };
      if (!address) options.servername = serverName;
      if (authorities) options.ca = authorities;
      if (protocol) options.ALPNProtocols = [protocol];
      if (verify === 'authority') options.checkServerIdentity = () => undefined;
      const secure = tls.connect(options);
      await opened(secure, 'secureConnect', milliseconds);
      socket = secure;
      listen();
      return secure.getPeerCertificate(false).raw ?? new Uint8Array();
    },
    /** Sends what is still to be sent, and lets go. */
    close() {
      socket.off('data', onData);
      socket.on('error', () => {});
      socket.end();
      socket.resume();
      const late = setTimeout(() => socket.destroy(), CLOSING_MS);
      socket.once('close', () => clearTimeout(late));
    },
  };
}

/** PBKDF2 with HMAC-SHA-256, 32 bytes. */
export async function deriveKey(password, salt, iterations) {
  // Copied before anything is waited for: both are the module's memory.
  const [secret, grain] = [Buffer.from(password), Buffer.from(salt)];
  const { pbkdf2 } = await import('node:crypto');
  return new Promise((resolve, reject) => {
    pbkdf2(secret, grain, iterations, 32, 'sha256', (error, key) => (error ? reject(error) : resolve(key)));
  });
}

export const normalizedText = (text) => text.normalize('NFKC');
