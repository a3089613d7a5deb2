import type http from 'node:http';
import { isIP, type Socket } from 'node:net';
import tls from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { messageOf, systemCode } from './errors.ts';

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1];

/** Reaches servers through the tunnel of a proxy. */
export class TunnelAgent extends HttpsProxyAgent<string> {
  readonly #secureContext: tls.SecureContext | undefined;

  /** @param settings for the connection to the proxy; its authorities are those for servers as well */
  constructor(proxy: URL, settings: http.AgentOptions & { secureContext?: tls.SecureContext }) {
    super(proxy.href, settings);
    this.#secureContext = settings.secureContext;
  }

  override async connect(request: http.ClientRequest, options: ConnectOptions): Promise<Socket> {
    try {
      return await super.connect(request, options.secureEndpoint ? this.#toServer(options) : options);
    } catch (error) {
      // The server's own certificate is looked at later, by the request.
      const { protocol, host } = this.proxy;
      const problem = new Error(`the proxy ${protocol}//${host}: ${messageOf(error)}`, { cause: error });
      throw Object.assign(problem, { code: systemCode(error) });
    }
  }

  /** The library trusts only the proxy by what it was given, and wants `localhost` of a server that has no name. */
  #toServer<Options extends tls.ConnectionOptions>(options: Options): Options {
    const { host = '' } = options;
    return {
      ...options,
      ...(this.#secureContext ? { secureContext: this.#secureContext } : {}),
      checkServerIdentity: (name, certificate) => tls.checkServerIdentity(isIP(host) === 0 ? name : host, certificate),
    };
  }
}
