/**
 * What Exchange adds to the schema of Active Directory, as far as finding a mailbox needs it, and a small organisation: as
 * LDIF for `ldbadd` and `ldbmodify`. Names and syntaxes are Exchange's; object identifiers are made up.
 */

export const forest = 'liaison.test';
export const root = 'DC=liaison,DC=test';
const configuration = `CN=Configuration,${root}`;
const schema = `CN=Schema,${configuration}`;
const organisation = `CN=Microsoft Exchange,CN=Services,${configuration}`;

const syntaxes = {
  // The object class of the syntax is part of what a DN is in Active Directory (MS-ADTS 3.1.1.2.2.2).
  name: 'attributeSyntax: 2.5.5.1\noMSyntax: 127\noMObjectClass:: KwwCh3McAIVK',
  text: 'attributeSyntax: 2.5.5.12\noMSyntax: 64',
  bytes: 'attributeSyntax: 2.5.5.10\noMSyntax: 4',
  large: 'attributeSyntax: 2.5.5.16\noMSyntax: 65',
} as const;

const ofUsers: Readonly<Record<string, keyof typeof syntaxes>> = {
  homeMDB: 'name',
  mailNickname: 'text',
  targetAddress: 'text',
  msExchHomeServerName: 'text',
  msExchMailboxGuid: 'bytes',
  msExchRecipientTypeDetails: 'large',
  msExchRemoteRecipientType: 'large',
};

const ofServers: Readonly<Record<string, keyof typeof syntaxes>> = {
  msExchOwningServer: 'name',
  msExchInternalHostName: 'text',
  msExchExternalHostName: 'text',
};

const classes: Readonly<Record<string, readonly string[]>> = {
  msExchContainer: [],
  msExchExchangeServer: ['serialNumber', 'networkAddress', 'versionNumber'],
  msExchPrivateMDB: ['msExchOwningServer'],
  msExchWebServicesVirtualDirectory: ['msExchInternalHostName', 'msExchExternalHostName'],
};

const identifier = '1.3.6.1.4.1.99999';

/** In the order in which they are to be loaded. */
export const schemaLdif: readonly { readonly tool: 'ldbadd' | 'ldbmodify'; readonly text: string }[] = [
  {
    tool: 'ldbadd',
    text: Object.entries({ ...ofUsers, ...ofServers })
      .map(attributeLdif)
      .join('\n'),
  },
  { tool: 'ldbadd', text: Object.entries(classes).map(classLdif).join('\n') },
  {
    tool: 'ldbmodify',
    text: `dn: CN=User,${schema}\nchangetype: modify\nadd: mayContain\n${Object.keys(ofUsers)
      .map((name) => `mayContain: ${name}\n`)
      .join('')}`,
  },
];

function attributeLdif([name, syntax]: readonly [string, keyof typeof syntaxes], index: number): string {
  return `dn: CN=${name},${schema}
objectClass: top
objectClass: attributeSchema
cn: ${name}
lDAPDisplayName: ${name}
attributeID: ${identifier}.1.${index + 1}
${syntaxes[syntax]}
isSingleValued: TRUE
searchFlags: 1
isMemberOfPartialAttributeSet: TRUE
`;
}

function classLdif([name, may]: readonly [string, readonly string[]], index: number): string {
  return `dn: CN=${name},${schema}
objectClass: top
objectClass: classSchema
cn: ${name}
lDAPDisplayName: ${name}
governsID: ${identifier}.2.${index + 1}
subClassOf: ${name === 'msExchContainer' ? 'container' : 'top'}
objectClassCategory: 1
rDNAttID: cn
mustContain: cn
defaultObjectCategory: CN=${name},${schema}
possSuperiors: container
possSuperiors: top
${may.map((one) => `mayContain: ${one}\n`).join('')}`;
}

type Values = Readonly<Record<string, string | readonly string[]>>;

