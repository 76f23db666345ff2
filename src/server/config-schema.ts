/**
 * Every key of the configuration file, with its default. Each leaf's error text says what to write instead; `config.ts`
 * adds the file, the line and what was found. `config-template.ts` shows the same keys to people.
 */
import * as z from 'zod';
import { essentialGroups } from '#engine/policy.ts';
import { eligible } from '#host/client/place.ts';
import { groups } from '#model/groups.ts';
import type { Kind } from '#model/item.ts';
import { isZone } from '#model/zones.ts';

/** A value that never stands in the file itself: the name of an environment variable, or of a file that holds only it. */
export type Secret = { readonly env: string } | { readonly file: string };

const secretText = 'a secret is never written here; write {env: NAME} or {file: PATH}';

const secret = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
  error: secretText,
});

/** A whole number within bounds. */
function whole(least: number, most: number): z.ZodInt {
  const text = `write a whole number from ${least} to ${most}`;
  return z.int(text).min(least, text).max(most, text);
}

function oneOf<const T extends readonly [string, ...string[]]>(names: T): z.ZodEnum<{ [name in T[number]]: name }> {
  return z.enum(names, `write one of: ${names.join(', ')}`);
}

function text(wanted: string): z.ZodString {
  const error = `write ${wanted}`;
  return z.string(error).min(1, error);
}

/** How things of the administrator's own choice are named. */
function name(what: string): z.ZodString {
  return z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, `${what} is named by letters, digits, ".", "_" and "-"`);
}

const yesNo = z.boolean('write true or false');

const share = z
  .number('write a number from 0 to 1')
  .min(0, 'write a number from 0 to 1')
  .max(1, 'write a number from 0 to 1');

const zone = text('an IANA time zone such as Europe/Berlin').refine(
  isZone,
  'write an IANA time zone such as Europe/Berlin',
);

/** Where a server's name stands: the one that the directories lead to. */
export const autoServer = 'auto';

const level = oneOf(['full', 'export', 'import', 'none']);

/** A mapping that may be left out as a whole. */
function group<T extends z.ZodRawShape>(shape: T) {
  return z.strictObject(shape, groupError);
}

const groupError = {
  error: (issue: z.core.$ZodRawIssue): string | undefined =>
    issue.code === 'invalid_type' ? 'write a group of "key: value" lines, indented under it' : undefined,
};

const database = group({
  /** Folder of the PostgreSQL that Liaison runs itself. Used when `url` is absent. */
  embedded: text('the name of a folder').default('./data'),
  /** Connection URL of your own PostgreSQL 15 or newer. `DATABASE_URL` in the environment wins over both. */
  url: secret.optional(),
});

const crm = group({
  /** How the CRM is reached: its tables in PostgreSQL (`docs/crm-schema.md`). */
  kind: oneOf(['sql']).default('sql'),
  /** Connection URL of the database with the `crm` schema. Absent: the same database as Liaison's own. */
  url: secret.optional(),
  /** A company typed in a mailbox: create makes an account when there is none, link only uses one, text never does. */
  accounts: oneOf(['create', 'link', 'text']).default('create'),
});

/** The account that signs in, by the ways given. */
function account<const T extends readonly [string, ...string[]]>(ways: T) {
  return group({
    kind: oneOf(ways),
    /** `DOMAIN\\user` or a user principal name of the service account. */
    user: text('the account as DOMAIN\\user or user@domain'),
    /** Its password. */
    password: secret,
  });
}

/**
 * basic: the password itself travels, so use https. ntlm: it does not; the connection is bound to the account. forms: the
 * sign-in page of Outlook Web Access, which may stand before an Exchange 2007.
 */
const signIn = account(['basic', 'ntlm', 'forms']);
const webSignIn = account(['basic', 'ntlm']);

const tls = group({
  /** PEM file with certificate authorities trusted in addition to the built-in ones. */
  caFile: text('the name of a PEM file').optional(),
  /** Accept TLS 1.0/1.1 and old ciphers, which an unpatched Exchange 2010 needs. */
  allowOldVersions: yesNo.default(false),
});

