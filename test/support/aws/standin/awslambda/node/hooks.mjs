// Module hooks for `import`: absolute paths of layers, and NODE_PATH, which Lambda's runtime honours for
// ES modules too (Node itself does not).
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mapped } from './mapping.mjs';

const fallbacks = (process.env.NODE_PATH ?? '').split(':').filter(Boolean);

export async function resolve(specifier, context, next) {
  const path = mapped(specifier);
  if (path) return next(pathToFileURL(path).href, context);
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || /^[./]|^[a-z]+:/.test(specifier)) throw error;
    for (const modules of fallbacks) {
      const parentURL = pathToFileURL(join(dirname(modules), 'importer.mjs')).href;
      try {
        return await next(specifier, { ...context, parentURL });
      } catch (missing) {
        if (missing.code !== 'ERR_MODULE_NOT_FOUND') throw missing;
      }
    }
    throw error;
  }
}
