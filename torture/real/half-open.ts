/**
 * A TCP relay between the engine and a server that can do what networks do: go silent in one direction or both while the
 * connection looks open, cut it off in the middle, or hold bytes back.
 */

import { once } from 'node:events';
import { createServer, type Server, Socket } from 'node:net';

/**
 * - open: everything passes.
 * - deaf: what the engine sends disappears.
 * - mute: the server gets it and answers, and the answer disappears: the write happened, nobody heard.
 * - cut: every connection is reset.
 */
export type Weather = 'open' | 'deaf' | 'mute' | 'cut';

export interface Relay {
  /** e.g. `127.0.0.1:40123`. */
  readonly host: string;
  weather: Weather;
  /** Where new connections lead. */
  to: { readonly host: string; readonly port: number };
  /** Connections that met bad weather. */
  readonly struck: number;
  close(): Promise<void>;
}

export async function startRelay(to: { readonly host: string; readonly port: number }): Promise<Relay> {
  const sockets = new Set<Socket>();
  const relay = { weather: 'open' as Weather, struck: 0, to };
  const server: Server = createServer((engine) => {
    const far = new Socket();
    for (const socket of [engine, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    const pass = (from: Socket, target: Socket, swallowed: Weather) => (bytes: Buffer) => {
      if (relay.weather === 'open') {
        target.write(bytes);
        return;
      }
      relay.struck += 1;
      if (relay.weather === 'cut') {
        engine.resetAndDestroy();
        far.resetAndDestroy();
      } else if (relay.weather !== swallowed) target.write(bytes);
      else from.pause();
    };
    far.connect(relay.to.port, relay.to.host);
    engine.on('data', pass(engine, far, 'deaf'));
    far.on('data', pass(far, engine, 'mute'));
    engine.on('close', () => far.destroy());
    far.on('close', () => engine.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    host: `127.0.0.1:${port}`,
    get weather() {
      return relay.weather;
    },
    set weather(next) {
      relay.weather = next;
    },
    get to() {
      return relay.to;
    },
    set to(next) {
      relay.to = next;
    },
    get struck() {
      return relay.struck;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
