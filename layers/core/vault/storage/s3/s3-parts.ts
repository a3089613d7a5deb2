const MiB = 1 << 20;

/** The most parts of an upload. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const mostParts = 10_000;

const smallestPart = 5 * MiB;

/**
 * The size of a part by its index. An upload may have 10,000 parts and its length is unknown, so the size doubles
 * every 600 parts from the smallest that S3 takes: 3 GiB fit into parts of 5 MiB, 44 GiB into parts up to 40 MiB, and
 * all 10,000 hold more than 5 TiB. It ends at 1 GiB, since a single write to a TLS connection must stay below 2 GiB.
 */
export function growingPart(index: number): number {
  return Math.min(smallestPart * 2 ** Math.floor(index / 600), 1024 * MiB);
}

/** The size of all parts where they must not grow, unless another is set: 48 GiB fit into 10,000 of them. */
export function equalPart(): number {
  return smallestPart;
}

/** Stores that want all parts of an upload but the last to be of one size, by their hosts. */
const withEqualParts = [
  // https://developers.cloudflare.com/r2/objects/multipart-objects/
  /(^|\.)r2\.cloudflarestorage\.com$/,
];

export function wantsEqualParts(host: string): boolean {
  return withEqualParts.some((pattern) => pattern.test(host));
}

/** How R2 refuses to complete an upload whose parts differ: InvalidPart, All non-trailing parts must have the same length. */
export function saysPartsMustBeEqual(text: string): boolean {
  return /InvalidPart/.test(text) && /same (length|size)/i.test(text);
}
