/**
 * Which host takes a visit. Pure. The rules are those of the product this follows (reference: Siebel Server Sync, host choice
 * for a new instance): as soon as one host is named for an Exchange server, that server's mailboxes go only to hosts named
 * for it; else any host that is named for no server may take them. Among those, the least loaded first.
 */

export interface HostView {
  readonly name: string;
  /** Exchange servers this host is kept for, by their names in the configuration; absent: whatever no host is kept for. */
  readonly servers?: readonly string[];
  /** Users now, and at most; undefined while the host does not answer or is ending. */
  readonly load?: { readonly users: number; readonly usersMax: number };
}

/** Names of the hosts to try, best first. A full host is tried last: only it knows whether somebody has left. */
export function place(hosts: readonly HostView[], server: string): readonly string[] {
  return eligible(hosts, server)
    .flatMap(({ name, load }) => (load === undefined ? [] : [{ name, share: load.users / Math.max(1, load.usersMax) }]))
    .sort((a, b) => a.share - b.share || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

/** The hosts that may take this server's mailboxes, whether they answer or not. */
export function eligible<T extends Pick<HostView, 'servers'>>(hosts: readonly T[], server: string): readonly T[] {
  const kept = hosts.filter(({ servers }) => servers?.includes(server));
  return kept.length > 0 ? kept : hosts.filter(({ servers }) => servers === undefined);
}
