/** What the CRM schema holds. */
import type { Capabilities, KindCapabilities } from '#contract/connector.ts';
import type { Pattern } from '#model/recurrence.ts';

/** Items per call: one statement each way, bounded by what a connection should carry at once. */
export const readItemsMax = 500;
const writeItems = 100;

/** A commit that was under way when the connection broke is done or undone within this time. */
const settleMs = 5_000;

const patterns: readonly Pattern['kind'][] = [
  'daily',
  'weekly',
  'monthly',
  'monthlyByWeekday',
  'yearly',
  'yearlyByWeekday',
];

const contact: KindCapabilities = {
  fields: {
    name: true,
    organization: true,
    emails: true,
    phones: true,
    addresses: true,
    mailingAddress: true,
    ims: true,
    webPage: true,
    birthday: true,
    anniversary: true,
    relations: true,
    categories: true,
    sensitivity: true,
    body: ['text'],
  },
  patterns: [],
  zones: 'iana',
};

const event: KindCapabilities = {
  fields: {
    title: true,
    location: true,
    when: true,
    recurrence: true,
    overrides: true,
    showAs: true,
    reminder: true,
    importance: true,
    sensitivity: true,
    categories: true,
    attendees: true,
    body: ['text'],
  },
  patterns,
  zones: 'iana',
};

const task: KindCapabilities = {
  fields: {
    title: true,
    dates: true,
    progress: true,
    recurrence: true,
    reminder: true,
    importance: true,
    sensitivity: true,
    categories: true,
    body: ['text'],
  },
  patterns: [...patterns, 'regenerating'],
  zones: 'iana',
};

export const sqlCrmCapabilities: Capabilities = {
  kinds: { contact, event, task },
  conditionalWrites: true,
  writesReturnItem: true,
  batch: { read: readItemsMax, write: writeItems },
  settleMs,
};
