/** Servers with fewer capabilities than git's own, such as CodeCommit's. */
import { Fault, packet, type Body } from './git-faults.ts';
import { collect } from './streams.ts';

/** Makes a server advertise only these capabilities in protocol 0; what it can do stays the same. */
export function advertiseOnly(...capabilities: string[]): Fault {
  return advertise(() => capabilities);
}

/** Makes a server advertise what CodeCommit does, to those who fetch and to those who push. */
export function advertiseAsCodeCommit(): Fault {
  return advertise((service) =>
    service === 'git-receive-pack' ? ['report-status', 'delete-refs', 'side-band-64k'] : codeCommitCapabilities,
  );
}

function advertise(capabilitiesFor: (service: string) => readonly string[]): Fault {
  async function* change(body: Body): Body {
    const whole = await collect(body);
    const service = /^....# service=(\S+)/.exec(whole.toString('latin1', 0, 60))?.[1] ?? '';
    for (let at = 0, length: number; at < whole.length; at += length) {
      length = Math.max(4, parseInt(whole.toString('latin1', at, at + 4), 16));
      const line = whole.subarray(at, at + length);
      const nul = line.indexOf('\0');
      yield nul < 0 ? line : packet(`${line.toString('utf8', 4, nul)}\0 ${capabilitiesFor(service).join(' ')}\n`);
    }
  }
  return new Fault('few capabilities', { on: 'info-refs' }, { change });
}

/** What CodeCommit advertised when it was last looked at. */
export const codeCommitCapabilities = [
  'multi_ack_detailed',
  'shallow',
  'side-band-64k',
  'thin-pack',
  'allow-tip-sha1-in-want',
  'allow-reachable-sha1-in-want',
];

/** The lines of a fetch in protocol 0 or 2, without lengths; `0000` and `0001` stand for the markers. */
export function linesOf(body: string): string[] {
  const lines: string[] = [];
  for (let at = 0; at < body.length;) {
    const length = parseInt(body.slice(at, at + 4), 16);
    lines.push(length < 4 ? body.slice(at, at + 4) : body.slice(at + 4, at + length).replace(/\n$/, ''));
    at += Math.max(4, length);
  }
  return lines;
}