const server = group({
  /** How its mailboxes are reached. ews: Exchange 2010 and later, by web services. exchange2007: by WebDAV. */
  kind: oneOf(['ews', 'exchange2007']),
  /** URL of `/EWS/Exchange.asmx`, or of an Exchange 2007's virtual directory `/exchange/`. */
  url: httpUrl('https://mail.example.com/EWS/Exchange.asmx'),
  /** Mailbox servers reached through it, by name: where `server: auto` users on them are served. Absent: told by the URL. */
  mailboxServers: z.array(text('the name of a mailbox server')).max(1_000).default([]),
  signIn,
  /** inProcess: the connector runs in the engine. hosted: in a process of a connector host (`hosts`). */
  placement: oneOf(['inProcess', 'hosted']).default('inProcess'),
  /** The account acts as each mailbox (ApplicationImpersonation). False: it has full access or delegate rights. */
  impersonate: yesNo.default(true),
  tls: tls.prefault({}),
  /** Schema version asked for first; lowered when a mailbox's server refuses it. */
  requestVersion: oneOf([
    'Exchange2010',
    'Exchange2010_SP1',
    'Exchange2010_SP2',
    'Exchange2013',
    'Exchange2013_SP1',
    'Exchange2015',
    'Exchange2016',
  ]).default('Exchange2010_SP2'),
  /** Changes per page of a mailbox's change feed. */
  pageItems: whole(1, 512).default(512),
  /** Items per reading call. */
  readBatch: whole(1, 200).default(100),
  /** Items per writing call. */
  writeBatch: whole(1, 100).default(50),
  /** Requests under way for one mailbox at the same time. */
  requests: whole(1, 8).default(4),
  /** Longest wait for a connection. */
  connectSeconds: whole(1, 120).default(10),
  /** Longest wait for an answer. */
  requestSeconds: whole(1, 600).default(90),
  /** How long an unanswered create may still arrive; it is sent again only after that. */
  settleSeconds: whole(1, 3_600).default(180),
  /** Time zone of mailboxes for which neither the user map nor the server tells one. */
  zone: zone.default('Etc/UTC'),
}).check((context) => {
  const { kind, signIn } = context.value;
  if (kind !== 'ews' || signIn.kind !== 'forms') return;
  const message = 'web services have no sign-in form; write basic or ntlm';
  context.issues.push({ code: 'custom', path: ['signIn', 'kind'], input: signIn.kind, message });
});

const ldap = group({
  /** Domain controllers, tried in turn: ldaps://…, or ldap:// with startTls. Absent: found by DNS, with `forest`. */
  urls: z.array(ldapUrl()).max(8, 'write at most 8 URLs').default([]),
  /** Global catalogs (ldaps, port 3269), which know every domain of the forest. Absent: found by DNS, or `urls` are asked. */
  globalCatalogs: z.array(ldapUrl()).max(8, 'write at most 8 URLs').default([]),
  /** DNS name of the forest; its servers are then found by the records they register. */
  forest: text('a DNS name such as corp.example.com').optional(),
  signIn: group({
    /** `DOMAIN\user`, a user principal name, or a distinguished name. Needs no right but to read. */
    user: text('the account as user@domain or DOMAIN\\user'),
    /** Its password. */
    password: secret,
  }),
  /** Encrypt a connection that begins in plain text. */
  startTls: yesNo.default(false),
  tls: tls.prefault({}),
  /** Entries per page; Active Directory gives at most 1,000. */
  pageEntries: whole(1, 1_000).default(500),
  /** Longest wait for a connection. */
  connectSeconds: whole(1, 120).default(10),
  /** Longest wait for an answer. */
  requestSeconds: whole(1, 600).default(30),
}).check((context) => {
  const { urls, globalCatalogs, forest, startTls } = context.value;
  const refuse = (path: (string | number)[], input: unknown, message: string): void => {
    context.issues.push({ code: 'custom', path, input, message });
  };
  if (urls.length === 0 && forest === undefined) refuse(['urls'], undefined, 'name domain controllers, or the forest');
  for (const [key, list] of Object.entries({ urls, globalCatalogs })) {
    for (const [index, url] of list.entries()) {
      if (url.startsWith('ldaps:') || startTls || isLoopback(url)) continue;
      refuse([key, index], url, 'the password would travel readably: write ldaps://, or set startTls: true');
    }
  }
});

