/** What the registries of the stand-in for CodeArtifact share, whatever their format. */
import type { Content } from './content.ts';
import type { Repository } from './model.ts';
import type { CodeArtifactState } from './state.ts';

/** One request to a registry as its format sees it. */
export interface RegistryCall {
  state: CodeArtifactState;
  repository: Repository;
  /** What GetRepositoryEndpoint answered, with a slash at the end. */
  base: string;
  method: string;
  /** Decoded, below the base. */
  path: string;
  header(name: string): string | undefined;
  body: AsyncIterable<Buffer>;
  /** Takes an upload: the body, or a part of it. */
  receive: (stream: AsyncIterable<Buffer>) => Promise<Content>;
  /** Throws where the caller may not do this. */
  permit(action: string, resource: string): void;
}

export interface RegistryAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Objects become JSON. */
  body?: string | object;
  content?: Content;
}

export const notFound: RegistryAnswer = { status: 404, body: { message: 'Not Found' } };
