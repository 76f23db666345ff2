/**
 * The estate: which mailboxes, accounts and server builds a simulated organisation has. Plain data, written as YAML or
 * built in a test; `README.md` shows a commented example.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { attributesSchema, directorySchema } from './faces/ldap/directory-settings.ts';
import { webdavSchema } from './faces/webdav/webdav-settings.ts';

export const profileId = z.enum(['2007sp3', '2010sp2', '2010sp3', '2013', '2016', '2019', 'se']);

const nameableFolders = [
  'calendar',
  'contacts',
  'deleteditems',
  'drafts',
  'inbox',
  'journal',
  'junkemail',
  'notes',
  'outbox',
  'sentitems',
  'tasks',
] as const;

const seedSchema = z
  .strictObject({
    contacts: z.number().int().min(0).default(0),
    appointments: z.number().int().min(0).default(0),
    series: z.number().int().min(0).default(0),
    tasks: z.number().int().min(0).default(0),
  })
  .describe('How much content a mailbox begins with');

const mailboxSchema = z.strictObject({
  address: z.string().min(3),
  password: z.string(),
  displayName: z.string().optional(),
  aliases: z.array(z.string()).default([]),
  /** Windows or IANA id. */
  timeZone: z.string().default('W. Europe Standard Time'),
  culture: z.string().default('en-US'),
  /** Build of the server that holds it. */
  version: profileId.optional(),
  /** Display names of well-known folders in the owner's language, for example `calendar: Kalender`. */
  folderNames: z.partialRecord(z.enum(nameableFolders), z.string().min(1)).optional(),
  seed: seedSchema.optional(),
  /** Attributes of the owner's object in the directory that are not the usual ones; `null` takes one away. */
  directory: attributesSchema.default({}),
});

const accountSchema = z.strictObject({
  userName: z.string().min(1),
  password: z.string(),
  impersonates: z.union([z.literal('all'), z.array(z.string())]).default('all'),
});

const throttlingSchema = z.strictObject({
  /** Concurrent requests per account and mailbox. */
  maxConcurrency: z.number().int().positive().optional(),
  /** Concurrent SyncFolderItems calls per mailbox. */
  concurrentSyncCalls: z.number().int().positive().optional(),
  /** Streaming connections per account. */
  hangingConnections: z.number().int().positive().optional(),
  /** Requests per minute and account, after which it is busy. */
  requestsPerMinute: z.number().int().positive().optional(),
  /** Longest delay of requests before the limit per minute is reached; it begins at half of it. */
  microDelayMs: z.number().int().min(0).optional(),
  /** Subscriptions per account and mailbox. */
  subscriptions: z.number().int().positive().default(5000),
  /** Server time per account and mailbox, with the defaults of Exchange 2013 and later. */
  budget: z
    .strictObject({
      maxBurstMs: z.number().min(0).default(300_000),
      rechargeMsPerHour: z.number().positive().default(900_000),
      cutoffMs: z.number().min(0).default(3_000_000),
      /** What every request costs beside the time it takes; a simulated server takes next to none. */
      requestCostMs: z.number().min(0).default(50),
      microDelayMsMax: z.number().min(0).default(1_000),
    })
    .optional(),
  backOffMs: z.number().int().min(0).default(5000),
});

export const estateSchema = z.strictObject({
  /** DNS domain; also the NTLM domain. */
  domain: z.string().default('example.test'),
  hostName: z.string().default('mail.example.test'),
  /** Build of servers that name none of their own. */
  version: profileId.default('se'),
  authentication: z.array(z.enum(['Negotiate', 'NTLM', 'Basic'])).default(['Negotiate', 'NTLM', 'Basic']),
  /** NTLM answers without channel binding are refused over TLS (Exchange 2019 CU14 and later). */
  extendedProtection: z.boolean().default(false),
  /** Servers; mailboxes live on them in turn, and subscriptions belong to one of them. */
  nodes: z.number().int().min(1).max(16).default(1),
  mailboxes: z.array(mailboxSchema),
  serviceAccounts: z.array(accountSchema).default([]),
  throttling: throttlingSchema.optional(),
  /** The LDAP directory: other domains, servers, limits. */
  directory: directorySchema.prefault({}),
  /** Whether mailboxes on servers of 2007 answer to web services too. */
  legacyEws: z.boolean().default(false),
  /** The WebDAV directory, which servers of 2007 have. */
  webdav: webdavSchema.prefault({}),
  /** Time every request takes; limits on concurrency only mean something when it is not 0. */
  latencyMs: z.number().int().min(0).default(0),
  /** Compress answers for clients that take gzip; recorded servers did not. */
  compress: z.boolean().default(false),
  /** Seed of everything made up: content of mailboxes, edits of simulated people. */
  seed: z.number().int().default(1),
});

/** A checked estate, all defaults filled in. */
export type Estate = z.output<typeof estateSchema>;

/** An estate as people write it. */
export type EstateInput = z.input<typeof estateSchema>;

/** Five people with empty mailboxes and one service account that may act as all of them. */
export const defaultEstate: EstateInput = {
  mailboxes: [
    {
      address: 'alice@example.test',
      password: 'alice-pw1',
      displayName: 'Alice Archer',
      aliases: ['a.archer@example.test'],
    },
    { address: 'bob@example.test', password: 'bob-pw1', displayName: 'Bob Baker' },
    { address: 'carol@example.test', password: 'carol-pw1', displayName: 'Carol Carter' },
    { address: 'dave@example.test', password: 'dave-pw1', displayName: 'Dave Dyer' },
    { address: 'erin@example.test', password: 'erin-pw1', displayName: 'Erin Ebner' },
  ],
  serviceAccounts: [{ userName: 'svc@example.test', password: 'svc-pw1', impersonates: 'all' }],
};

/** Reads an estate file; throws with the places of all mistakes. */
export async function readEstate(path: string): Promise<Estate> {
  return estateSchema.parse(parse(await readFile(path, 'utf8')));
}
