// Builds the frontend into dist/: a real shop would call its bundler here.

import { cpSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
cpSync('frontend', 'dist', { recursive: true });
console.log('built dist/');
