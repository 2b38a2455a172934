/**
 * Serves a function from requests to responses, by Node's HTTP server.
 *
 * @module
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { CommandServer } from "./io.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

/** Serves a function at an address. Rejects if the address cannot be used. */
export async function serve(
  fetch: Fetch,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<CommandServer> {
  const server = createServer((incoming, outgoing) => void answer(fetch, incoming, outgoing));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // streams of events do not end by themselves
        server.closeAllConnections?.();
      }),
  };
}

async function answer(fetch: Fetch, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const left = new AbortController();
  outgoing.on("close", () => left.abort());
  try {
    const request = requestOf(incoming, left.signal);
    const { status, headers, body } = request ? await fetch(request) : new Response(null, { status: 400 });
    outgoing.statusCode = status;
    for (const [name, value] of headers) if (name !== "set-cookie") outgoing.setHeader(name, value);
    const cookies = headers.getSetCookie();
    if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
    if (!body) return void outgoing.end();
    outgoing.flushHeaders();
    await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), outgoing);
  } catch {
    // the client has left, or the function has failed
    if (!outgoing.headersSent) outgoing.statusCode = 500;
    outgoing.end();
  }
}

/** A name or an address, and perhaps a port: nothing that a URL would take for a path or for a user. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Returns the request; `undefined` if it has no valid host or no path. Its URL has the host of the header `Host`. */
function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request | undefined {
  const { method = "GET", url = "/", headers: { host = "" } } = incoming;
  // a browser sends a path; of "//other/" or "http://other/" the host must not become that of the request
  const address = `http://${host}${url}`;
  if (!HOST.test(host) || !url.startsWith("/") || !URL.canParse(address)) return undefined;
  const headers = new Headers();
  for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? "");
  }
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: "half" } : {};
  return new Request(address, { method, headers, signal, ...body } as RequestInit);
}
