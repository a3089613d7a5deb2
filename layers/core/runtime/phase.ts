/** What a long task is doing, in words that a person who waits can read. */
export type Phase =
  'waiting for the server' | 'receiving' | 'reading' | 'sending' | 'indexing' | 'packing' | 'checking' | 'checking out';
