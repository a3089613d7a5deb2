// Lambda mounts layers at /opt and the function at /var/task. On a development machine these folders are
// not ours, so imports of them are led to where they were unpacked; the code itself stays untouched.
import Module, { register } from 'node:module';
import { mapped } from './mapping.mjs';

register('./hooks.mjs', import.meta.url);

// The hooks above see `import` alone; this is `require`.
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => resolveFilename(mapped(request) ?? request, ...rest);
