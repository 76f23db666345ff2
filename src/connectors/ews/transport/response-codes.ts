/**
 * What each EWS response code means to us. The list of codes grows with every version (383 in 2010, 521 in SE), so a code
 * that is not here is no error of ours: `classify.ts` treats it like ErrorInternalServerError.
 *
 * `doubtful`: the server may have begun to act before it gave up, so a write answered so is unknown, not rejected.
 */
import type { FaultCode } from '#contract/fault.ts';

export interface CodeMeaning {
  readonly fault: FaultCode;
  readonly doubtful: boolean;
}

const refused = (fault: FaultCode, ...codes: readonly string[]): readonly [string, CodeMeaning][] =>
  codes.map((code) => [code, { fault, doubtful: false }]);
const doubtful = (fault: FaultCode, ...codes: readonly string[]): readonly [string, CodeMeaning][] =>
  codes.map((code) => [code, { fault, doubtful: true }]);

/** Codes by meaning; `ErrorInternalServerError` and unknown codes are not listed, because their scope decides. */
export const responseCodes: ReadonlyMap<string, CodeMeaning> = new Map([
  // Throttled: nothing was done, and coming back sooner makes it last longer.
  ...refused('budget.exhausted', 'ErrorServerBusy', 'ErrorExceededConnectionCount', 'ErrorExceededFindCountLimit'),
  ...refused('budget.exhausted', 'ErrorExceededSubscriptionCount', 'ErrorBatchProcessingStopped'),

  // The server or the directory behind it is short of something for the moment.
  ...doubtful(
    'server.failure',
    'ErrorInternalServerTransientError',
    'ErrorInsufficientResources',
    'ErrorNotEnoughMemory',
  ),
  ...doubtful('server.failure', 'ErrorServiceUnavailable', 'ErrorTooManyObjectsOpened'),
  ...refused('server.failure', 'ErrorADUnavailable', 'ErrorADOperation'),

  // A batch may run one minute; what it had done by then stays done.
  ...doubtful('server.timeout', 'ErrorTimeoutExpired'),

  // The database is down or moves to another server.
  ...doubtful('mailbox.unavailable', 'ErrorMailboxStoreUnavailable', 'ErrorMailboxFailover', 'ErrorMailboxLogonFailed'),

  // The mailbox is, or is going, elsewhere: find its endpoint again.
  ...refused('mailbox.moved', 'ErrorMailboxMoveInProgress', 'ErrorNoRespondingCASInDestinationSite'),
  ...refused('mailbox.moved', 'ErrorCrossSiteRequest', 'ErrorProxyRequestNotAllowed', 'ErrorProxyCallFailed'),
  ...refused('mailbox.moved', 'ErrorProxyServiceDiscoveryFailed', 'ErrorProxyGroupSidLimitExceeded'),
  ...doubtful('mailbox.moved', 'ErrorConnectionFailed', 'ErrorProxyRequestProcessingFailed'),

  // The mailbox's server speaks another schema version.
  ...refused('server.version', 'ErrorInvalidServerVersion', 'ErrorInvalidSchemaVersionForMailboxVersion'),
  ...refused(
    'server.version',
    'ErrorWrongServerVersion',
    'ErrorIncorrectSchemaVersion',
    'ErrorWrongServerVersionDelegate',
  ),

  // There is no such mailbox, or it cannot be used; checked again once a day.
  ...refused('mailbox.notFound', 'ErrorNonExistentMailbox', 'ErrorNonPrimarySmtpAddress', 'ErrorInvalidUserSid'),
  ...refused(
    'mailbox.notFound',
    'ErrorInvalidUserPrincipalName',
    'ErrorMailboxConfiguration',
    'ErrorMissingEmailAddress',
  ),
  ...refused('mailbox.denied', 'ErrorAccountDisabled', 'ErrorInvalidLicense', 'ErrorImpersonateUserDenied'),

  // The service account itself: role missing, or its password is no longer good.
  ...refused('authentication.impersonation', 'ErrorImpersonationDenied', 'ErrorImpersonationFailed'),
  ...refused('authentication.rejected', 'ErrorPasswordExpired', 'ErrorPasswordChangeRequired'),

  // Rights on one item or folder.
  ...refused('item.denied', 'ErrorAccessDenied', 'ErrorCreateItemAccessDenied', 'ErrorCannotDeleteObject'),
  ...refused('item.denied', 'ErrorDeleteDistinguishedFolder'),

  // One item, by its state on the server.
  ...refused('item.gone', 'ErrorItemNotFound'),
  ...refused('item.conflict', 'ErrorIrresolvableConflict', 'ErrorStaleObject', 'ErrorObjectTypeChanged'),
  ...refused('item.conflict', 'ErrorChangeKeyRequired', 'ErrorChangeKeyRequiredForWriteOperations'),
  ...refused(
    'item.conflict',
    'ErrorCalendarOccurrenceIsDeletedFromRecurrence',
    'ErrorCalendarCannotUseIdForOccurrenceId',
  ),
  ...refused(
    'item.conflict',
    'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange',
    'ErrorCalendarMeetingRequestIsOutOfDate',
  ),
  ...refused('item.unreadable', 'ErrorItemCorrupt', 'ErrorCorruptData', 'ErrorContentConversionFailed'),
  ...refused('item.unreadable', 'ErrorMimeContentConversionFailed', 'ErrorItemPropertyRequestFailed'),
  ...refused('item.unreadable', 'ErrorCalendarInvalidPropertyState', 'ErrorVirusDetected', 'ErrorMessageBlocked'),

  // The folder is gone: never read as "all its items were deleted".
  ...refused('mailbox.folderGone', 'ErrorFolderNotFound', 'ErrorSyncFolderNotFound', 'ErrorParentFolderNotFound'),
  ...refused('mailbox.folderGone', 'ErrorFolderCorrupt'),
  ...refused('mailbox.cursorInvalid', 'ErrorInvalidSyncStateData'),

  // Room.
  ...refused('mailbox.full', 'ErrorQuotaExceeded', 'ErrorQuotaExceededOnDelete'),
  ...refused(
    'item.tooLarge',
    'ErrorMessageSizeExceeded',
    'ErrorDataSizeLimitExceeded',
    'ErrorAttachmentSizeLimitExceeded',
  ),
  ...refused('item.tooLarge', 'ErrorRequestStreamTooBig'),

  // A value the server will not take: repeating does not help, the record's reader must know why.
  ...refused('item.invalid', 'ErrorCalendarEndDateIsEarlierThanStartDate', 'ErrorCalendarDurationIsTooLong'),
  ...refused(
    'item.invalid',
    'ErrorInvalidValueForProperty',
    'ErrorInvalidPercentCompleteValue',
    'ErrorInvalidCompleteDate',
  ),
  ...refused(
    'item.invalid',
    'ErrorInvalidContactEmailAddress',
    'ErrorInvalidContactEmailIndex',
    'ErrorInvalidRecipients',
  ),
  ...refused(
    'item.invalid',
    'ErrorRecurrenceEndDateTooBig',
    'ErrorRecurrenceHasNoOccurrence',
    'ErrorCalendarOutOfRange',
  ),
  ...refused(
    'item.invalid',
    'ErrorOccurrenceCrossingBoundary',
    'ErrorOccurrenceTimeSpanTooBig',
    'ErrorCalendarInvalidAttributeValue',
  ),
  ...refused(
    'item.unsupported',
    'ErrorCalendarInvalidRecurrence',
    'ErrorUnsupportedRecurrence',
    'ErrorCalendarInvalidDayForWeeklyRecurrence',
  ),
  ...refused(
    'item.unsupported',
    'ErrorCalendarInvalidDayForTimeChangePattern',
    'ErrorCalendarInvalidTimeZone',
    'ErrorTimeZone',
  ),
  ...refused('item.unsupported', 'ErrorInvalidPropertySet', 'ErrorInvalidPropertyDelete', 'ErrorInvalidPropertyAppend'),
  ...refused(
    'item.unsupported',
    'ErrorInvalidPropertyForOperation',
    'ErrorInvalidPropertyForExists',
    'ErrorPropertyUpdate',
  ),
  ...refused(
    'item.unsupported',
    'ErrorCalendarIsNotOrganizer',
    'ErrorSentMeetingRequestUpdate',
    'ErrorSentTaskRequestUpdate',
  ),
  ...refused(
    'item.unsupported',
    'ErrorCalendarIsDelegatedForAccept',
    'ErrorCalendarIsCancelledForAccept',
    'ErrorCannotDeleteTaskOccurrence',
  ),
  ...refused('item.unsupported', 'ErrorCannotCreateContactInNonContactFolder', 'ErrorCannotCreateTaskInNonTaskFolder'),
  ...refused('item.unsupported', 'ErrorCannotCreateCalendarItemInNonCalendarFolder'),
  ...refused('item.invalid', 'ErrorItemSave', 'ErrorItemSavePropertyError', 'ErrorFolderSavePropertyError'),

  // Our own request was wrong.
  ...refused(
    'defect.request',
    'ErrorSchemaValidation',
    'ErrorInvalidRequest',
    'ErrorInvalidArgument',
    'ErrorInvalidOperation',
  ),
  ...refused(
    'defect.request',
    'ErrorIncorrectUpdatePropertyCount',
    'ErrorUpdatePropertyMismatch',
    'ErrorInvalidPropertyRequest',
  ),
  ...refused('defect.request', 'ErrorInvalidExtendedProperty', 'ErrorInvalidExtendedPropertyValue'),
  ...refused('defect.request', 'ErrorNoPropertyTagForCustomProperties', 'ErrorUnsupportedMapiPropertyType'),
  ...refused(
    'defect.request',
    'ErrorInvalidId',
    'ErrorInvalidIdMalformed',
    'ErrorInvalidIdEmpty',
    'ErrorInvalidChangeKey',
  ),
  ...refused('defect.request', 'ErrorInvalidIdXml', 'ErrorInvalidIdMalformedEwsLegacyIdFormat', 'ErrorInvalidFolderId'),
  ...refused('defect.request', 'ErrorCannotUseFolderIdForItemId', 'ErrorCannotUseItemIdForFolderId'),
  ...refused('defect.request', 'ErrorCalendarCannotUseIdForRecurringMasterId', 'ErrorMessageDispositionRequired'),
  ...refused('defect.request', 'ErrorSendMeetingInvitationsRequired', 'ErrorSendMeetingCancellationsRequired'),
  ...refused(
    'defect.request',
    'ErrorSendMeetingInvitationsOrCancellationsRequired',
    'ErrorAffectedTaskOccurrencesRequired',
  ),
  ...refused('defect.request', 'ErrorDuplicateSOAPHeader', 'ErrorMoreThanOneAccessModeSpecified'),
  ...refused('defect.request', 'ErrorInvalidExchangeImpersonationHeaderData', 'ErrorUnsupportedPathForQuery'),
]);
