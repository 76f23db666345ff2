/**
 * Refusals. Inside the face a refusal is thrown where it is found and caught in exactly two places: around one item (it
 * becomes that item's response message) and around the whole request (it becomes a SOAP fault).
 */
import { attributeText, escapeText } from './text.ts';

export class EwsError extends Error {
  readonly code: string;
  /** Contents of MessageXml, ready markup in the types namespace; empty for none. */
  readonly details: string;
  /** Items after this one in the same batch are not processed. */
  readonly stopsBatch: boolean;

  constructor(code: string, options: { text?: string; details?: string; stopsBatch?: boolean } = {}) {
    super(options.text ?? textOf(code));
    this.code = code;
    this.details = options.details ?? '';
    this.stopsBatch = options.stopsBatch ?? false;
  }
}

/** A refusal of the whole request, answered as a SOAP fault with HTTP 500. */
export class EwsFault extends EwsError {}

/** MessageXml with one name and value. */
export function valueDetail(name: string, value: string): string {
  return `<t:Value Name="${attributeText(name)}">${escapeText(value)}</t:Value>`;
}

/** MessageXml that names a property. */
export function fieldDetail(uri: string): string {
  return `<t:FieldURI FieldURI="${attributeText(uri)}"/>`;
}

/** MessageXml that names one entry of a dictionary property. */
export function indexedFieldDetail(uri: string, index: string): string {
  return `<t:IndexedFieldURI FieldURI="${attributeText(uri)}" FieldIndex="${attributeText(index)}"/>`;
}

