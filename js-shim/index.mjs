// The whole shim: load the WebAssembly module, hand it the process, and end
// with the status that it gives. What the module may do is in host.mjs.

import { run } from 'waybill-wasm';
import * as host from './host.mjs';

// A trap leaves the module unusable; its panic hook has already said why.
const DEFECT = 70;
process.on('uncaughtException', (error) => {
  host.lastWords(error);
  process.exitCode = DEFECT;
});

// Everything is printed and written by then, and to take the module and Node
// apart first would only take time.
process.exitCode = DEFECT;
run(host).then((status) => process.exit(status));
