import http from 'node:http';
import https from 'node:https';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { HttpRequest, HttpResponse } from '@smithy/protocol-http';
import { isProxysOwn, openAgent, proxyFor, refusedByProxy } from './proxy.ts';

export interface AwsTimeouts {
  /** The longest wait for an answer to begin, or for a part of an upload to be taken, in milliseconds. */
  answerMs: number;
  /**
   * The longest silence once an answer has begun, in milliseconds. A reader that rests as long loses the connection,
   * so the limit is a long one.
   */
  bodyMs: number;
}

export const defaultAwsTimeouts: AwsTimeouts = { answerMs: 60_000, bodyMs: 300_000 };

/** How long a connection may take to come about, through a proxy too, in milliseconds. */
const connectionTimeout = 10_000;

/** As many connections to one host as the SDK's own handler opens. */
const maxSockets = 50;

/** Requests with less content are sent at once, so that only the answer is waited for. */
const smallBody = 64 << 10;

type Exchange = Pick<NodeHttpHandler, 'handle' | 'destroy'>;

/**
 * Sends the SDK's requests: by the proxy that the environment names for the host, and never waiting for ever. The SDK's
 * own handler knows neither.
 */
export class AwsHttpHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' };
  readonly #timeouts: AwsTimeouts;
  readonly #exchanges = new Map<string, Promise<Record<'small' | 'upload', Exchange>>>();
  /** Options of the agents in place of our own, as tests that bring a certificate set them. */
  #agents: { httpAgent?: http.Agent; httpsAgent?: https.Agent } = {};

  constructor(timeouts: AwsTimeouts = defaultAwsTimeouts) {
    this.#timeouts = timeouts;
  }

  async handle(
    request: HttpRequest,
    options?: Parameters<NodeHttpHandler['handle']>[1],
  ): Promise<{ response: HttpResponse }> {
    const target = new URL(`${request.protocol}//${request.hostname}${request.port ? `:${request.port}` : ''}/`);
    const proxy = proxyFor(target);
    const exchanges = await this.#to(target, proxy);
    const { response } = await exchanges[isUpload(request) ? 'upload' : 'small'].handle(request, options);
    if (proxy && response.body instanceof http.IncomingMessage && isProxysOwn(response.body, target)) {
      response.body.resume();
      const refusal = refusedByProxy(proxy, response.statusCode, target);
      throw refusal.transient ? Object.assign(refusal, { $retryable: { throttling: false } }) : refusal;
    }
    return { response };
  }

  destroy(): void {
    for (const opened of this.#exchanges.values())
      void opened.then(({ small, upload }) => [small, upload].forEach((one) => one.destroy()));
    this.#exchanges.clear();
  }

  updateHttpClientConfig(key: string, value: unknown): void {
    if (key === 'httpAgent' && value instanceof http.Agent) this.#agents.httpAgent = value;
    if (key === 'httpsAgent' && value instanceof https.Agent) this.#agents.httpsAgent = value;
    this.#exchanges.clear();
  }

  httpHandlerConfigs(): object {
    return this.#agents;
  }

  #to(target: URL, proxy: URL | undefined): Promise<Record<'small' | 'upload', Exchange>> {
    const key = `${target.protocol}${proxy?.href ?? ''}`;
    const opened = this.#exchanges.get(key) ?? this.#open(target, proxy);
    this.#exchanges.set(key, opened);
    return opened;
  }

  async #open(target: URL, proxy: URL | undefined): Promise<Record<'small' | 'upload', Exchange>> {
    const { answerMs, bodyMs } = this.#timeouts;
    const secure = target.protocol === 'https:';
    const own = secure ? this.#agents.httpsAgent : this.#agents.httpAgent;
    const agent = (proxy ? undefined : own) ?? (await openAgent(target, proxy, { maxSockets }));
    const agents = secure ? { httpsAgent: agent } : { httpAgent: agent };
    return {
      small: new NodeHttpHandler({
        ...agents,
        connectionTimeout,
        requestTimeout: answerMs,
        throwOnRequestTimeout: true,
        socketTimeout: bodyMs,
      }),
      upload: new NodeHttpHandler({ ...agents, connectionTimeout, socketTimeout: answerMs }),
    };
  }
}

function isUpload({ body }: HttpRequest): boolean {
  if (body === undefined || body === null || typeof body === 'string') return false;
  return !(body instanceof Uint8Array) || body.length > smallBody;
}
