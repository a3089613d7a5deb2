import { spawn } from 'node:child_process';
import { mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import { HoldfastError, systemCode } from '#core/runtime/errors.ts';

/** What the program asks of the system about mounts. */
export interface Mounts {
  /** The id of the file system that is mounted at a folder; undefined where none is, or none that has an id. */
  fileSystemAt(folder: string): Promise<string | undefined>;
  /** @throws {HoldfastError} MountFailed */
  mount(fileSystem: FileSystem, folder: string, options: { readOnly: boolean }): Promise<void>;
}

export interface FileSystem {
  id: string;
  accessPoint?: string | undefined;
}

export interface SystemMountsOptions {
  mountInfo?: string;
  /** Where amazon-efs-utils notes each mount over TLS. */
  stateFolder?: string;
}

export function systemMounts({
  mountInfo = '/proc/self/mountinfo',
  stateFolder = '/var/run/efs',
}: SystemMountsOptions = {}): Mounts {
  return {
    async fileSystemAt(folder) {
      const place = await realpath(folder).catch(() => folder);
      // The last mount over a place hides the others.
      const mount = parseMountInfo(await readFile(mountInfo, 'latin1')).findLast((entry) => entry.place === place);
      if (!mount?.type.startsWith('nfs')) return undefined;
      const named = /^(?:[\w-]+\.)?(fs-[0-9a-f]+)\.efs\./.exec(mount.source)?.[1];
      return named ?? idFromState(await namesIn(stateFolder), place, mount.options);
    },
    mount: mountByHelper,
  };
}

/** One line of /proc/self/mountinfo, as proc(5) describes it. */
interface MountEntry {
  place: string;
  type: string;
  source: string;
  options: string;
}

function parseMountInfo(text: string): MountEntry[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [own = '', behind = ''] = line.split(' - ');
      const [type = '', source = '', options = ''] = behind.split(' ');
      return { place: unescapeOctal(own.split(' ')[4] ?? ''), type, source: unescapeOctal(source), options };
    });
}

/** Blanks and the like stand there as \040; the bytes are UTF-8, as our own folders are. */
function unescapeOctal(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * Over TLS a mount's source is 127.0.0.1, and the helper's own note tells which file system answers behind that port:
 * `<id>.<place with points for slashes>.<port>`, written once the mount stands (get_mount_specific_filename in
 * https://github.com/aws/efs-utils/blob/master/src/mount_efs/__init__.py).
 */
function idFromState(names: readonly string[], place: string, options: string): string | undefined {
  const port = /(?:^|,)port=(\d+)(?:,|$)/.exec(options)?.[1];
  if (port === undefined) return undefined;
  const end = `.${place.replaceAll('/', '.').replace(/^\.+/, '')}.${port}`;
  const ids = names
    .filter((name) => name.endsWith(end))
    .map((name) => name.slice(0, -end.length))
    .filter((id) => /^fs-[0-9a-f]+$/.test(id));
  // Two notes of one mount contradict each other, and then neither is believed.
  return ids.length === 1 ? ids[0] : undefined;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Mounts by amazon-efs-utils, whose own options are those that AWS recommends: NFS 4.1, 1 MiB a call, hard, 60 s.
 * TLS and IAM are requested, and `noresvport` is repeated, since without it a mount hangs when its connection
 * is re-established. https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-nfs-mount-settings.html
 */
async function mountByHelper(
  { id, accessPoint }: FileSystem,
  folder: string,
  { readOnly }: { readOnly: boolean },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const options = [
    'tls',
    'iam',
    'noresvport',
    'nosuid',
    'nodev',
    ...(readOnly ? ['ro'] : []),
    ...(accessPoint === undefined ? [] : [`accesspoint=${accessPoint}`]),
  ];
  const child = spawn('mount', ['-t', 'efs', '-o', options.join(','), '--', `${id}:/`, folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-2000)));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0)
    throw new HoldfastError('MountFailed', `${id} could not be mounted at ${folder}: ${errors.trim()}`, {
      advice:
        "Check that the file system has a mount target in the instance's zone, that its security group lets port 2049 in, and that its policy lets the instance's role mount it.",
    });
}
