import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes of a stream after which it pays to look for what they left behind. */
const everyBytes = 2 << 20;

/**
 * Keeps memory flat while a stream of any length passes. Node takes each chunk from the network into a buffer of its
 * own, and V8, which counts its heap and not what lies beside it, lets tens of megabytes of them pile up before it
 * looks. A look at the young generation alone takes less than a millisecond, since hardly anything in it is alive.
 * https://nodejs.org/api/v8.html#v8setflagsfromstringflags
 */
export class YoungGarbage {
  #bytes = 0;
  #collect: unknown;

  /** To be called with every chunk. */
  passed(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < everyBytes) return;
    this.#bytes = 0;
    this.#collect ??= collector();
    if (typeof this.#collect === 'function') Reflect.apply(this.#collect, undefined, [{ type: 'minor' }]);
  }
}

/** The function `gc`, which V8 shows only to contexts that are made once it has been asked to. */
function collector(): unknown {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}
