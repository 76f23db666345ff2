/** How the WebDAV directory of the organisation is set up; written in the estate. */
import { z } from 'zod';

export const webdavSchema = z.strictObject({
  /** Sign-in the directory offers besides forms. */
  authentication: z.array(z.enum(['Negotiate', 'NTLM', 'Basic'])).default(['NTLM', 'Basic']),
  /** Sign-in by a page and cookies instead, in the form of that server; plain HTTP is refused then. */
  forms: z.enum(['none', '2003', '2007']).default('none'),
  /** Take forms without TLS too, for tests without certificates. */
  formsWithoutTls: z.boolean().default(false),
  /** Life of a session of a public and of a private computer. */
  publicSessionMs: z
    .number()
    .int()
    .positive()
    .default(15 * 60_000),
  privateSessionMs: z
    .number()
    .int()
    .positive()
    .default(24 * 3_600_000),
  /** What happens to a token that is damaged or from elsewhere: refused by 400, or everything is listed again. */
  invalidCollblob: z.enum(['refuse', 'startOver']).default('refuse'),
  /** Methods that a filter in front of the server answers with 404. */
  blockedMethods: z.array(z.string()).default([]),
  /** The longest life of a subscription. */
  subscriptionMsMax: z
    .number()
    .int()
    .positive()
    .default(24 * 3_600_000),
});

export type WebdavSettings = z.output<typeof webdavSchema>;
