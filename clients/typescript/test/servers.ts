/** Servers on this machine whose answers a test defines. */

import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';

/** A received request. */
export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  /** The body before it was made text. */
  bytes: Buffer;
}

/** The reaction to a request: an answer, a closed connection, or nothing. */
export type Reaction =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | 'break the connection'
  | 'break off the body'
  | 'say nothing';

/** A server and the requests that it received. */
export interface Running extends AsyncDisposable {
  url: string;
  seen: Seen[];
}

/** Reacts to the first request with the first reaction and so on; the last one stays. */
export async function serve(...reactions: Reaction[]): Promise<Running> {
  return serveBy((_, number) => reactions[Math.min(number, reactions.length) - 1]);
}

/** Reacts to each request, by its number from 1. */
export async function serveBy(react: (request: Seen, number: number) => Reaction | undefined): Promise<Running> {
  const seen: Seen[] = [];
  return listen(seen, async (request, response) => {
    const asked = await read(request);
    seen.push(asked);
    const reaction = react(asked, seen.length);
    if (reaction === undefined || reaction === 'say nothing') {
      return;
    }
    if (reaction === 'break the connection') {
      request.socket.destroy();
    } else if (reaction === 'break off the body') {
      response.writeHead(202, { 'content-length': '100' });
      response.write('{"success":true,', () => request.socket.destroy());
    } else {
      const { status, headers, body = '' } = reaction;
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    }
  });
}

/** A proxy in front of an API that drops the first answer to a send. */
export async function loseFirstAnswer(apiUrl: string): Promise<Running> {
  const seen: Seen[] = [];
  return listen(seen, async (request, response) => {
    const asked = await read(request);
    seen.push(asked);
    const isLost = seen.filter(({ path }) => path === '/v1/messages/send').length === 1;
    const onward = forward(`${apiUrl}${asked.path}`, { method: asked.method, headers: asked.headers });
    onward.end(asked.body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    const body = await text(answer);
    if (isLost) {
      request.socket.destroy();
    } else {
      response.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
    }
  });
}

async function listen(
  seen: Seen[],
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Running> {
  const server: Server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function read(request: IncomingMessage): Promise<Seen> {
  const { method = '', url: path = '', headers } = request;
  const bytes = await buffer(request);
  return { method, path, headers, body: bytes.toString(), bytes };
}
