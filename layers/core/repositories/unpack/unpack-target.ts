import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';

/** The folder that is unpacked into. Takes paths that were judged before, and never replaces anything. */
export class UnpackTarget {
  readonly #root: string;
  readonly #made = new Set<string>();

  constructor(root: string) {
    this.#root = path.resolve(root);
  }

  /** @throws {HoldfastError} TargetNotEmpty */
  async claim(): Promise<void> {
    const found = await readdir(this.#root).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      if (systemCode(error) === 'ENOTDIR') return ['a file'];
      throw error;
    });
    if (found.length > 0)
      throw new HoldfastError('TargetNotEmpty', `${this.#root} is not empty`, {
        advice: 'Nothing is unpacked over existing files: name a folder that does not exist yet.',
      });
    await mkdir(this.#root, { recursive: true });
  }

  async writeFolder(segments: readonly string[]): Promise<void> {
    const folder = path.join(this.#root, ...segments);
    if (this.#made.has(folder)) return;
    await mkdir(folder, { recursive: true });
    this.#made.add(folder);
  }

  /** Files get no other mode than new files have here: above all, no hook of a foreign repository can be run. */
  async writeFile(segments: readonly string[], content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.writeFolder(segments.slice(0, -1));
    await writeFile(path.join(this.#root, ...segments), content, { flag: 'wx' });
  }

  /** Puts the content of a folder that is alone in the target into its place, as often as there is such a folder. */
  async unwrap(): Promise<void> {
    for (;;) {
      const [only, ...others] = await readdir(this.#root, { withFileTypes: true });
      if (!only?.isDirectory() || others.length > 0) return;
      // Under a new name, since it may hold something with its own name.
      const wrapper = path.join(this.#root, randomUUID());
      await rename(path.join(this.#root, only.name), wrapper);
      for (const name of await readdir(wrapper)) await rename(path.join(wrapper, name), path.join(this.#root, name));
      await rmdir(wrapper);
    }
  }

  async remove(): Promise<void> {
    await rm(this.#root, { recursive: true, force: true, maxRetries: 3 });
  }
}
