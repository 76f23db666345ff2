/**
 * One EWS request from text to text: read, check, act, answer. Knows no sockets. Everything that can be refused as a
 * whole is refused here as a SOAP fault; what can be refused item by item is the operations' own business.
 */
import { child, type XmlElement } from '#xml/reader.ts';
import type { Node } from '../../affinity.ts';
import type { Account } from '../../sign-in/directory.ts';
import { Mailbox } from '../../truth/mailbox.ts';
import { utc } from '../../truth/zone.ts';
import type { Call, EwsServer } from './call.ts';
import { isCertainlyValid } from './certainly-valid.ts';
import { delegateAccess } from './delegate-access.ts';
import { envelope, faultEnvelope, messagesNs, responseElement, schemaFaultEnvelope, typesNs } from './envelope.ts';
import { EwsError, EwsFault } from './ews-error.ts';
import { actingMailbox, checkHeader, timeZoneContextOf, versionOf } from './header.ts';
import { errorContent, errorMessage, responseMessages } from './messages.ts';
import { bareAnswers, bareMessageAnswers, messageAnswers, operations } from './operations.ts';
import { type Profile, rankOf } from './profiles.ts';
import { readRequest } from './read-request.ts';
import { schemaViolation } from './schema.ts';
import { unplayedCode } from './unplayed.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly operation: string;
  readonly mailbox: Mailbox | undefined;
  readonly profile: Profile;
  /** Code of the fault, or of the first error message inside. */
  readonly code: string | undefined;
}

/** A request that was read and accepted, ready to be carried out; or the answer that refuses it. */
export type Prepared =
  | { readonly kind: 'ready'; readonly call: Call }
  | { readonly kind: 'refused'; readonly answer: Answer };

/** What a request is beside its text. */
export interface Caller {
  readonly account: Account;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** The server that gets a request for a mailbox. */
  nodeOf(mailbox: Mailbox | undefined, profile: Profile): Node;
}

/** Reads and checks a request. */
export function prepare(server: EwsServer, caller: Caller, text: string): Prepared {
  const refused = (code: string, markup: string, mailbox?: Mailbox): Prepared => ({
    kind: 'refused',
    answer: { status: 500, text: markup, operation: 'none', mailbox, profile: server.profileOf(mailbox), code },
  });
  const read = readRequest(text);
  if (!read.ok) {
    server.control.schemaViolations += 1;
    return refused('ErrorSchemaValidation', schemaFaultEnvelope(read.violation));
  }
  try {
    return check(server, caller, text, read.root);
  } catch (error) {
    if (!(error instanceof EwsError)) throw error;
    return refused(error.code, faultEnvelope(error));
  }
}

/** Carries a request out. */
export async function answerCall(call: Call): Promise<Answer> {
  const { operation, profile, mailbox } = call;
  const done = (status: number, text: string, code: string | undefined): Answer => {
    return { status, text, operation, mailbox, profile, code };
  };
  const act = operations[operation];
  try {
    if (act === undefined) throw new EwsFault(unplayedCode(operation));
    if (!call.hasMailbox && !withoutMailbox.has(operation)) throw new EwsError('ErrorMissingEmailAddress');
    const content = await act(call);
    return done(200, envelope(profile, wrap(operation, content)), firstError(content));
  } catch (error) {
    if (!(error instanceof EwsError)) throw error;
    if (error instanceof EwsFault) return done(500, faultEnvelope(error), error.code);
    const isMessage = messageAnswers.has(operation) || bareMessageAnswers.has(operation);
    const message = isMessage ? errorContent(error) : responseMessages([errorMessage(operation, error, '')]);
    return done(200, envelope(profile, wrap(operation, message)), error.code);
  }
}

function check(server: EwsServer, caller: Caller, text: string, root: XmlElement): Prepared {
  const { account, signal } = caller;
  const header = child(root, 'Header');
  checkHeader(header);
  const mailbox = actingMailbox(header, account, server.truth, server.directory);
  const profile = server.profileOf(mailbox);
  const version = versionOf(header, profile);
  const request = child(root, 'Body')?.children[0];
  const isSure = request !== undefined && isCertainlyValid(request, text, profile.schema);
  const violation = isSure ? undefined : schemaViolation(text, profile.schema);
  if (violation !== undefined || request === undefined) {
    server.control.schemaViolations += 1;
    const reason = violation ?? { line: 0, position: 0, reason: 'The SOAP body is empty.', malformed: false };
    return {
      kind: 'refused',
      answer: {
        status: 500,
        text: schemaFaultEnvelope(reason),
        operation: request?.name ?? 'none',
        mailbox,
        profile,
        code: 'ErrorSchemaValidation',
      },
    };
  }
  const zone = timeZoneContextOf(header);
  const operation = request.name;
  const rank = rankOf(version);
  const delegate = mailbox === undefined ? undefined : delegateAccess(request, mailbox, server.truth);
  const acting = delegate?.owner ?? mailbox ?? nobody(server, account);
  const hasMailbox = mailbox !== undefined;
  return {
    kind: 'ready',
    call: {
      server,
      account,
      mailbox: acting,
      delegate,
      hasMailbox,
      profile,
      version,
      rank,
      zone,
      node: caller.nodeOf(mailbox, profile),
      operation,
      request,
      signal,
    },
  };
}

/** Operations that an account without a mailbox may call for itself. */
const withoutMailbox: ReadonlySet<string> = new Set([
  'ConvertId',
  'GetServerTimeZones',
  'GetUserAvailabilityRequest',
  'GetStreamingEvents',
  'GetEvents',
  'Unsubscribe',
  'ResolveNames',
]);

const nobodies = new WeakMap<Account, Mailbox>();

/** What stands for the mailbox of an account that has none: empty, and known to nobody. */
function nobody(server: EwsServer, account: Account): Mailbox {
  const known = nobodies.get(account);
  if (known !== undefined) return known;
  const description = {
    address: account.userName,
    aliases: [],
    displayName: account.userName,
    zone: utc,
    culture: 'en-US',
  };
  const made = new Mailbox(description, server.ports);
  nobodies.set(account, made);
  return made;
}

function wrap(operation: string, content: string): string {
  if (messageAnswers.has(operation)) {
    const outcome = content.startsWith('<m:MessageText>') ? 'Error' : 'Success';
    return responseElement(operation, content, ` ResponseClass="${outcome}"`);
  }
  if (bareMessageAnswers.has(operation)) {
    const outcome = content.startsWith('<m:MessageText>') ? 'Error' : 'Success';
    const bare = content.replace(/<(\/?)m:/g, '<$1');
    return `<${operation}Response ResponseClass="${outcome}" xmlns="${messagesNs}" xmlns:t="${typesNs}">${bare}</${operation}Response>`;
  }
  if (!bareAnswers.has(operation)) return responseElement(operation, content);
  const name = `${operation.replace(/Request$/, '')}Response`;
  return `<${name} xmlns="${messagesNs}" xmlns:t="${typesNs}">${content}</${name}>`;
}

function firstError(content: string): string | undefined {
  if (!content.includes('ResponseClass="Error"') && !content.includes('ResponseClass="Warning"')) return undefined;
  return /ResponseClass="(?:Error|Warning)".*?<(?:m:)?ResponseCode>(\w+)</.exec(content)?.[1];
}