const autodiscover = group({
  /** Asked first, before the hosts that the mail domain leads to. */
  urls: z.array(httpUrl('https://autodiscover.example.com/autodiscover/autodiscover.svc')).max(8).default([]),
  /** Further hosts that redirects may lead to. The password goes to no host but these, `urls`, service connection points and the mail domain's own. */
  hosts: z.array(text('a host name')).max(50).default([]),
  signIn: webSignIn,
  tls: tls.prefault({}),
  /** Longest wait for a connection. */
  connectSeconds: whole(1, 120).default(5),
  /** Longest wait for an answer. */
  requestSeconds: whole(1, 600).default(20),
});

const directory = group({
  /** Mail domains it is asked about. Absent: all. */
  domains: z.array(text('a mail domain such as example.com').toLowerCase()).max(500).default([]),
  /** Active Directory. */
  ldap: ldap.optional(),
  autodiscover: autodiscover.optional(),
}).check((context) => {
  if (context.value.ldap !== undefined || context.value.autodiscover !== undefined) return;
  const message = 'name at least one way to ask it under it: ldap or autodiscover';
  context.issues.push({ code: 'custom', path: [], input: context.value, message });
});

const brakeLimits = (itemsMin: number, part: number) =>
  group({
    /** Up to this many changes pass without asking, however small the mailbox. */
    itemsMin: whole(0, 1_000_000).default(itemsMin),
    /** Up to this share of a kind's pairs passes without asking. */
    share: share.default(part),
  }).prefault({});

const rule = oneOf(['crmWins', 'mailboxWins', 'newestWins', 'organizerWins', 'owner', 'keepBoth', 'hold']);
const againstDelete = oneOf(['editWins', 'deleteWins', 'hold']);
const direction = oneOf(['both', 'toCrm', 'toMailbox', 'off']);

/** Groups of a kind by name; a name that is none of its groups is refused with the names there are. */
function byGroup<T extends z.ZodType>(kind: Kind, value: T, left: readonly string[] = []) {
  const names = groups[kind].filter(({ shape, name }) => shape !== 'server' && !left.includes(name));
  const known = names.map(({ name }) => name);
  const error = `name groups of a ${kind}: ${known.join(', ')}`;
  return z
    .record(
      z.string().refine((name) => known.includes(name), error),
      value,
      groupError,
    )
    .optional();
}

/** What differs from the policy above for one kind. */
function kindPolicy(kind: Kind) {
  return group({
    conflict: rule.optional(),
    /** Rules of single groups of fields. */
    groups: byGroup(kind, rule),
    editAgainstDelete: againstDelete.optional(),
    /** Groups that go one way only, or not at all. */
    directions: byGroup(kind, direction, essentialGroups[kind]),
  }).optional();
}

/** Days for events and for tasks; 0: no limit. */
const daysByKind = group({
  event: whole(0, 36_500).default(0),
  task: whole(0, 36_500).default(0),
}).prefault({});

