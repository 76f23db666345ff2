import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUserFile, type UserDefaults, writeUserFile } from './user-file.ts';

const defaults: UserDefaults = { servers: ['main', 'old'], levels: { contact: 'full', event: 'full', task: 'full' } };

test('a user file gives one user per line, with defaults for what is left out', () => {
  const { users, problems } = readUserFile(
    'CRM login,Mailbox,server,enabled,contact,zone\nSADMIN,Alice@Example.test,main,no,export,Europe/Berlin\nBOB,bob@example.test,old,,,\n',
    defaults,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(users, [
    {
      crmUser: 'SADMIN',
      mailbox: 'alice@example.test',
      enabled: false,
      server: 'main',
      levels: { contact: 'export', event: 'full', task: 'full' },
      zone: 'Europe/Berlin',
    },
    { crmUser: 'BOB', mailbox: 'bob@example.test', enabled: true, server: 'old', levels: defaults.levels },
  ]);
});

test('with one configured server the column may be left out', () => {
  const { users } = readUserFile('crmLogin;mailbox\nA;a@b', { ...defaults, servers: ['only'] });
  assert.equal(users[0]?.server, 'only');
});

test('all mistakes of a file are told at once, with line, column and what to do', () => {
  const text = [
    'crmLogin,mailbox,server,enabled,contact,zone',
    ',a@b,main,,,',
    'B,nobody,main,,,',
    'C,c@b,mian,,,',
    'D,d@b,main,perhaps,,',
    'E,e@b,main,,both,',
    'F,f@b,main,,,Mars/Olympus',
    'G,g@b,main,,,,more',
    'H,h@b,main,,,',
    'H,i@b,main,,,',
    'J,h@b,main,,,',
    '"K,k@b',
  ].join('\n');
  const { users, problems } = readUserFile(text, defaults);
  assert.deepEqual(
    problems.map(({ line, column, message }) => `${line}:${column}: ${message}`),
    [
      '2:1: the CRM login is missing; write it',
      '3:3: the mailbox "nobody" is no e-mail address; write its primary SMTP address',
      '4:7: there is no server "mian"; write one of those in the configuration: main, old',
      '5:12: enabled cannot be "perhaps"; write true or false',
      '6:13: the level "both" does not exist; write one of: full, export, import, none',
      '7:14: there is no time zone "Mars/Olympus"; write one such as Europe/Berlin',
      '8:15: the line has 7 fields, the first line has 6; quote a field that holds a separator',
      '10:1: the CRM login H stands on line 9 already; keep one',
      '11:1: the mailbox h@b stands on line 9 already; keep one',
      '12:1: this quote is never closed; add a " at its end',
      '12:1: the mailbox is missing; write its primary SMTP address',
      '12:1: the server is missing; write one of those in the configuration: main, old',
    ],
  );
  assert.deepEqual(
    users.map((user) => user.crmUser),
    ['H'],
  );
});

test('unknown, doubled and missing columns are told, with the name that was probably meant', () => {
  const { problems } = readUserFile('mailbx,mailbox,mailbox,colour\nx,y@z,,', defaults);
  assert.deepEqual(
    problems.map(({ line, column, message }) => `${line}:${column}: ${message}`),
    [
      '1:1: there is no column "mailbx"; did you mean mailbox?',
      '1:1: the column crmLogin is missing; add it',
      '1:16: the column mailbox stands here twice; remove one',
      '1:24: there is no column "colour"; use: crmLogin, mailbox, server, enabled, contact, event, task, zone, pairId',
    ],
  );
});

test('an empty file says what its first line must be', () => {
  const { problems } = readUserFile('', defaults);
  assert.match(problems[0]?.message ?? '', /first line must be: crmLogin,mailbox,/);
});

test('an exported user map is imported again as it was, pair ids included', () => {
  const levels = { contact: 'export', event: 'none', task: 'full' } as const;
  const pairs = [
    {
      pairId: 'abcd1234',
      crmUser: 'O"Brien, Pat',
      mailbox: 'pat@b',
      enabled: false,
      server: 'old',
      levels,
      zone: 'Asia/Tokyo',
    },
    { pairId: 'zyxw9876', crmUser: 'B', mailbox: 'b@b', enabled: true, server: 'main', levels },
  ];
  assert.deepEqual(readUserFile(writeUserFile(pairs), defaults), { users: pairs, problems: [] });
  assert.match(
    readUserFile('crmLogin,mailbox,server,pairId\nA,a@b,main,X!', defaults).problems[0]?.message ?? '',
    /no pair id/,
  );
});
