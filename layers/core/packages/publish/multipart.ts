import { randomUUID } from 'node:crypto';
import type { HttpBody } from '#core/runtime/http.ts';

export interface FormFile {
  /** The name of the field. */
  field: string;
  fileName: string;
  bytes: number;
  read: () => AsyncIterable<Buffer>;
}

/**
 * A form with one file, as browsers send it (RFC 7578), with the file as a stream at its end.
 * @param fields a name may come more than once
 */
export function formBody(
  fields: readonly (readonly [name: string, value: string])[],
  file: FormFile,
): { contentType: string; body: () => HttpBody } {
  const boundary = `holdfast-${randomUUID()}`;
  const parts = fields.map(([name, value]) => `--${boundary}\r\n${disposition(name)}\r\n\r\n${value}\r\n`);
  const before = Buffer.from(
    `${parts.join('')}--${boundary}\r\n${disposition(file.field, file.fileName)}\r\nContent-Type: application/octet-stream\r\n\r\n`,
  );
  const after = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: () => ({
      length: before.length + file.bytes + after.length,
      chunks: (async function* () {
        yield before;
        yield* file.read();
        yield after;
      })(),
    }),
  };
}

function disposition(name: string, fileName?: string): string {
  const file = fileName === undefined ? '' : `; filename="${quoted(fileName)}"`;
  return `Content-Disposition: form-data; name="${quoted(name)}"${file}`;
}

/** https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
