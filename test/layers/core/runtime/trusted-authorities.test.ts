import { writeFile } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { HttpRequest } from '@smithy/protocol-http';
import { expect } from 'chai';
import { AwsHttpHandler } from '#core/runtime/aws-http.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { selfSignedCertificate } from '../../../support/http-listener.ts';
import { startProxy } from '../../../support/proxy.ts';
import { useTemporaryFolders } from '../../../support/repositories.ts';
import { failureOf } from '../../../support/streams.ts';
import { setEnvironment } from '../../../support/vault-s3.ts';

describe('trusted certificate authorities', () => {
  const folder = useTemporaryFolders();
  const closing: (() => void)[] = [];
  let certificate: Awaited<ReturnType<typeof selfSignedCertificate>>;
  let file: string;

  before(async () => {
    certificate = await selfSignedCertificate();
    file = join(await folder(), 'company.pem');
    await writeFile(file, certificate.cert);
  });

  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  async function serve(options: https.ServerOptions = {}): Promise<number> {
    const server = https.createServer({ ...certificate, ...options }, (_, response) => response.end('well'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }

  const set = (variables: Record<string, string>): void => void closing.push(setEnvironment(variables));

  it('that the AWS CLI is told of are trusted by clients of AWS', async () => {
    const request = new HttpRequest({ protocol: 'https:', hostname: '127.0.0.1', port: await serve(), path: '/' });
    const ask = (): Promise<number> => {
      const handler = new AwsHttpHandler();
      closing.push(() => handler.destroy());
      return handler.handle(request).then(({ response }) => response.statusCode);
    };
    expect(await ask().catch((error: unknown) => error)).to.be.an.instanceOf(Error);
    set({ AWS_CA_BUNDLE: file });
    expect(await ask()).to.equal(200);
    const proxy = await startProxy({ tls: certificate });
    closing.push(() => void proxy.close());
    set({ https_proxy: proxy.url });
    expect(await ask()).to.equal(200);
    expect(proxy.asked).to.deep.equal([`CONNECT 127.0.0.1:${request.port ?? ''}`]);
  });

  it('do not do where the server wants a certificate of its clients, and the advice says so', async () => {
    set({ SSL_CERT_FILE: file });
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const port = await serve({ requestCert: true, rejectUnauthorized: true, ca: certificate.cert, maxVersion });
      const client = new HttpClient();
      closing.push(() => client.close());
      const url = new URL(`https://127.0.0.1:${port}/`);
      expect((await failureOf(client.send({ method: 'GET', url }))).advice).to.include('certificate of its clients');
    }
  });
});
