/** The directory part of an estate: its servers, its other domains, people without mailboxes, and limits. */
import { z } from 'zod';

/** Attributes that replace the usual ones; `null` takes one away. */
export const attributesSchema = z.record(z.string(), z.union([z.string(), z.array(z.string()), z.null()]));

export const directorySchema = z.strictObject({
  /** Other domains; mailboxes with an address in one of them live there. */
  domains: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        /** A forest of its own, which the global catalog of the main one does not know. */
        isForest: z.boolean().default(false),
        /** Sends everybody back to the main domain: two controllers that each think the other knows. */
        refersBack: z.boolean().default(false),
      }),
    )
    .default([]),
  /** People, contacts and groups that are not mailboxes of this organisation. */
  others: z.array(z.strictObject({ name: z.string().min(1), attributes: attributesSchema.default({}) })).default([]),
  /** The server that holds the mailboxes of a build, when it is not to have the usual names. */
  servers: z
    .array(
      z.strictObject({
        version: z.string(),
        name: z.string().min(1),
        fqdn: z.string().optional(),
        site: z.string().optional(),
        /** Its databases belong to a group of servers, of which it is the active one. */
        availabilityGroup: z.string().optional(),
        attributes: attributesSchema.default({}),
      }),
    )
    .default([]),
  /** Objects a search answers without pages, and in one page. */
  pageMax: z.number().int().positive().default(1000),
  /** Values of one attribute in one answer. */
  valuesMax: z.number().int().positive().default(1500),
  /** Longest time of one search, in milliseconds. */
  searchMsMax: z.number().int().positive().default(120_000),
  /** Plain binds without TLS are refused. */
  requiresSigning: z.boolean().default(false),
});

export type DirectorySettings = z.output<typeof directorySchema>;
