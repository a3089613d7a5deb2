#!/usr/bin/env node
/** Runs the command line: the bundled file of a package, or what a checkout builds from its sources. */
import '../check-node.mjs';
import { existsSync, mkdirSync } from 'node:fs';

if (existsSync(new URL('../build.ts', import.meta.url))) {
  const { isStale, program, setUp } = await import('../setup.mjs');
  if (isStale()) setUp();
  await import(program);
} else {
  keepCompiled();
  await import('../../dist/holdfast.mjs');
}

/**
 * From Node.js 22 on, what was compiled once is kept in the user's own cache, so that the program starts in half the
 * time. Where that cannot be written, nothing is kept.
 * https://nodejs.org/api/module.html#module-compile-cache
 */
function keepCompiled() {
  const { HOME, XDG_CACHE_HOME } = process.env;
  const caches = XDG_CACHE_HOME?.startsWith('/') ? XDG_CACHE_HOME : HOME && `${HOME}/.cache`;
  // Made here, since Node would make a home, too, and never ends where a parent takes no folders, as /proc.
  if (caches && makeFolder(caches) && makeFolder(`${caches}/holdfast`))
    process.getBuiltinModule('node:module').enableCompileCache?.(`${caches}/holdfast`);
}

function makeFolder(name) {
  try {
    mkdirSync(name, { mode: 0o700 });
    return true;
  } catch (error) {
    return error.code === 'EEXIST';
  }
}
