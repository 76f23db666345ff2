/** The messages of the protocol as the loader gives and takes them: camel case, enums by name, absent what is default. */
import type { Kind } from '#model/item.ts';

export interface WireFault {
  readonly code?: string;
  readonly message?: string;
  readonly source?: string;
  readonly path?: string;
  readonly retryAfterMs?: number;
}

export type WireKind = 'KIND_CONTACT' | 'KIND_EVENT' | 'KIND_TASK';
export type WireVisit = 'VISIT_INITIAL' | 'VISIT_ONGOING';

export interface WireDescription {
  readonly protocolMin?: number;
  readonly protocolMax?: number;
  readonly product?: string;
  readonly connectorKinds?: readonly string[];
}

export interface WireOpen {
  readonly protocol?: number;
  readonly connectorKind?: string;
  readonly settingsJson?: string;
  readonly visit?: string;
  readonly user?: string;
}

export interface WireOpened {
  readonly protocol?: number;
  readonly capabilities?: WireCapabilities;
  readonly fault?: WireFault;
}

export interface WireCapabilities {
  readonly kinds?: readonly {
    readonly kind?: string;
    readonly fields?: readonly {
      readonly name?: string;
      readonly whole?: boolean;
      readonly leaves?: readonly string[];
    }[];
    readonly patterns?: readonly string[];
    readonly zones?: string;
  }[];
  readonly conditionalWrites?: boolean;
  readonly writesReturnItem?: boolean;
  readonly readBatch?: number;
  readonly writeBatch?: number;
  readonly settleMs?: number;
}

export interface WireCall {
  readonly call?: number;
}

export interface WireProbed extends WireCall {
  readonly probe?: { readonly product?: string; readonly zone?: string; readonly clockOffsetMs?: number };
  readonly fault?: WireFault;
}

export interface WireChangesAsk extends WireCall {
  readonly kind?: string;
  readonly cursor?: string;
}

export interface WireChange {
  readonly state?: string;
  readonly id?: string;
  readonly version?: string;
  readonly reason?: string;
}

export interface WireChanges extends WireCall {
  readonly changes?: readonly WireChange[];
  readonly end?: { readonly cursor?: string; readonly complete?: boolean };
  readonly fault?: WireFault;
}

export interface WireReadAsk extends WireCall {
  readonly kind?: string;
  readonly ids?: readonly string[];
}

export interface WireSnapshot {
  readonly version?: string;
  readonly linkKey?: string;
  readonly itemJson?: string;
  readonly modifiedAt?: string;
  readonly owned?: boolean;
}

export interface WireReadOutcome {
  readonly id?: string;
  readonly present?: WireSnapshot;
  readonly gone?: object;
  readonly out?: { readonly reason?: string };
  readonly failed?: WireFault;
}

export interface WireRead extends WireCall {
  readonly outcomes?: readonly WireReadOutcome[];
  readonly fault?: WireFault;
}

export interface WireFindAsk extends WireCall {
  readonly kind?: string;
  readonly linkKey?: string;
}

export interface WireFound extends WireCall {
  readonly ids?: readonly string[];
  readonly fault?: WireFault;
}

export interface WireCreation {
  readonly linkKey?: string;
  readonly itemJson?: string;
}

export interface WireUpdate {
  readonly id?: string;
  readonly version?: string;
  readonly targetJson?: string;
  readonly paths?: readonly string[];
  readonly linkKey?: string;
}

export interface WireRemoval {
  readonly id?: string;
  readonly version?: string;
}

export interface WireCreateAsk extends WireCall {
  readonly kind?: string;
  readonly creations?: readonly WireCreation[];
}

export interface WireUpdateAsk extends WireCall {
  readonly kind?: string;
  readonly updates?: readonly WireUpdate[];
}

export interface WireRemoveAsk extends WireCall {
  readonly kind?: string;
  readonly removals?: readonly WireRemoval[];
}

export interface WireWriteOutcome {
  readonly applied?: { readonly id?: string; readonly version?: string; readonly itemJson?: string };
  readonly rejected?: WireFault;
  readonly unknown?: WireFault;
}

export interface WireWritten extends WireCall {
  readonly outcomes?: readonly WireWriteOutcome[];
}

const kindNames = { contact: 'KIND_CONTACT', event: 'KIND_EVENT', task: 'KIND_TASK' } as const;

export function wireKind(kind: Kind): WireKind {
  return kindNames[kind];
}

/** Undefined for a kind this program does not know. */
export function kindOf(wire: string | undefined): Kind | undefined {
  return (Object.keys(kindNames) as Kind[]).find((kind) => kindNames[kind] === wire);
}

export interface WireProcess {
  readonly pid?: number;
  readonly state?: string;
  readonly visit?: string;
  readonly program?: string;
  readonly users?: number;
  readonly sessions?: number;
  readonly calls?: number;
  readonly memoryBytes?: number;
  readonly uptimeMs?: number;
}

export interface WireStatus {
  readonly product?: string;
  readonly protocolMin?: number;
  readonly protocolMax?: number;
  readonly uptimeMs?: number;
  readonly draining?: boolean;
  readonly usersMax?: number;
  readonly processesMax?: number;
  readonly memoryBytes?: number;
  readonly processes?: readonly WireProcess[];
}
