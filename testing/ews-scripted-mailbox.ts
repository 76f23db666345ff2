/** For tests: a connector whose mailbox is a script over a real socket. Every request is checked against the schema. */
import assert from 'node:assert/strict';
import { openEwsConnector } from '#connectors/ews/connector.ts';
import type { EwsOptions } from '#connectors/ews/options.ts';
import type { Connector } from '#contract/connector.ts';
import type { LogEvent } from '#ports/ports.ts';
import { systemPorts } from '#ports/system-ports.ts';
import { availability, failure, response, success } from '#testing/ews-answers.ts';
import { schemaErrors } from '#testing/ews-validate.ts';
import { type Answerer, answer, type ScriptedServer, scriptedServer } from '#testing/scripted-server.ts';

/** What a test server does with one operation; `ids` are the item ids of the request in order. */
export type Handler = (request: {
  readonly body: string;
  readonly ids: readonly string[];
  readonly count: number;
}) => string | Answerer;

export interface Running {
  readonly connector: Connector;
  readonly server: ScriptedServer;
  readonly log: readonly LogEvent[];
  /** Operations in the order asked, the look-up of the zone left out. */
  operations(): readonly string[];
}

/** Opens the connector; both are closed when the test ends. An operation without a handler answers ErrorItemNotFound. */
export async function running(
  context: { after(end: () => Promise<void>): void },
  handlers: Readonly<Record<string, Handler>>,
  more: Partial<EwsOptions> = {},
): Promise<Running> {
  const counts = new Map<string, number>();
  const server = await scriptedServer((asked, reply) => {
    assert.deepEqual(schemaErrors(asked.body), [], asked.body);
    const operation = operationOf(asked.body);
    const count = (counts.get(operation) ?? 0) + 1;
    counts.set(operation, count);
    const ids = [...asked.body.matchAll(/<t:ItemId Id="([^"]+)"/g)].map((match) => match[1] as string);
    const handler = handlers[operation] ?? (() => refusal(operation));
    const reaction = handler({ body: asked.body, ids, count });
    return (typeof reaction === 'string' ? answer(200, reaction) : reaction)(asked, reply);
  });
  const log: LogEvent[] = [];
  const options: EwsOptions = {
    endpoint: server.url,
    mailbox: 'ada@example.test',
    credentials: { kind: 'basic', user: 'svc', password: 'secret' },
    impersonate: true,
    linkKeyName: 'liaison-link',
    mailboxZone: 'Europe/Berlin',
    timeouts: { requestMs: 1_000 },
    backOff: { firstMs: 20, waitMaxMs: 1_000 },
    ...more,
  };
  const connector = openEwsConnector(
    options,
    systemPorts((event) => log.push(event)),
  );
  context.after(async () => {
    await connector.close();
    await server.close();
  });
  const operations = (): readonly string[] =>
    server.asked.map(({ body }) => operationOf(body)).filter((name) => !/^GetUser/.test(name));
  return { connector, server, log, operations };
}

function refusal(operation: string): string {
  if (operation === 'GetUserAvailabilityRequest') return availability();
  return response(operation, failure(operation, 'ErrorItemNotFound'));
}

function operationOf(body: string): string {
  return /<s:Body><m:(\w+)/.exec(body)?.[1] ?? '';
}

/** A change key of usual length. */
export function keyOf(id: string, version = 1): string {
  return `EQAAABYAAAD${Buffer.from(`${id}.${version}`).toString('base64')}AAAA`;
}

/** An item element. */
export function item(element: string, id: string, version: number, fields: string): string {
  return `<t:${element}><t:ItemId Id="${id}" ChangeKey="${keyOf(id, version)}"/>${fields}</t:${element}>`;
}

/** The answer to GetItem. */
export function got(...items: readonly string[]): string {
  return response('GetItem', ...items.map((item) => success('GetItem', `<m:Items>${item}</m:Items>`)));
}

/** The answer to CreateItem and UpdateItem. */
export function wrote(operation: string, ...items: readonly string[]): string {
  return response(operation, ...items.map((item) => success(operation, `<m:Items>${item}</m:Items>`)));
}
