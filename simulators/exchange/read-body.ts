/** Bodies of requests, bounded one by one and all together: what comes over a socket never takes more memory than this. */
import type { IncomingMessage } from 'node:http';

/** Larger bodies are refused; the servers' request filter has the same limit. */
const bodyBytesMax = 64 * 1024 * 1024;
/** Bodies that are being received by all connections together. */
const receivedBytesMax = 256 * 1024 * 1024;

/** A whole body; `gone` when the client left before its end. */
export type ReadBody =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tooLarge' | 'busy' | 'gone' };

let receivedBytes = 0;

/** Reads a body as UTF-8. A refusal comes as soon as it is certain; the rest of the body is then not kept. */
export function readBody(request: IncomingMessage): Promise<ReadBody> {
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) return Promise.resolve({ kind: 'tooLarge' });
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let size = 0;
    let isOver = false;
    const finish = (outcome: ReadBody): void => {
      if (isOver) return;
      isOver = true;
      receivedBytes -= size;
      chunks = [];
      resolve(outcome);
    };
    request.on('data', (chunk: Buffer) => {
      if (isOver) return;
      if (size + chunk.length > bodyBytesMax) finish({ kind: 'tooLarge' });
      else if (receivedBytes + chunk.length > receivedBytesMax) finish({ kind: 'busy' });
      else {
        size += chunk.length;
        receivedBytes += chunk.length;
        chunks.push(chunk);
      }
    });
    request.once('end', () => finish({ kind: 'text', text: textOf(chunks) }));
    request.once('error', () => finish({ kind: 'gone' }));
    request.once('close', () => finish({ kind: 'gone' }));
  });
}

function textOf(chunks: readonly Buffer[]): string {
  const [only] = chunks;
  return (chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)).toString('utf8');
}
