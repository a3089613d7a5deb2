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
  readonly #everyBytesOld: number;
  #bytes = 0;
  #bytesOld = 0;
  #collect: unknown;

  /**
   * @param everyBytesOld after which the old generation is looked at as well, for some hundredths of a second: where what
   * passes is parsed, much of it lives long enough to get there. By default never.
   */
  constructor(everyBytesOld = Infinity) {
    this.#everyBytesOld = everyBytesOld;
  }

  /** To be called with every chunk. */
  passed(bytes: number): void {
    this.#bytes += bytes;
    this.#bytesOld += bytes;
    if (this.#bytes < everyBytes) return;
    this.#bytes = 0;
    this.#collect ??= collector();
    if (typeof this.#collect !== 'function') return;
    const isOldDue = this.#bytesOld >= this.#everyBytesOld;
    if (isOldDue) this.#bytesOld = 0;
    Reflect.apply(this.#collect, undefined, isOldDue ? [] : [{ type: 'minor' }]);
  }
}

/** The function `gc`, which V8 shows only to contexts that are made once it has been asked to. */
function collector(): unknown {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}
