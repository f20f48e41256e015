/**
 * Serves console/ as it is in the repository, before a running stack: `node dev-server.js STATE_FILE [PORT]`. A change of a file is seen
 * when the page is loaded again, without a build. Everything else goes to the stack.
 */
import { createServer, request } from 'node:http';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const CONSOLE = fileURLToPath(new URL('../../console', import.meta.url));
/** @type {Record<string, string>} */
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** @param {string} stateFile @param {number} port @returns {Promise<{ url: string, close: () => void }>} */
export async function serve(stateFile, port = 0) {
  const state = JSON.parse(readFileSync(stateFile, 'utf8'));
  const server = createServer(async (incoming, outgoing) => {
    const path = new URL(incoming.url ?? '/', 'http://localhost').pathname;
    if (path === '/console/local-keys') {
      outgoing.end(JSON.stringify({ apiKey: state.apiKey, adminKey: state.adminKey }));
    } else if (path === '/console' || path.startsWith('/console/')) {
      const file = join(CONSOLE, normalize(path.slice('/console'.length) || '/index.html'));
      const bytes = await readFile(file).catch(() => undefined);
      const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: http://127.0.0.1:*; connect-src 'self' http://127.0.0.1:*; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
      outgoing.writeHead(bytes ? 200 : 404, { 'content-type': `${TYPES[extname(file)]}; charset=utf-8`, 'content-security-policy': policy, 'cache-control': 'no-store' });
      outgoing.end(bytes);
    } else {
      const target = new URL(incoming.url ?? '/', state.apiUrl);
      const passed = request(target, { method: incoming.method, headers: { ...incoming.headers, host: target.host } }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      passed.on('error', () => outgoing.writeHead(502).end());
      incoming.pipe(passed);
    }
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${address.port}`, close: () => void server.close() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log((await serve(process.argv[2], Number(process.argv[3] ?? 0))).url);
}