const policy = group({
  /** Both sides changed the same field to different values: whose value stays (the other one is kept in the journal). */
  conflict: rule.default('crmWins'),
  /** Who wins where that rule cannot tell. */
  undecided: oneOf(['crmWins', 'mailboxWins']).default('crmWins'),
  /** newestWins: changes closer together than this count as made at the same time. */
  newestSkewSeconds: whole(0, 86_400).default(60),
  /** One side changed what the other deleted. editWins: it is made again where it was deleted. */
  editAgainstDelete: againstDelete.default('editWins'),
  /** Rules of single kinds and of their groups of fields. */
  kinds: group({ contact: kindPolicy('contact'), event: kindPolicy('event'), task: kindPolicy('task') }).optional(),
  /** What vanishes from the mailbox so many days after its end was archived: its CRM record stays. */
  archiveDays: daysByKind,
  /** What ended more days ago than this is not paired any more; what is paired stays so. */
  pastDays: daysByKind,
  /** May a deletion be carried to this side? */
  deletions: group({
    crm: yesNo.default(true),
    mailbox: yesNo.default(true),
  }).prefault({}),
  /** A record leaves the user's scope (taken off the sync list). removeCopy: its copy goes too. leave: it stays. */
  scopeExit: oneOf(['removeCopy', 'leave']).default('removeCopy'),
  /** A series gets a new rule without an occurrence that was changed. keepSingle: that one becomes an event of its own. */
  orphans: oneOf(['drop', 'keepSingle']).default('drop'),
  /** Mass changes stop and wait for a person (`liaison brake`). */
  brake: group({
    removals: brakeLimits(20, 0.1),
    overwrites: brakeLimits(200, 0.5),
    /** Brakes held for this many other mailboxes at once hold all removals everywhere. */
    fusePairs: whole(1, 1_000_000).default(10),
  }).prefault({}),
});

const sync = group({
  /** Seconds between two passes over one mailbox. */
  intervalSeconds: whole(1, 86_400).default(60),
  /** Mailboxes worked on at the same time by one process. */
  concurrency: whole(1, 256).default(8),
  /** Levels of new users: full (both ways), export (CRM to mailbox), import (mailbox to CRM), none. */
  levels: group({
    contact: level.default('full'),
    event: level.default('full'),
    task: level.default('full'),
  }).prefault({}),
  policy: policy.prefault({}),
  /** Name of the hidden property that marks paired items; never change it once users are synchronised. */
  linkKeyName: text('a name of letters and digits')
    .regex(/^[A-Za-z][A-Za-z0-9]{0,39}$/, 'write a name of at most 40 letters and digits')
    .default('LiaisonLinkKey'),
  /** How long a process may be silent before another one takes over its mailboxes. */
  leaseSeconds: whole(30, 3_600).default(300),
  /** First wait after a failed pass; doubles up to retrySecondsMax. */
  retrySeconds: whole(1, 3_600).default(5),
  retrySecondsMax: whole(1, 86_400).default(900),
  /** Wait after a refused sign-in: repeated tries lock accounts. */
  signInRetrySeconds: whole(10, 86_400).default(300),
  /** Hours between two slow tries of a record in quarantine. */
  quarantineRetryHours: whole(1, 720).default(6),
  /** Hours after which a mailbox with `server: auto` is looked for again, though nothing seems wrong. */
  locateHours: whole(1, 720).default(24),
  /** At most one look in this time at a mailbox whose place is doubted, or whose directory did not answer. */
  locateDoubtSeconds: whole(1, 86_400).default(300),
}).check((context) => {
  if (context.value.retrySecondsMax >= context.value.retrySeconds) return;
  context.issues.push({
    code: 'custom',
    path: ['retrySecondsMax'],
    input: context.value.retrySecondsMax,
    message: 'write a number not below retrySeconds',
  });
});

const journal = group({
  /** Days that the account of decisions is kept. */
  keepDays: whole(2, 36_500).default(400),
  /** Days that entries with an overruled or removed value are kept; never fewer than keepDays. */
  keepOverruledDays: whole(2, 36_500).default(1_100),
}).check((context) => {
  if (context.value.keepOverruledDays >= context.value.keepDays) return;
  context.issues.push({
    code: 'custom',
    path: ['keepOverruledDays'],
    input: context.value.keepOverruledDays,
    message: 'write a number not below keepDays',
  });
});

const log = group({
  /** Least level written. */
  level: oneOf(['debug', 'info', 'warn', 'error']).default('info'),
  /** File for JSON lines; absent: standard error. */
  file: text('the name of a file').optional(),
});

