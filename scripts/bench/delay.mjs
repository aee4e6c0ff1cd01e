// A proxy of its own process, since a bench waits for what it times: port and
// milliseconds of delay on each way are given, its own port is printed.

import { proxy } from '../../tests/node/proxy.mjs';

const [port, delay] = process.argv.slice(2).map(Number);
console.log((await proxy(port, { delay })).port);
