const known = new Set<string>();

/**
 * Remembers a secret, so that `mask` takes it out of whatever is printed or stored. Process-wide on purpose: a
 * secret must stay masked wherever an error that quotes it surfaces.
 */
export function keepSecret(secret: string): void {
  // Anything shorter would blank out ordinary words, and is no secret worth the name.
  if (secret.length < 6) return;
  known.add(secret);
  known.add(encodeURIComponent(secret));
  known.add(Buffer.from(secret).toString('base64'));
}

/** The text with every remembered secret, and every password inside a URL, replaced by `***`. */
export function mask(text: string): string {
  let masked = text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]+@/giu, '$1***@');
  for (const secret of known) masked = masked.replaceAll(secret, '***');
  return masked;
}
