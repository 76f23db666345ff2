/** One GET without credentials; a redirect is answered, never followed. */
import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates } from 'node:tls';
import { Agent, request } from 'undici';
import type { HttpResult } from '#connectors/transport/http.ts';

const answerBytesMax = 1024 * 1024;

/** Never rejects. */
export async function get(
  url: URL,
  tls: { readonly caFile?: string | undefined },
  limits: { readonly connectMs: number; readonly requestMs: number },
): Promise<HttpResult> {
  let agent: Agent | undefined;
  try {
    const ca = tls.caFile === undefined ? {} : { ca: [...rootCertificates, readFileSync(tls.caFile, 'utf8')] };
    agent = new Agent({
      connect: { secureContext: createSecureContext(ca), timeout: limits.connectMs },
      headersTimeout: limits.requestMs,
      bodyTimeout: limits.requestMs,
      maxResponseSize: answerBytesMax,
    });
    const answer = await request(url, { dispatcher: agent });
    const body = await answer.body.text();
    return { kind: 'answer', status: answer.statusCode, headers: answer.headers, body };
  } catch (error) {
    const source = (error as NodeJS.ErrnoException).code ?? 'fetch';
    const reason = source.includes('TIMEOUT') ? 'timeout' : 'connect';
    return { kind: 'failure', reason, sent: true, source };
  } finally {
    await agent?.destroy();
  }
}
