/**
 * Operations that builds have and that are not played. Each is refused as a whole, with the code a server has for what the
 * operation would need and does not find; where there is none, with ErrorInvalidOperation.
 */

const codes: Readonly<Record<string, readonly string[]>> = {
  ErrorArchiveMailboxNotEnabled: ['ArchiveItem', 'CreateFolderPath'],
  ErrorUnifiedMessagingServerNotFound: [
    'CompleteFindInGALSpeechRecognition',
    'CreateUMCallDataRecord',
    'CreateUMPrompt',
    'DeleteUMPrompts',
    'DisconnectPhoneCall',
    'GetPhoneCallInformation',
    'GetUMPrompt',
    'GetUMPromptNames',
    'PlayOnPhone',
    'StartFindInGALSpeechRecognition',
  ],
  ErrorDiscoverySearchesDisabled: [
    'GetDiscoverySearchConfiguration',
    'GetHoldOnMailboxes',
    'GetNonIndexableItemDetails',
    'GetNonIndexableItemStatistics',
    'GetSearchableMailboxes',
    'SearchMailboxes',
    'SetHoldOnMailboxes',
  ],
  ErrorMessageTrackingPermanentError: ['FindMessageTrackingReport', 'GetMessageTrackingReport'],
  ErrorMailTipsDisabled: ['GetMailTips'],
  ErrorExtensionNotFound: ['DisableApp', 'GetClientExtension', 'InstallApp', 'SetClientExtension', 'UninstallApp'],
  ErrorNameResolutionNoResults: ['ExpandDL'],
  ErrorItemNotFound: ['GetUserPhoto'],
};

const byOperation = new Map(
  Object.entries(codes).flatMap(([code, names]) => names.map((name) => [name, code] as const)),
);

/** The code of the refusal of an operation that is not played. */
export function unplayedCode(operation: string): string {
  return byOperation.get(operation) ?? 'ErrorInvalidOperation';
}