const machine = group({
  /** Where its `liaison connector-host` listens. */
  address: text('an address such as connector1.example.com:7443').regex(
    /^(\[[0-9A-Fa-f:.]+\]|[^\s:/]+):\d{1,5}$/,
    'write an address such as connector1.example.com:7443',
  ),
  /** Mailbox servers it is kept for. Absent: every server that no host is kept for. */
  servers: z.array(text('the name of a server'), 'write a list of server names, such as [main]').min(1).optional(),
});

const hosts = group({
  /** Connector hosts by a name of your choice. */
  machines: z
    .record(name('a connector host'), machine, 'name connector hosts under it, each with its address')
    .default({}),
  /** PEM files: the authority that signed the hosts' certificates; this engine's certificate and key. */
  caFile: text('the name of a PEM file').default('./certs/ca.pem'),
  certFile: text('the name of a PEM file').default('./certs/engine.pem'),
  keyFile: text('the name of a PEM file').default('./certs/engine-key.pem'),
  /** Longest wait for the answer to one call; longer than the server's own waits. */
  callSeconds: whole(1, 3_600).default(240),
});

const oneServer = 'name at least one mailbox server under it, with its kind, url and signIn';

export const configSchema = group({
  database: database.prefault({}),
  crm: crm.prefault({}),
  /** Mailbox servers by a name of your choice, which the user map refers to. */
  servers: z
    .record(name('a server'), server, oneServer)
    .refine((servers) => Object.keys(servers).length > 0, oneServer)
    .refine(
      (servers) => !(autoServer in servers),
      `choose another name than ${autoServer}, which stands for “as the directories say”`,
    ),
  /** Directories that know where mailboxes are, by a name of your choice; for users with `server: auto`. */
  directories: z.record(name('a directory'), directory).default({}),
  /** Machines that run connectors outside this process. */
  hosts: hosts.prefault({}),
  sync: sync.prefault({}),
  journal: journal.prefault({}),
  log: log.prefault({}),
}).check((context) => {
  for (const issue of placementIssues(context.value)) context.issues.push({ code: 'custom', ...issue });
});

export type Config = z.infer<typeof configSchema>;
export type ServerConfig = Config['servers'][string];
export type DirectoryConfig = Config['directories'][string];

function httpUrl(example: string) {
  return text(`a URL such as ${example}`).refine(isHttpUrl, `write a URL such as ${example}`);
}

function ldapUrl() {
  const wanted = 'a URL such as ldaps://dc1.corp.example.com';
  return text(wanted).refine(
    (value) => /^ldaps?:\/\/[^/?#]+\/?$/.test(value) && URL.canParse(value),
    `write ${wanted}`,
  );
}

function isLoopback(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

interface Placements {
  readonly servers: Readonly<Record<string, { readonly placement: 'inProcess' | 'hosted' }>>;
  readonly hosts: { readonly machines: Readonly<Record<string, { readonly servers?: readonly string[] | undefined }>> };
}

/** Hosts must be kept for servers that exist, and a hosted server needs a host. */
function placementIssues({ servers, hosts: { machines } }: Placements) {
  const unknown = Object.entries(machines).flatMap(([machine, { servers: kept = [] }]) =>
    kept.flatMap((server, at) =>
      servers[server] !== undefined
        ? []
        : {
            path: ['hosts', 'machines', machine, 'servers', at],
            input: server,
            message: 'name servers of the section servers',
          },
    ),
  );
  const views = Object.values(machines).map(({ servers: kept }) => ({ ...(kept !== undefined && { servers: kept }) }));
  const hostless = Object.entries(servers)
    .filter(([name, { placement }]) => placement === 'hosted' && eligible(views, name).length === 0)
    .map(([name, { placement }]) => ({
      path: ['servers', name, 'placement'],
      input: placement,
      message: 'name a connector host that may take its mailboxes under hosts.machines, or write inProcess',
    }));
  return [...unknown, ...hostless];
}

function isHttpUrl(value: string): boolean {
  const protocol = URL.canParse(value) ? new URL(value).protocol : '';
  return protocol === 'https:' || protocol === 'http:';
}
