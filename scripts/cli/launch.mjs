#!/usr/bin/env node
/** Runs the command line: the bundled file of a package, or what a checkout builds from its sources. */
import '../check-node.mjs';
import { existsSync } from 'node:fs';

if (existsSync(new URL('../build.ts', import.meta.url))) {
  const { isStale, program, setUp } = await import('../setup.mjs');
  if (isStale()) setUp();
  await import(program);
} else {
  await import('../../dist/holdfast.mjs');
}
