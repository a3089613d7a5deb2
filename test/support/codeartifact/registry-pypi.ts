/**
 * PyPI's registry: the page of a project, its files, and the upload that twine makes.
 * https://docs.aws.amazon.com/codeartifact/latest/ug/python-compatibility.html (there is no list of all projects) and
 * https://docs.pypi.org/api/upload/
 */
import { collect } from '../streams.ts';
import type { Content, Hashes } from './content.ts';
import { isReadable, packageKey, type Details } from './model.ts';
import { partsOf } from './multipart.ts';
import { normalName } from './names.ts';
import { badRequest } from './problem.ts';
import { publish } from './publishing.ts';
import { notFound, type RegistryAnswer, type RegistryCall } from './registry-call.ts';
import { escapeXml } from './xml.ts';

export async function answerPyPI(call: RegistryCall): Promise<RegistryAnswer> {
  const { method, path } = call;
  if (method === 'POST' && (path === '' || path === 'legacy/')) return upload(call);
  if (method !== 'GET' && method !== 'HEAD') return { status: 405 };
  const [, project, rest = ''] = /^simple\/([^/]+)\/(.*)$/.exec(path) ?? [];
  if (project === undefined) return notFound;
  const name = normalName('pypi', project);
  const of = call.repository.packages.get(packageKey({ format: 'pypi', package: name }));
  if (!of) return notFound;
  if (rest === '') return projectPage(call, name);
  const [version = '', file = ''] = rest.split('/');
  const found = of.versions.get(version);
  const content = found && isReadable(found) ? found.assets.get(file) : undefined;
  return content ? { status: 200, content } : notFound;
}

async function projectPage({ repository, base }: RegistryCall, name: string): Promise<RegistryAnswer> {
  const of = repository.packages.get(packageKey({ format: 'pypi', package: name }));
  const links: string[] = [];
  for (const { version, status, assets, details } of of?.versions.values() ?? []) {
    if (status !== 'Published') continue;
    for (const [file, content] of assets.after()) {
      const url = `${base}simple/${name}/${encodeURIComponent(version)}/${encodeURIComponent(file)}`;
      const needs = details.requiresPython;
      const python = needs === undefined ? '' : ` data-requires-python="${escapeXml(needs)}"`;
      links.push(`<a href="${url}#sha256=${(await content.hashes())['SHA-256']}"${python}>${escapeXml(file)}</a><br/>`);
    }
  }
  const head = `<!DOCTYPE html><html><head><title>Links for ${name}</title></head>`;
  const body = `${head}<body><h1>Links for ${name}</h1>\n${links.join('\n')}\n</body></html>\n`;
  return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

async function upload(call: RegistryCall): Promise<RegistryAnswer> {
  const fields = new Map<string, string[]>();
  let file: { name: string; content: Content } | undefined;
  for await (const part of partsOf(call.header('content-type'), call.body)) {
    if (part.name === 'content') file = { name: part.filename ?? '', content: await call.receive(part.body) };
    else fields.set(part.name, [...(fields.get(part.name) ?? []), (await collect(part.body)).toString()]);
  }
  const [action] = fields.get(':action') ?? [];
  const [said = ''] = fields.get('name') ?? [];
  const [version = ''] = fields.get('version') ?? [];
  if (action !== 'file_upload' || !file || said === '' || version === '') {
    throw badRequest(':action=file_upload, name, version and content are needed');
  }
  const name = normalName('pypi', said);
  const { domain, name: repository } = call.repository;
  const path = [domain.name, repository, 'pypi', '', name].join('/');
  call.permit('PublishPackageVersion', `arn:aws:codeartifact:${domain.region}:${domain.owner}:package/${path}`);
  checkDigests(fields, await file.content.hashes());
  const assets = new Map([[file.name, file.content]]);
  const details = detailsOf(said, fields);
  const publication = { format: 'pypi', package: name, version, assets, finished: true, details } as const;
  await publish(call.state, call.repository, publication);
  return { status: 200 };
}

function checkDigests(fields: ReadonlyMap<string, string[]>, hashes: Hashes): void {
  const [sha256 = hashes['SHA-256']] = fields.get('sha256_digest') ?? [];
  const [md5 = hashes.MD5] = fields.get('md5_digest') ?? [];
  if (sha256 !== hashes['SHA-256'] || md5 !== hashes.MD5) {
    throw badRequest('the digest supplied does not match the one of the file');
  }
}

function detailsOf(displayName: string, fields: ReadonlyMap<string, string[]>): Details {
  const [summary] = fields.get('summary') ?? [];
  const [homePage] = fields.get('home_page') ?? [];
  const [license] = fields.get('license') ?? [];
  const [readme] = fields.get('description') ?? [];
  const [requiresPython] = fields.get('requires_python') ?? [];
  const dependencies = (fields.get('requires_dist') ?? []).map((line) => {
    const [, name = line, versionRequirement = ''] = /^([\w.-]+)\s*(.*)$/.exec(line) ?? [];
    return { package: normalName('pypi', name), dependencyType: 'runtime', versionRequirement };
  });
  return {
    displayName,
    dependencies,
    ...(summary !== undefined && { summary }),
    ...(homePage !== undefined && { homePage }),
    ...(license !== undefined && { licenses: [{ name: license }] }),
    ...(readme !== undefined && { readme }),
    ...(requiresPython !== undefined && { requiresPython }),
  };
}
