/** A server that accepts connections and never answers. */
export interface HungServer extends Disposable {
  readonly port: number;
}

/** Starts a server that never answers. */
export function startHungServer(): HungServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) connections.push(connection);
  })();
  accepting.catch(() => {});
  return {
    port: listener.addr.port,
    [Symbol.dispose]: () => {
      listener.close();
      for (const connection of connections) connection.close();
    },
  };
}
