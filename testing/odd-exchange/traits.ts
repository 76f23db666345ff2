/**
 * The oddities of an EWS server that is not Microsoft's. Each is seen at, or allowed to, other implementations; all are off
 * by default, which leaves a plain, well-behaved, minimal server.
 */

export const traitNames = [
  // How the envelope looks.
  'hidesVersion',
  'defaultNamespaces',
  'strangePrefixes',
  'prettyPrints',
  'marksByteOrder',
  'sendsUnknownParts',
  'faultsUnder200',
  'faultsUnder400',
  'tersesMessages',
  // How an operation it does not have is answered; plain: a fault ErrorInvalidRequest.
  'unknownAsPage',
  'unknownAs501',
  'unknownAsSchemaFault',
  // Zones and times.
  'forgetsZones',
  'refusesZones',
  'refusesZoneNames',
  'localTimes',
  'fractionalTimes',
  'plusZeroTimes',
  'zonedDates',
  // What items look like.
  'bodyAsHtml',
  'emptyElements',
  'hidesItemClass',
  'hidesMeetingParts',
  'setIdsAsGuid',
  'untiedTasks',
  // Ids and change keys.
  'longIds',
  'strangeIds',
  'shortChangeKeys',
  'keylessUpdates',
  'ownOccurrenceKeys',
  // The change feed.
  'longSyncState',
  'stillSyncState',
  'hidesLastPage',
  'ignoresPageLimit',
  'pagesOfTen',
  'repeatsChanges',
  'updatesForNew',
  'deletesUnknown',
  'listsOccurrences',
  'emptyListing',
  'cutsAnswers',
  // Batches.
  'shufflesAnswers',
  'dropsMessages',
  'stopsBatches',
  'refusesBatches',
  // Writing and finding.
  'ignoresConflicts',
  'deletesAsNotFound',
  'refusesOccurrenceIds',
  'hidesOccurrences',
  'refusesSearch',
  'ignoresSearch',
  // Sign-in and HTTP.
  'refusesImpersonation',
  'ntlmOnly',
  'redirects301',
  'redirects308',
  'closesConnections',
  'gzips',
  'trickles',
  'busySometimes',
] as const;

export type Trait = (typeof traitNames)[number];

/** Traits that are on. */
export type Traits = Readonly<Partial<Record<Trait, boolean>>>;

/** Entries a request may have under `stopsBatches` and `refusesBatches`. */
export const batchEntriesMax = 3;