function entry(dn: string, objectClass: string, values: Values = {}): string {
  const lines = Object.entries(values).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
  return [`dn: ${dn}`, 'objectClass: top', `objectClass: ${objectClass}`, ...lines, ''].join('\n');
}

/** A server with its web services, e.g. `MBX1`. */
function server(name: string, serialNumber: string): readonly string[] {
  const dn = `CN=${name},CN=Servers,${organisation}`;
  const host = `${name.toLowerCase()}.${forest}`;
  return [
    entry(dn, 'msExchExchangeServer', { serialNumber, networkAddress: [`netbios:${name}`, `ncacn_ip_tcp:${host}`] }),
    entry(`CN=EWS,${dn}`, 'msExchWebServicesVirtualDirectory', {
      msExchInternalHostName: `https://${host}/EWS/Exchange.asmx`,
    }),
  ];
}

const database = `CN=DB1,CN=Databases,${organisation}`;
const oldServer = `CN=OLD,CN=Servers,${organisation}`;
const oldDatabase = `CN=Mailbox Database,CN=First Storage Group,CN=InformationStore,${oldServer}`;

export const aliasesOfBob = 2_000;

function person(name: string, values: Values): string {
  const common = { sAMAccountName: name, mail: `${name}@example.test`, mailNickname: name };
  return entry(`CN=${name},CN=Users,${root}`, 'user', { ...common, ...values });
}

export const organisationLdif = [
  entry(organisation, 'msExchContainer'),
  entry(`CN=Servers,${organisation}`, 'msExchContainer'),
  entry(`CN=Databases,${organisation}`, 'msExchContainer'),
  ...server('MBX1', 'Version 15.2 (Build 32562.17)'),
  ...server('OLD', 'Version 8.3 (Build 30083.6)'),
  entry(`CN=InformationStore,${oldServer}`, 'msExchContainer'),
  entry(`CN=First Storage Group,CN=InformationStore,${oldServer}`, 'msExchContainer'),
  entry(oldDatabase, 'msExchPrivateMDB'),
  entry(database, 'msExchPrivateMDB', { msExchOwningServer: `CN=MBX1,CN=Servers,${organisation}` }),
  entry(`CN=Protocols,CN=MBX1,CN=Servers,${organisation}`, 'msExchContainer'),
  entry(`CN=Autodiscover,CN=Protocols,CN=MBX1,CN=Servers,${organisation}`, 'serviceConnectionPoint', {
    keywords: ['77378F46-2C66-4aa9-A6A6-3E7A48B19596', 'Site=Default-First-Site-Name'],
    serviceBindingInformation: `https://autodiscover.${forest}/Autodiscover/Autodiscover.xml`,
  }),
  person('ann', {
    proxyAddresses: ['SMTP:ann@example.test', 'smtp:a.archer@example.test', 'X500:/o=Older/cn=Recipients/cn=ann'],
    homeMDB: database,
    msExchRecipientTypeDetails: '1',
    legacyExchangeDN: '/o=Liaison/ou=X/cn=Recipients/cn=ann',
    msExchHomeServerName: '/o=Liaison/ou=X/cn=Configuration/cn=Servers/cn=OLD',
  }),
  person('bob', {
    proxyAddresses: [
      'SMTP:bob@example.test',
      ...Array.from({ length: aliasesOfBob }, (_, at) => `smtp:bob${at}@example.test`),
    ],
    homeMDB: oldDatabase,
    legacyExchangeDN: '/o=Liaison/ou=X/cn=Recipients/cn=bob',
  }),
  person('carol', {
    proxyAddresses: 'SMTP:carol@example.test',
    msExchRecipientTypeDetails: '2147483648',
    msExchRemoteRecipientType: '4',
    targetAddress: 'SMTP:carol@tenant.mail.onmicrosoft.com',
  }),
  person('dave', { proxyAddresses: 'SMTP:dave@example.test', targetAddress: 'SMTP:dave@other.example' }),
  person('erin', { proxyAddresses: 'SMTP:erin@example.test' }),
].join('\n');
