import { version } from '#core/runtime/version.ts';

/** Put in by the build (scripts/build/build-info.ts); absent where the sources run as they are. */
declare const HOLDFAST_BUILD: string | undefined;

/** Version, commit and build, on one line: `0.1.0 (commit 85b211c0f0aa of 2026-11-30, one file; Node.js 20.20.2)`. */
export function describeVersion(): string {
  const build = typeof HOLDFAST_BUILD === 'string' ? HOLDFAST_BUILD : 'not built';
  return `${version} (${build}; Node.js ${process.versions.node})`;
}
