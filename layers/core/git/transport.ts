import type { HttpBody } from '#core/runtime/http.ts';

export type Service = 'git-upload-pack' | 'git-receive-pack';

/** The body of a request; its length is known before it is sent. */
export type RequestBody = HttpBody;

/**
 * A stateless way to a Git repository, as gitprotocol-http describes it: ask for the advertisement, then exchange
 * one request for one answer. Implemented over HTTP and over a child process.
 */
export interface Transport {
  /** Where it leads, fit for printing: never holds a password. */
  readonly address: string;
  /**
   * The bytes of the advertisement.
   * @param version the protocol asked for: 0, or 2 (gitprotocol-v2); a server may answer with an older one
   */
  advertisement(service: Service, version: 0 | 2): Promise<AsyncIterable<Buffer>>;
  /** Sends one request and gives the bytes of the answer. Needs an `advertisement` of the same service before it. */
  exchange(service: Service, version: 0 | 2, body: RequestBody): Promise<AsyncIterable<Buffer>>;
  /** Frees connections. */
  close(): void;
}
