/** A server in the state that a recording was made in, and the requests that lead there. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EstateInput } from '../estate.ts';
import type { ProfileId } from '../faces/ews/profiles.ts';
import { type RunningExchange, startExchange } from '../start-exchange.ts';
import { type BareClientOptions, type BareReply, post } from './client.ts';

/** One recording and how this server is brought to give the same answer. */
export interface RecordedScene {
  /** File of the recording, without its ending. */
  readonly sample: string;
  /** The build that plays it: the recorded one, or the nearest there is. */
  readonly profile: ProfileId;
  /** Answers the text to compare. */
  play(stage: Stage): Promise<string>;
}

export interface Stage {
  readonly exchange: RunningExchange;
  /** Posts an operation as alice with version Exchange2010, or as the options say. */
  call(operation: string, options?: Partial<BareClientOptions>): Promise<BareReply>;
  /** The text of the answer to an operation. */
  text(operation: string, options?: Partial<BareClientOptions>): Promise<string>;
}

/** Now on every stage: long before the appointments of the scenes, as when the recordings were made. */
const nowMs = Date.UTC(2030, 0, 1, 9, 30);

export const bob = { user: 'bob@example.test', password: 'bob-pw1' };
export const narrow = { user: 'narrow@example.test', password: 'narrow-pw1' };

/** Starts a server of the given build; closed when the test file ends. */
export async function openStage(version: ProfileId, names: readonly string[] = ['alice', 'bob']): Promise<Stage> {
  const estate: EstateInput = {
    version,
    mailboxes: names.map((name) => ({
      address: `${name}@example.test`,
      password: `${name}-pw1`,
      displayName: `${name} Sample`,
    })),
    serviceAccounts: [{ userName: narrow.user, password: narrow.password, impersonates: ['bob@example.test'] }],
  };
  const ports = { clock: { now: () => nowMs }, timer: { sleep: hurried } };
  const exchange = await startExchange({ estate, ports, validateResponses: true });
  after(async () => {
    await exchange.close();
    assert.equal(exchange.control.counters().invalidResponses, 0, 'SCH-01: every answer validates');
  });
  const call = (operation: string, options: Partial<BareClientOptions> = {}) =>
    post(operation, { url: exchange.url, version: 'Exchange2010', ...options });
  return { exchange, call, text: async (operation, options) => (await call(operation, options)).text };
}

/** Minutes pass in milliseconds: what a server sends when nothing happens comes soon. */
async function hurried(durationMs: number, signal?: AbortSignal): Promise<void> {
  await sleep(durationMs / 1000, undefined, signal === undefined ? {} : { signal }).catch(() => {});
}

/** A single appointment's subject and times, in the order the schema wants; `more` follows them. */
export const single = (more = '') =>
  `<t:Subject>Sample subject</t:Subject><t:Start>2031-04-02T10:00:00Z</t:Start><t:End>2031-04-02T11:00:00Z</t:End>${more}`;

export const weekly =
  '<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Wednesday</t:DaysOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2031-04-02</t:StartDate><t:NumberOfOccurrences>4</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';

export const attendee = (address: string) =>
  `<t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>${address}</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees>`;

/** Property paths of the shape, by name. */
export const paths = (...uris: readonly string[]) => uris.map((uri) => `<t:FieldURI FieldURI="${uri}"/>`).join('');
