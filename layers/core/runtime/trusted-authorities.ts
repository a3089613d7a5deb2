import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';
import { askProgram } from './ask-program.ts';
import { HoldfastError, messageOf } from './errors.ts';

/** Where git, OpenSSL, curl and the AWS CLI look for further certificate authorities. */
const fileVariables = ['GIT_SSL_CAINFO', 'SSL_CERT_FILE', 'CURL_CA_BUNDLE', 'AWS_CA_BUNDLE'];
const folderVariables = ['GIT_SSL_CAPATH', 'SSL_CERT_DIR'];

const inGit = 'http.sslCAInfo';

/** Files of a folder of certificates: named by people, or by their hash as `openssl rehash` does. */
const certificateFile = /\.(pem|crt|cer|\d+)$/;

const certificates = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

const contexts = new Map<string, Promise<tls.SecureContext>>();

/** Whether the environment names authorities of which Node.js itself takes no notice. */
export function authoritiesAreNamed(env: NodeJS.ProcessEnv = process.env): boolean {
  return named(env).length > 0;
}

/**
 * What TLS connections trust: Node's own authorities and those that the environment names for git, OpenSSL, curl or the
 * AWS CLI. Undefined where it names none: then Node's own way does, which knows NODE_EXTRA_CA_CERTS.
 * @param bundle a further file of certificates, which git's configuration names
 * @throws {HoldfastError} ConfigurationInvalid where a variable names what cannot be read
 */
export function trustedAuthorities(
  bundle?: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<tls.SecureContext> | undefined {
  const variables = [...named(env), ...(bundle === undefined ? [] : [[inGit, bundle] as const])];
  if (variables.length === 0) return undefined;
  const key = JSON.stringify(variables);
  // Hundreds of certificates are parsed, so once for all connections.
  const context = contexts.get(key) ?? contextOf(variables, env);
  contexts.set(key, context);
  return context;
}

/**
 * The file of certificates that git's configuration of the user and the machine names for a URL, never that of a
 * repository that lies in the current folder. Undefined where there is none, or no git.
 */
export async function authorityByGit({ origin }: URL, signal?: AbortSignal): Promise<string | undefined> {
  const answer = await askProgram('git', {
    args: ['config', '--type=path', '--get-urlmatch', inGit, origin],
    environment: { GIT_DIR: '/dev/null', LC_ALL: 'C' },
    ...(signal ? { signal } : {}),
  });
  return answer?.replace(/\n$/, '') || undefined;
}

type Variable = readonly [name: string, value: string];

function named(env: NodeJS.ProcessEnv): Variable[] {
  // With this option Node leaves it all to OpenSSL, which reads its own two variables.
  if ([...process.execArgv, env['NODE_OPTIONS'] ?? ''].some((text) => text.includes('--use-openssl-ca'))) return [];
  return [...fileVariables, ...folderVariables].flatMap((name) => {
    const value = env[name] ?? '';
    return value === '' ? [] : [[name, value] as const];
  });
}

async function contextOf(variables: readonly Variable[], env: NodeJS.ProcessEnv): Promise<tls.SecureContext> {
  const read = await Promise.all(variables.map(readVariable));
  return tls.createSecureContext({ ca: [...new Set([...(await ownAuthorities(env)), ...read.flat()])] });
}

/** What Node trusts by itself; to name any others replaces it. */
async function ownAuthorities(env: NodeJS.ProcessEnv): Promise<string[]> {
  // Since Node.js 22.15; includes NODE_EXTRA_CA_CERTS.
  const { getCACertificates } = tls as typeof tls & { getCACertificates?: () => string[] };
  if (getCACertificates) return getCACertificates();
  const extra = env['NODE_EXTRA_CA_CERTS'] ?? '';
  // Node itself only warns of a file that it cannot read.
  const further = extra === '' ? [] : certificatesIn(await readFile(extra, 'utf8').catch(() => ''));
  return [...tls.rootCertificates, ...further];
}

async function readVariable([name, value]: Variable): Promise<string[]> {
  const found = folderVariables.includes(name)
    ? await Promise.all(value.split(path.delimiter).filter(Boolean).map(readFolder))
    : [await readBundle(name, value)];
  return found.flat();
}

async function readBundle(name: string, file: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw unusable(name, `cannot be read: ${messageOf(error)}`, error);
  }
  const found = certificatesIn(text);
  if (found.length === 0) throw unusable(name, `${file} holds no certificate in PEM form`);
  return found;
}

/** As OpenSSL does it: what cannot be read is passed over, as folders of a system may not all be there. */
async function readFolder(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const read = names
    .filter((name) => certificateFile.test(name))
    .map((name) => readFile(path.join(folder, name), 'utf8').catch(() => ''));
  return (await Promise.all(read)).flatMap(certificatesIn);
}

function certificatesIn(text: string): string[] {
  return (text.match(certificates) ?? []).filter(isCertificate);
}

/** TLS would silently ignore what is not a certificate. */
function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}

function unusable(name: string, problem: string, cause?: unknown): HoldfastError {
  return new HoldfastError('ConfigurationInvalid', `the authorities that ${name} names cannot be used: ${problem}`, {
    cause,
    advice: `Let ${name} name a file of certificates in PEM form, or unset it.`,
  });
}
