import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { child, readXml } from '#xml/reader.ts';
import { damagedRequest, sampleRequests } from '../../conformance/sample-requests.ts';
import { isCertainlyValid } from './certainly-valid.ts';
import { messagesNs, soapNs, typesNs } from './envelope.ts';
import { schemaViolation } from './schema.ts';

const folders = ['exchange2010-sp2', 'exchange2013-sp1', 'exchange-se-15.2.2562'];

const envelopeOf = (operation: string): string =>
  `<s:Envelope xmlns:s="${soapNs}" xmlns:m="${messagesNs}" xmlns:t="${typesNs}"><s:Body>${operation}</s:Body></s:Envelope>`;

function isQuicklySeen(text: string, folder: string): boolean {
  const read = readXml(text);
  const operation = read.ok ? child(child(read.root, 'Envelope') ?? read.root, 'Body')?.children[0] : undefined;
  return operation !== undefined && isCertainlyValid(operation, text, folder);
}

test('ordinary requests are seen to be valid without the validator', () => {
  for (const folder of folders) {
    for (const request of sampleRequests) {
      const text = envelopeOf(request);
      assert.equal(schemaViolation(text, folder), undefined, request.slice(0, 40));
      assert.ok(isQuicklySeen(text, folder), `${folder} ${request.slice(0, 40)}`);
    }
  }
});

test('whatever is seen to be valid without the validator, the validator finds valid', () => {
  let seen = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...folders),
      fc.constantFrom(...sampleRequests),
      fc.array(fc.tuple(fc.nat(7), fc.nat(400), fc.nat(400)), { minLength: 1, maxLength: 3 }),
      (folder, request, damages) => {
        const text = envelopeOf(
          damages.reduce((markup, [kind, at, other]) => damagedRequest(markup, kind, at, other), request),
        );
        if (!isQuicklySeen(text, folder)) return;
        seen += 1;
        assert.equal(schemaViolation(text, folder), undefined, text);
      },
    ),
    { numRuns: 6_000 },
  );
  assert.ok(seen > 300, `only ${seen} were seen to be valid`);
});
