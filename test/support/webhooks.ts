/** A server for webhooks and heartbeats, which keeps what it was sent. */
import { text } from 'node:stream/consumers';
import { answerWith, listen, type Listening, type Tls } from './http-listener.ts';

export interface Received {
  method: string;
  /** With the query. */
  path: string;
  headers: Record<string, unknown>;
  body: string;
}

export interface Webhooks extends Listening {
  received: Received[];
  /** What requests are answered with, in turn; the last counts for all that follow. */
  answers: { status: number; headers?: Record<string, string>; body?: string }[];
}

export async function listenForWebhooks(tls?: Tls): Promise<Webhooks> {
  const received: Received[] = [];
  const answers: Webhooks['answers'] = [{ status: 200, body: 'ok' }];
  const server = await listen(async (request, response) => {
    const body = await text(request);
    received.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
    const next = answers.length > 1 ? answers.shift() : answers[0];
    answerWith(response, next ?? { status: 200 });
  }, tls);
  return { ...server, received, answers };
}
