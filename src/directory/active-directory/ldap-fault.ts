/** The one place where trouble with an LDAP server becomes a fault of the contract. Pure. */
import { MessageParserError, ResultCodeError } from 'ldapts';
import { type Fault, fault } from '#contract/fault.ts';

/** What a refused simple bind of Active Directory tells in its text, `data 775`. */
const accountStates: Readonly<Record<string, string>> = {
  '525': 'there is no such account',
  '52e': 'the password is wrong',
  '530': 'the account may not sign in at this time',
  '532': 'the password has expired',
  '533': 'the account is disabled',
  '701': 'the account has expired',
  '773': 'the password must be changed first',
  '775': 'the account is locked out',
};

/** Anything that was thrown while talking to `host`. */
export function ldapFault(error: unknown, host: string): Fault {
  if (error instanceof ResultCodeError) return ofResult(error, host);
  if (error instanceof MessageParserError) return garbled(host, error.name);
  const { code, message } = error as NodeJS.ErrnoException;
  const source = typeof code === 'string' ? code : undefined;
  const more = source === undefined ? {} : { source };
  if (source !== undefined && /^(ENOENT|EACCES|EISDIR|ERR_OSSL)/.test(source)) {
    return fault('server.tls', 'The file of tls.caFile of the directory cannot be used.', more);
  }
  if (source !== undefined && tlsCode.test(source)) {
    return fault('server.tls', `The certificate of the directory server ${host} is not accepted.`, more);
  }
  if (/timed? ?out/i.test(String(message)) || source === 'ETIMEDOUT') {
    return fault('server.timeout', `The directory server ${host} did not answer in time.`, more);
  }
  if (source !== undefined || /^(Socket error|Connection closed|Socket connection)/.test(String(message))) {
    return fault('server.unreachable', `No connection to the directory server ${host}.`, more);
  }
  return garbled(host, (error as Error | null)?.name ?? 'Error');
}

/** Node's and OpenSSL's names for a handshake or certificate that was refused. */
const tlsCode = /^(ERR_TLS|ERR_SSL|EPROTO)|CERT|SIGNATURE|ISSUER|CRL/;

function garbled(host: string, source: string): Fault {
  return fault('server.garbled', `The answer of the directory server ${host} cannot be read.`, { source });
}

/** Result codes: RFC 4511 section 4.1.9 and appendix A. */
function ofResult({ code, message }: ResultCodeError, host: string): Fault {
  const state = /\bdata ([0-9a-f]{3})\b/.exec(message)?.[1];
  const source = code === 49 && state !== undefined ? `LDAP 49 data ${state}` : `LDAP ${code}`;
  switch (code) {
    case 3:
      return fault('server.timeout', `The directory server ${host} ran out of time.`, { source });
    case 4:
    case 11:
      return fault('budget.exhausted', `The directory server ${host} gives out no more entries.`, { source });
    case 8:
    case 13:
      return fault('server.tls', `The directory server ${host} demands encryption: use an ldaps:// URL or startTls.`, {
        source,
      });
    case 7:
    case 48:
    case 49: {
      const why = accountStates[state ?? ''];
      const message = `The directory server ${host} refused the sign-in${why === undefined ? '' : `: ${why}`}.`;
      return fault('authentication.rejected', message, { source });
    }
    case 50:
      return fault('authentication.rejected', `The account may not read the directory on ${host}.`, { source });
    case 10:
      return fault('server.unreachable', `The directory server ${host} refers to another one.`, { source });
    case 2:
    case 21:
    case 34:
      return fault('defect.request', `The directory server ${host} calls the request malformed.`, { source });
    default:
      return fault('server.failure', `The directory server ${host} failed.`, { source });
  }
}
