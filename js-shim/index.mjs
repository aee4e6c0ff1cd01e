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

// Only the exit code is set: leaving by process.exit() would cut what a pipe
// has not taken yet.
process.exitCode = DEFECT;
run(host).then((status) => {
  process.exitCode = status;
});
