import type { Notice } from './notice.ts';

/** A notice as programs take it: `docs/notification.schema.json`. */
export function jsonMessage({ kind, id, source, severity, subject, text, page, details }: Notice): object {
  return {
    format: 1,
    kind,
    id,
    ...(source === undefined ? {} : { source }),
    severity,
    subject,
    text,
    ...(page === undefined ? {} : { page }),
    ...details,
  };
}
