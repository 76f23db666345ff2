/** What every connector over HTTP is told about its requests, and the bounds of each setting. Pure. */
import type { ZoneId } from '#model/item.ts';
import type { BackOffSettings } from './back-off.ts';
import type { TlsOptions } from './http.ts';

export interface VisitOptions {
  /** Concurrent requests for this mailbox. */
  readonly requestsMax?: number | undefined;
  readonly timeouts?: { readonly connectMs?: number | undefined; readonly requestMs?: number | undefined } | undefined;
  readonly backOff?: Partial<BackOffSettings> | undefined;
  readonly tls?: TlsOptions | undefined;
  /** How long a create whose answer is missing may still arrive. */
  readonly settleMs?: number | undefined;
  /** Used when the server does not tell the mailbox's zone. */
  readonly mailboxZone?: ZoneId | undefined;
}

export interface VisitSettings {
  readonly requestsMax: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly backOff: BackOffSettings;
  readonly tls: TlsOptions;
  readonly settleMs: number;
  readonly mailboxZone: ZoneId;
}

/** The server's own minute for a request, our time-out, and some more. */
const settleMsDefault = 180_000;

/** Fills in defaults and clamps numbers to their bounds. */
export function visitSettings(options: VisitOptions): VisitSettings {
  const { requestsMax, timeouts, backOff, tls, settleMs, mailboxZone } = options;
  return {
    requestsMax: clamp(requestsMax ?? 4, 1, 8),
    connectTimeoutMs: clamp(timeouts?.connectMs ?? 10_000, 100, 120_000),
    // A batch may run one minute on the server before it is given up there; wait a little longer than that.
    requestTimeoutMs: clamp(timeouts?.requestMs ?? 90_000, 100, 600_000),
    backOff: {
      firstMs: clamp(backOff?.firstMs ?? 10_000, 0, 900_000),
      maxMs: clamp(backOff?.maxMs ?? 900_000, 0, 3_600_000),
      waitMaxMs: clamp(backOff?.waitMaxMs ?? 30_000, 0, 300_000),
    },
    tls: tls ?? {},
    settleMs: settleMs ?? settleMsDefault,
    mailboxZone: mailboxZone ?? 'Etc/UTC',
  };
}

/** A whole number within bounds. */
export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.trunc(value)));
}
