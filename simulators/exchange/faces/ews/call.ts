/** One request in progress, and the server it runs in. */

import type { Ports } from '#ports/ports.ts';
import type { XmlElement } from '#xml/reader.ts';
import type { Node, Nodes } from '../../affinity.ts';
import type { Control } from '../../control/control.ts';
import type { Account, Directory } from '../../sign-in/directory.ts';
import type { Mailbox } from '../../truth/mailbox.ts';
import type { Truth } from '../../truth/truth.ts';
import type { Zone } from '../../truth/zone.ts';
import type { DelegateAccess } from './delegate-access.ts';
import type { Profile, RequestVersion } from './profiles.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What all requests share. */
export interface EwsServer {
  readonly truth: Truth;
  readonly directory: Directory;
  readonly ports: Ports;
  readonly control: Control;
  readonly subscriptions: Subscriptions;
  /** The build that serves a mailbox; without one, the build of the front end. */
  profileOf(mailbox: Mailbox | undefined): Profile;
  /** Host name in server headers. */
  readonly hostName: string;
  /** The servers of the organisation. */
  readonly nodes: Nodes;
}

export interface Call {
  readonly server: EwsServer;
  readonly account: Account;
  /** The mailbox that is worked in: the caller's, the impersonated one, or that of an owner who made the caller a delegate. */
  readonly mailbox: Mailbox;
  /** Set when the mailbox is not the caller's own. */
  readonly delegate: DelegateAccess | undefined;
  /** False for an account that has no mailbox and impersonates nobody. */
  readonly hasMailbox: boolean;
  /** Build of that mailbox's server. */
  readonly profile: Profile;
  readonly version: RequestVersion;
  /** Rank of `version`. */
  readonly rank: number;
  /** TimeZoneContext of the request. */
  readonly zone: Zone | undefined;
  /** The server that carries it out. */
  readonly node: Node;
  readonly operation: string;
  /** The operation element of the body. */
  readonly request: XmlElement;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** Answers one operation: the markup inside the response element, and the element's attributes. */
export type Operation = (call: Call) => string | Promise<string>;

/** The name that changes are recorded under. */
export function writerOf(call: Call): string {
  return (call.delegate?.actor ?? call.mailbox).description.displayName;
}
