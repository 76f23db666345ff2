/** The commented configuration file that `liaison init` writes. A test holds it to the schema, key by key. */
export const configTemplate = `# Liaison keeps the contacts, appointments and tasks of a CRM and of Exchange mailboxes the same.
# A key that starts with "# " below shows its default, or an example where it has none. Check this file: liaison doctor
# Secrets are never written here: {env: NAME} takes one from the environment, {file: PATH} from a file.
# Relative paths are relative to this file.

database:
  # Folder of the PostgreSQL that Liaison runs itself. Back it up.
  embedded: ./data
  # Or your own PostgreSQL 15 or newer (the environment variable DATABASE_URL wins over both):
  # url: {env: LIAISON_DATABASE_URL}

crm:
  # The CRM's tables in PostgreSQL; see docs/crm-schema.md.
  # kind: sql
  # If left out, the same database as Liaison's own.
  # url: {env: CRM_DATABASE_URL}
  # A company typed in a mailbox: create makes an account when there is none, link only uses one, text never does.
  # accounts: create

servers:
  # One entry per mailbox server; the user map refers to it by this name.
  main:
    # By web services (ews: Exchange 2010 to Subscription Edition), or by WebDAV (exchange2007, url ending in /exchange/).
    kind: ews
    url: https://mail.example.com/EWS/Exchange.asmx
    signIn:
      # basic (the password itself travels: use https), ntlm, or for exchange2007 also forms.
      kind: ntlm
      user: EXAMPLE\\svc-liaison
      password: {env: EXCHANGE_PASSWORD}
    # Where its connector runs: inProcess (in this process) or hosted (in a process of a connector host, see hosts).
    # placement: inProcess
    # The account acts as each mailbox (role ApplicationImpersonation). false: it has full access to them.
    # impersonate: true
    # Names of the mailbox servers reached through it, for users with server: auto; told by the url if left out.
    # mailboxServers: []
    # tls:
      # Certificate authorities trusted in addition to the built-in ones (PEM).
      # caFile: ./company-ca.pem
      # TLS 1.0/1.1 and old ciphers, which an unpatched Exchange 2010 needs.
      # allowOldVersions: false
    # Schema version asked for first; lowered when a mailbox's server refuses it.
    # requestVersion: Exchange2010_SP2
    # Changes per page (up to 512), items per reading call (up to 200), items per writing call (up to 100).
    # pageItems: 512
    # readBatch: 100
    # writeBatch: 50
    # Requests under way for one mailbox at the same time (up to 8).
    # requests: 4
    # Longest wait for a connection, and for an answer.
    # connectSeconds: 10
    # requestSeconds: 90
    # How long an unanswered create may still arrive; it is sent again only after that.
    # settleSeconds: 180
    # Time zone of mailboxes for which neither the user map nor the server tells one.
    # zone: Etc/UTC

# Directories that know where mailboxes are, for users whose server is "auto". The first that knows a mailbox decides.
# directories:
  # One entry per forest or organisation, by a name of your choice.
  # main:
    # Mail domains it is asked about; all if left out.
    # domains: []
    # Active Directory. Its account needs no right but to read.
    # ldap:
      # Domain controllers, and global catalogs (port 3269), tried in turn. Found by DNS if left out.
      # urls: []
      # globalCatalogs: []
      # forest: corp.example.com
      # signIn:
        # user: svc-liaison@corp.example.com
        # password: {env: DIRECTORY_PASSWORD}
      # Encrypts an ldap:// connection; ldaps:// is encrypted from the start.
      # startTls: false
      # tls:
        # caFile: ./company-ca.pem
        # allowOldVersions: false
      # pageEntries: 500
      # connectSeconds: 10
      # requestSeconds: 30
    # autodiscover:
      # Asked before the hosts that the mail domain leads to.
      # urls: []
      # Further hosts that redirects may lead to, and the password with them.
      # hosts: []
      # signIn:
        # kind: ntlm
        # user: EXAMPLE\\svc-liaison
        # password: {env: EXCHANGE_PASSWORD}
      # tls:
        # caFile: ./company-ca.pem
        # allowOldVersions: false
      # connectSeconds: 5
      # requestSeconds: 20

hosts:
  # Machines that run connectors outside this process (liaison connector-host), by a name of your choice.
  # machines:
    # main:
      # address: connector1.example.com:7443
      # Mailbox servers it is kept for. If left out, every server that no host is kept for.
      # servers: [main]
  # The authority of their certificates, and this engine's certificate and key (liaison certs init).
  # caFile: ./certs/ca.pem
  # certFile: ./certs/engine.pem
  # keyFile: ./certs/engine-key.pem
  # Longest wait for the answer to one call.
  # callSeconds: 240

sync:
  # Seconds between two passes over one mailbox.
  # intervalSeconds: 60
  # Mailboxes worked on at the same time by one process.
  # concurrency: 8
  # Levels of new users: full (both ways), export (CRM to mailbox), import (mailbox to CRM), none.
  # levels:
    # contact: full
    # event: full
    # task: full
  # policy:
    # Both sides changed the same field differently: crmWins, mailboxWins, newestWins, organizerWins, owner, keepBoth or
    # hold (a person decides). The other value is kept in the journal.
    # conflict: crmWins
    # Who wins where that rule cannot tell: crmWins or mailboxWins.
    # undecided: crmWins
    # Of two changes closer together than this, neither is the newer one (newestWins).
    # newestSkewSeconds: 60
    # One side changed what the other deleted: editWins (it is made again), deleteWins or hold.
    # editAgainstDelete: editWins
    # What differs for a kind (contact, event, task) and its groups of fields. Directions: both, toCrm, toMailbox or off.
    # kinds:
      # contact: { conflict: newestWins, groups: { body: hold }, editAgainstDelete: hold, directions: { birthday: off } }
      # event: { conflict: organizerWins, groups: { body: newestWins }, editAgainstDelete: editWins, directions: { body: toMailbox } }
      # task: { conflict: owner, groups: { title: crmWins }, editAgainstDelete: deleteWins, directions: { categories: toCrm } }
    # What vanishes from the mailbox so many days after its end was archived: its CRM record stays. 0: it was deleted.
    # archiveDays:
      # event: 0
      # task: 0
    # What ended more days ago than this is not paired any more; what is paired stays so. 0: all is.
    # pastDays:
      # event: 0
      # task: 0
    # May deletions be carried to this side?
    # deletions:
      # crm: true
      # mailbox: true
    # A record leaves the user's scope, e.g. is taken off the sync list: removeCopy or leave.
    # scopeExit: removeCopy
    # A changed occurrence whose series gets a new rule without it: drop (kept in the journal) or keepSingle (an event of its own).
    # orphans: drop
    # More than itemsMin items and more than this share of a kind's pairs in one pass: stop and ask (liaison brake).
    # brake:
      # removals:
        # itemsMin: 20
        # share: 0.1
      # overwrites:
        # itemsMin: 200
        # share: 0.5
      # Brakes held for this many other mailboxes at once hold all removals everywhere.
      # fusePairs: 10
  # Name of the hidden property that marks paired items. Never change it once users are synchronised.
  # linkKeyName: LiaisonLinkKey
  # How long a process may be silent before another one takes over its mailboxes.
  # leaseSeconds: 300
  # First wait after a failed pass; doubles up to retrySecondsMax.
  # retrySeconds: 5
  # retrySecondsMax: 900
  # Wait after a refused sign-in: repeated tries lock accounts.
  # signInRetrySeconds: 300
  # Hours between two slow tries of a record in quarantine.
  # quarantineRetryHours: 6
  # Hours after which a mailbox with server: auto is looked for again, though nothing seems wrong.
  # locateHours: 24
  # At most one look in this time at a mailbox that may have moved, or whose directory did not answer.
  # locateDoubtSeconds: 300

journal:
  # Days that the account of decisions is kept, and those of its entries that hold an overruled or removed value.
  # keepDays: 400
  # keepOverruledDays: 1100

log:
  # debug, info, warn or error.
  # level: info
  # JSON lines go to this file; absent: standard error.
  # file: ./liaison.log
`;
