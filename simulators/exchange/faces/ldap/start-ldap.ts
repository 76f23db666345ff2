/** The listening sockets of the directory: domain controllers and the global catalog, plain and TLS. */

import type { AddressInfo } from 'node:net';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Connection, type LdapServices } from './connection.ts';
import type { DirectoryTree } from './directory-tree.ts';
import type { Viewpoint } from './search.ts';

export interface LdapOptions extends Omit<LdapServices, 'view'> {
  readonly tree: DirectoryTree;
  readonly domain: string;
  readonly host: string;
  /**
   * Port of the main controller; the catalog, both with TLS, and the controllers of other domains take the following ones in
   * this order. 0 takes any free ones.
   */
  readonly port: number;
}

/** `host:port` of every socket. */
export interface RunningLdap {
  readonly controller: string;
  readonly globalCatalog: string;
  /** With TLS; undefined without a certificate. */
  readonly secureController: string | undefined;
  readonly secureGlobalCatalog: string | undefined;
  /** Controllers of the other domains, by name. */
  readonly others: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** Connections to one socket at once. */
const connectionsMax = 1000;

/** Idle connections are cut after this long. */
const idleMs = 900_000;

export async function startLdap(options: LdapOptions): Promise<RunningLdap> {
  const { tree, domain, host, settings, tls } = options;
  const places = new Map<string, string>();
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let nextPort = options.port;
  const open = async (view: Viewpoint, isSecure: boolean): Promise<string> => {
    const serve = (socket: Socket): void => {
      sockets.add(socket);
      socket.setTimeout(idleMs, () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
      new Connection(socket, isSecure, { ...options, view });
    };
    const server = isSecure && tls !== undefined ? createTlsServer({ ...tls }, serve) : createPlainServer(serve);
    server.maxConnections = connectionsMax;
    servers.push(server);
    return listen(server, host, options.port === 0 ? 0 : nextPort++);
  };
  const viewOf = (name: string, isGlobalCatalog: boolean, refersBack = false): Viewpoint => ({
    tree,
    domain: name,
    isGlobalCatalog,
    refersBack,
    controllerOf: (wanted) => places.get(wanted),
  });
  const controller = await open(viewOf(domain, false), false);
  places.set(domain, controller);
  const globalCatalog = await open(viewOf(domain, true), false);
  const secureController = tls === undefined ? undefined : await open(viewOf(domain, false), true);
  const secureGlobalCatalog = tls === undefined ? undefined : await open(viewOf(domain, true), true);
  for (const one of settings.domains) places.set(one.name, await open(viewOf(one.name, false, one.refersBack), false));
  const others = new Map([...places].filter(([name]) => name !== domain));
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
  };
  return { controller, globalCatalog, secureController, secureGlobalCatalog, others, close };
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const { port: bound } = server.address() as AddressInfo;
      resolve(`${host.includes(':') ? `[${host}]` : host}:${bound}`);
    });
  });
}
