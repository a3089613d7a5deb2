/**
 * Backs up one repository from an address of its own process, for what must be set before a process starts:
 * `back-up-once.ts <url> <vault>`. Prints the outcome, or the error, as JSON.
 */
import { HttpTransport } from '#core/git/http-transport.ts';
import { HoldfastError } from '#core/runtime/errors.ts';
import { HttpClient } from '#core/runtime/http.ts';
import { Backups } from './backups.ts';

const [, , url = '', vault = ''] = process.argv;
const client = new HttpClient({ stallMs: 20_000 });
try {
  const { manifest } = await new Backups(vault).take(new HttpTransport(new URL(url), client));
  process.stdout.write(JSON.stringify({ kind: manifest.kind, refs: manifest.git?.refs }));
} catch (error) {
  if (!(error instanceof HoldfastError)) throw error;
  const { code, message, advice, transient } = error;
  process.stdout.write(JSON.stringify({ code, message, advice, transient }));
} finally {
  client.close();
}