/** English texts of the codes, where the recordings or the documentation give one. */
const texts: Readonly<Record<string, string>> = {
  ErrorAccessDenied: 'Access is denied. Check credentials and try again.',
  ErrorAffectedTaskOccurrencesRequired: 'AffectedTaskOccurrences attribute must be specified for Task items.',
  ErrorBatchProcessingStopped: 'Batch processing was stopped.',
  ErrorCalendarCannotMoveOrCopyOccurrence: 'Occurrences cannot be moved or copied.',
  ErrorCalendarCannotUseIdForOccurrenceId: 'The id is not an occurrence id.',
  ErrorCalendarCannotUseIdForRecurringMasterId: 'The id is not the id of a recurring master.',
  ErrorCalendarDurationIsTooLong: 'The duration of the calendar item is too long.',
  ErrorCalendarEndDateIsEarlierThanStartDate: 'EndDate is earlier than StartDate',
  ErrorCalendarFolderIsInvalidForCalendarView: 'The calendar view can only be used on calendar folders.',
  ErrorCalendarInvalidDayForWeeklyRecurrence: 'The days of the week are not valid for a weekly recurrence.',
  ErrorCalendarInvalidRecurrence: 'The recurrence is invalid.',
  ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange: 'Occurrence index is out of recurrence range.',
  ErrorCalendarOccurrenceIsDeletedFromRecurrence:
    'Occurrence with this index was previously deleted from the recurrence.',
  ErrorCalendarViewRangeTooBig: 'The specified view range exceeds the maximum range of two years.',
  ErrorCannotCreateCalendarItemInNonCalendarFolder: 'Cannot create a calendar item in a non-calendar folder.',
  ErrorCannotCreateContactInNonContactFolder: 'Cannot create a contact in a non-contact Folder.',
  ErrorCannotCreateTaskInNonTaskFolder: 'Cannot create a task in a non-task folder.',
  ErrorCannotUseFolderIdForItemId: 'The Id is a folder Id and cannot be used as an item Id.',
  ErrorCannotUseItemIdForFolderId: 'The Id is an item Id and cannot be used as a folder Id.',
  ErrorChangeKeyRequired: 'A change key is required for this operation.',
  ErrorChangeKeyRequiredForWriteOperations: 'A change key is required for this operation.',
  ErrorCrossMailboxMoveCopy: 'Items cannot be moved or copied between mailboxes.',
  ErrorCorruptData: 'Data is corrupt.',
  ErrorDeleteDistinguishedFolder: 'Distinguished folders cannot be deleted.',
  ErrorDuplicateSOAPHeader: 'A SOAP header was given more than once.',
  ErrorExceededSubscriptionCount:
    'You have exceeded the available subscriptions for your account. Remove unnecessary subscriptions and try your request again.',
  ErrorExceededFindCountLimit: 'The query exceeds the number of rows that one answer can hold.',
  ErrorFolderExists: 'A folder with the specified name already exists.',
  ErrorFolderNotFound: 'The specified folder could not be found in the store.',
  ErrorImpersonateUserDenied: 'The account does not have permission to impersonate the requested user.',
  ErrorIncorrectSchemaVersion: 'The request uses elements that are not part of the requested schema version.',
  ErrorIncorrectUpdatePropertyCount: 'An update must set exactly one property.',
  ErrorInternalServerError: 'An internal server error occurred. The operation failed.',
  ErrorInvalidChangeKey: 'The change key is invalid.',
  ErrorInvalidCompleteDate: 'The completion date of a task cannot be in the future.',
  ErrorInvalidExtendedProperty: 'The extended property attribute combination is invalid.',
  ErrorInvalidExtendedPropertyValue: 'The extended property value does not match its type.',
  ErrorInvalidId: 'The Id is invalid.',
  ErrorInvalidIdEmpty: 'Id must be non-empty.',
  ErrorInvalidIdMalformed: 'Id is malformed.',
  ErrorInvalidOperation: 'The operation is not available on this server.',
  ErrorInvalidPercentCompleteValue: 'Percent complete must be between 0 and 100.',
  ErrorInvalidPropertyAppend: 'Append action is invalid for property.',
  ErrorInvalidPropertyDelete: 'Delete action is invalid for property.',
  ErrorInvalidPropertyRequest: 'Property is not valid for this object type.',
  ErrorInvalidPropertySet: 'Set action is invalid for property.',
  ErrorInvalidServerVersion: 'The specified server version is invalid.',
  ErrorInvalidSyncStateData: 'Synchronization state data is corrupt or otherwise invalid.',
  ErrorIrresolvableConflict:
    'The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.',
  ErrorItemNotFound: 'The specified object was not found in the store.',
  ErrorMissingEmailAddress:
    'When making a request as an account that does not have a mailbox, you must specify the mailbox primary SMTP address for any distinguished folder Ids.',
  ErrorMoreThanOneAccessModeSpecified: 'More than one access mode was given.',
  ErrorMoveCopyFailed: 'The move or copy operation failed.',
  ErrorMoveDistinguishedFolder: 'Cannot move distinguished folder.',
  ErrorNameResolutionNoResults: 'No results were found.',
  ErrorNameResolutionMultipleResults: 'Multiple results were found.',
  ErrorNonExistentMailbox: 'The SMTP address has no mailbox associated with it.',
  ErrorNonPrimarySmtpAddress: 'The primary SMTP address must be specified when referencing a mailbox.',
  ErrorNoPropertyTagForCustomProperties: 'Custom properties cannot be named by a property tag.',
  ErrorOccurrenceCrossingBoundary: 'Modified occurrence is crossing or overlapping adjacent occurrence.',
  ErrorOccurrenceTimeSpanTooBig: 'Modified occurrence is crossing or overlapping adjacent occurrence.',
  ErrorParentFolderNotFound: 'The specified parent folder could not be found.',
  ErrorRecurrenceHasNoOccurrence: 'The recurrence has no occurrences.',
  ErrorSendMeetingCancellationsRequired: 'SendMeetingCancellations attribute is required for Calendar items.',
  ErrorSendMeetingInvitationsOrCancellationsRequired:
    'SendMeetingInvitationsOrCancellations attribute is required for calendar items.',
  ErrorSendMeetingInvitationsRequired: 'SendMeetingInvitations attribute is required for calendar items.',
  ErrorServerBusy: 'The server cannot service this request right now. Try again later.',
  ErrorSubscriptionAccessDenied: 'Access is denied. Only the subscription owner may access the subscription.',
  ErrorSubscriptionNotFound: 'The specified subscription was not found.',
  ErrorUnsupportedMimeConversion: 'Mime conversion is not supported for this item type.',
  ErrorUnsupportedPathForQuery: 'The property can not be used with this type of restriction.',
  ErrorUnsupportedPathForSortGroup: 'The property can not be used for sorting or grouping.',
  ErrorUpdatePropertyMismatch: 'Object of type does not match the property that was named in the update.',
  ErrorInvalidSubscription: 'Subscription is invalid.',
  ErrorExpiredSubscription: 'Access is denied. The subscription has expired.',
  ErrorInvalidWatermark: 'Watermark is invalid.',
  ErrorAttachmentNestLevelLimitExceeded: 'Attachments are nested too deep.',
  ErrorAttachmentSizeLimitExceeded: 'The attachment exceeds the maximum size.',
  ErrorCalendarIsCancelledForAccept: 'The meeting was cancelled and cannot be accepted.',
  ErrorCalendarIsCancelledForDecline: 'The meeting was cancelled and cannot be declined.',
  ErrorCalendarIsCancelledForTentative: 'The meeting was cancelled and cannot be tentatively accepted.',
  ErrorCalendarIsNotOrganizer: 'Only the organizer of the meeting can do this.',
  ErrorCalendarIsOrganizerForAccept: 'The organizer of a meeting cannot accept it.',
  ErrorCalendarIsOrganizerForDecline: 'The organizer of a meeting cannot decline it.',
  ErrorCalendarIsOrganizerForRemove: 'The organizer of a meeting cannot remove it this way.',
  ErrorCalendarIsOrganizerForTentative: 'The organizer of a meeting cannot tentatively accept it.',
  ErrorCalendarOutOfRange: 'The date is out of the range of a calendar.',
  ErrorCalendarSeekToConditionNotSupported: 'A calendar cannot be read from a condition on.',
  ErrorCannotDeleteObject: 'The object cannot be deleted.',
  ErrorCannotEmptyFolder: 'The folder cannot be emptied.',
  ErrorContainsFilterWrongType: 'Contains can only be used with properties of text.',
  ErrorDistributionListMemberNotExist: 'The group has no such member.',
  ErrorFolderSavePropertyError: 'The folder save operation failed due to invalid property values.',
  ErrorInvalidAttachmentId: 'The attachment Id is invalid.',
  ErrorInvalidContactEmailIndex: 'The index of the contact email address is invalid.',
  ErrorInvalidExchangeImpersonationHeaderData: 'The impersonation header names nobody.',
  ErrorInvalidFractionalPagingParameters: 'The fraction of a fractional page is not between 0 and 1.',
  ErrorInvalidIndexedPagingParameters: 'The offset of an indexed page cannot be negative.',
  ErrorInvalidPagingMaxRows: 'The number of rows of a page must be greater than zero.',
  ErrorInvalidPermissionSettings: 'Single rights can only be given with the level Custom.',
  ErrorInvalidSendItemSaveSettings: 'A folder was named although no copy is to be saved.',
  ErrorInvalidSubscriptionRequest: 'The subscription request is invalid.',
  ErrorInvalidUserPrincipalName: 'The user principal name is not valid.',
  ErrorInvalidUserSid: 'The user SID is not valid.',
  ErrorInvalidValueForProperty: 'The value does not fit the property.',
  ErrorMessageDispositionRequired: 'Message disposition is required for operation.',
  ErrorMissingInformationEmailAddress: 'Information is missing: EmailAddress.',
  ErrorNoPublicFolderReplicaAvailable: 'There is no public folder server available.',
  ErrorObjectTypeChanged: 'The type of an object cannot be changed.',
  ErrorStaleObject: 'The object has changed since it was read.',
};

function textOf(code: string): string {
  return texts[code] ?? 'The operation failed.';
}
