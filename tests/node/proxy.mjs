// A TCP proxy between the action and a server: it delays, counts, cuts.

import net from 'node:net';

/**
 * Listens on a free port of the loopback. `onClient` is called with every piece
 * that the client sends, before it is passed on; what it gives back is passed
 * on instead (nothing for nothing). `delay` milliseconds lie on each way.
 */
export function proxy(port, { onClient, onServer, delay = 0 } = {}) {
  const open = new Set();
  const later = (act) => (delay > 0 ? setTimeout(act, delay) : act());
  const server = net.createServer((client) => {
    const behind = net.connect({ host: '127.0.0.1', port, noDelay: true });
    client.setNoDelay(true);
    const cut = () => {
      client.destroy();
      behind.destroy();
    };
    for (const [one, other, watch] of [[client, behind, onClient], [behind, client, onServer]]) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        later(() => other.destroy());
      });
      one.on('data', async (piece) => {
        const passed = watch ? await watch(piece, { cut }) : piece;
        if (passed) later(() => !other.destroyed && other.write(passed));
      });
    }
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        port: server.address().port,
        close: () => {
          for (const socket of open) socket.destroy();
          return new Promise((done) => server.close(done));
        },
      });
    });
  });
}
