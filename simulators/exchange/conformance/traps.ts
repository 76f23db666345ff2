/**
 * The traps of a real server that this one sets for its clients, as data: what switching one off would change in the source,
 * and which case would notice. `mutations.host.test.ts` proves that each is noticed.
 */

/** One expression of a source file, and what stands in its place when the trap is off. */
export interface TrapEdit {
  /** Path from the folder of the simulated server. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly expression: string;
  readonly instead: string;
}

export interface Trap {
  readonly edits: readonly TrapEdit[];
  /** Suite and beginning of the title of a case that fails when the trap is off. */
  readonly noticedBy: readonly [suite: string, title: string];
}

const off = (file: string, expression: string, instead: string): TrapEdit => ({ file, expression, instead });
const ews = (file: string, expression: string, instead: string): TrapEdit =>
  off(`faces/ews/${file}`, expression, instead);
const truth = (file: string, expression: string, instead: string): TrapEdit =>
  off(`truth/${file}`, expression, instead);
const trap = (suite: string, title: string, ...edits: readonly TrapEdit[]): Trap => ({
  edits,
  noticedBy: [suite, title],
});

const identity: Readonly<Record<string, Trap>> = {
  newIdOnMove: trap(
    'conformance/calendar.test.ts',
    'CAL-18',
    ews(
      'transfer.ts',
      'itemIdMarkup(call.mailbox, { item, occurrence: undefined })',
      'itemIdMarkup(call.mailbox, view)',
    ),
  ),
  idsAreCaseSensitive: trap(
    'conformance/reading.test.ts',
    'GET: ids that differ',
    ews(
      'references.ts',
      'return `<t:ItemId Id="',
      'const all = ((globalThis as never as { ids: Map<string, string> }).ids ??= new Map()); all.set(id.toLowerCase(), id); return `<t:ItemId Id="',
    ),
    ews(
      'resolve.ts',
      'const id = readId(text);',
      'const id = readId((globalThis as never as { ids?: Map<string, string> }).ids?.get(text.toLowerCase()) ?? text);',
    ),
  ),
  oneKeyForSeriesAndOccurrences: trap(
    'conformance/calendar.test.ts',
    'CAL: a series and all its occurrences',
    ews(
      'references.ts',
      'itemChangeKey(mailbox, item)',
      'itemChangeKey(mailbox, { ...item, change: item.change + (occurrence?.day ?? 0) })',
    ),
  ),
  occurrenceIdForm: trap(
    'conformance/calendar.test.ts',
    'CAL-08',
    ews('ids.ts', 'return finish(mailbox, 1, occurrenceEntry(', 'return finish(mailbox, 0, occurrenceEntry('),
  ),
  unchangedWriteKeepsKey: trap(
    'conformance/writing.test.ts',
    'CNF: an update that changes nothing',
    truth('mailbox.ts', 'if (draft.touched.size === 0) return item;', ''),
  ),
  readFlagGivesNoKey: trap(
    'conformance/synchronisation.test.ts',
    'SYN-12',
    ews('operations/update-item.ts', 'const id = isReadOnly\n', 'const id = false && isReadOnly\n'),
  ),
};

const synchronisation: Readonly<Record<string, Trap>> = {
  poorRows: trap(
    'conformance/synchronisation.test.ts',
    'SYN-09',
    ews('shape.ts', "if (field.singleOnly === true && reply.kind !== 'get') return false;", ''),
  ),
  atMost512Changes: trap(
    'conformance/synchronisation.test.ts',
    'SYN-01',
    ews(
      'operations/sync-folder-items.ts',
      "max: Number(childText(request, 'MaxChangesReturned') ?? 512)",
      'max: Number.POSITIVE_INFINITY',
    ),
  ),
  newestFirst: trap(
    'conformance/synchronisation.test.ts',
    'SYN-18',
    ews('operations/sync-folder-items.ts', 'newestFirst: call.profile.syncNewestFirst', 'newestFirst: false'),
  ),
  exceptionsAreUpdatesOfTheSeries: trap(
    'conformance/synchronisation.test.ts',
    'SYN-10',
    ews(
      'operations/sync-folder-items.ts',
      "case 'update':\n",
      "case 'update':\n      if (change.item.series !== undefined) return changeMarkup({ ...change, kind: 'create' }, folder, shape) + changeMarkup({ ...change, item: { ...change.item, series: undefined } }, folder, shape);\n",
    ),
  ),
  stateOfAnotherFolderRefused: trap(
    'conformance/synchronisation.test.ts',
    'SYN-07',
    ews('operations/sync-folder-items.ts', ' || state.folder !== folder.counter', ''),
  ),
  readFlagsApart: trap(
    'conformance/synchronisation.test.ts',
    'SYN-12',
    ews(
      'item-changes.ts',
      "{ kind: 'readFlag', item, change: item.readChange }",
      "{ kind: 'update', item, change: item.readChange }",
    ),
  ),
  hierarchyIgnoresItems: trap(
    'conformance/folders.test.ts',
    'FLD-05',
    truth(
      'mailbox.ts',
      '    folder.contentsChange = item.change;\n',
      '    folder.contentsChange = item.change;\n    folder.change = item.change;\n',
    ),
  ),
};

const listing: Readonly<Record<string, Trap>> = {
  smallPagesWithRestriction: trap(
    'conformance/reading.test.ts',
    'FND-02',
    ews(
      'operations/find-item.ts',
      'isSearch ? profile.findRestrictedRowsMax : profile.findRowsMax',
      'profile.findRowsMax',
    ),
  ),
  oldRequestsAreNotPaged: trap(
    'conformance/reading.test.ts',
    'FND-03',
    ews(
      'operations/find-item.ts',
      "if (isCut && call.rank < rankOf('Exchange2010_SP1'))",
      'if (isCut && call.rank < 0)',
    ),
  ),
  calendarViewOfTwoYears: trap(
    'conformance/reading.test.ts',
    'FND-05',
    ews('operations/find-item.ts', 'if (untilMs > twoYearsAfter(fromMs))', 'if (untilMs > 2 * twoYearsAfter(fromMs))'),
  ),
  noSeriesInCalendarViews: trap(
    'conformance/reading.test.ts',
    'FND-07',
    ews(
      'operations/find-item.ts',
      "if (item.series?.kind === 'appointment') {",
      "if (item.series?.kind === 'appointment') {\n      rows.push({ item, occurrence: undefined });",
    ),
  ),
  errorsInPlace: trap(
    'conformance/reading.test.ts',
    'GET-01',
    ews(
      'messages.ts',
      'messages.push(errorMessage(operation, error, emptyPayload));',
      'messages.unshift(errorMessage(operation, error, emptyPayload));',
    ),
  ),
  batchStops: trap(
    'conformance/reading.test.ts',
    'GET-02',
    ews('messages.ts', 'isStopped = error.stopsBatch;', 'isStopped = false;'),
  ),
};

const calendar: Readonly<Record<string, Trap>> = {
  newRuleDropsExceptions: trap(
    'conformance/calendar.test.ts',
    'CAL: a new rule drops',
    truth(
      'appointment-rules.ts',
      'exceptions: times.rule === undefined ? (old?.exceptions ?? new Map()) : new Map()',
      'exceptions: old?.exceptions ?? new Map()',
    ),
  ),
  allDaySnaps: trap(
    'conformance/calendar.test.ts',
    'CAL-09',
    truth('appointment-rules.ts', 'if (allDay) ({ startMs, endMs } = snapped(startMs, endMs, startZone));', ''),
  ),
  wallTimeAcrossSummerTime: trap(
    'conformance/calendar.test.ts',
    'CAL-01',
    truth(
      'series.ts',
      'const originalStartMs = utcOf(series.zone, day * dayMs + series.startOffsetMs);',
      'const first = series.rule.startDay;\n  const originalStartMs = utcOf(series.zone, first * dayMs + series.startOffsetMs) + (day - first) * dayMs;',
    ),
  ),
  zoneAloneKeepsWallTime: trap(
    'conformance/calendar.test.ts',
    'CAL-11',
    truth(
      'appointment-rules.ts',
      'return isOld && from !== to ? utcOf(to, wallOf(from, utcMs)) : utcMs;',
      'return utcMs;',
    ),
  ),
  occurrencesKeepTheirOrder: trap(
    'conformance/calendar.test.ts',
    'CAL-07',
    truth('appointment-rules.ts', "return 'crossesNeighbour';", 'startMs += 0;'),
  ),
  reminderByDefault: trap(
    'conformance/calendar.test.ts',
    'CAL: a new appointment reminds',
    truth('appointment-rules.ts', 'fallback(message.reminderIsSet, true);', 'fallback(message.reminderIsSet, false);'),
  ),
  nobodyIsTold: trap(
    'faces/ews/meetings.test.ts',
    'a meeting saved without sending',
    ews(
      'meetings.ts',
      'if (!isSending(send) || item.recipients.length === 0) return;',
      'if (item.recipients.length === 0) return;',
    ),
  ),
};

const tasksAndContacts: Readonly<Record<string, Trap>> = {
  completedRecurringTaskSplits: trap(
    'conformance/tasks.test.ts',
    'TSK-02',
    ews(
      'operations/update-item.ts',
      "pending.family === 'task' ? splitCompleted",
      "pending.family === 'list' ? splitCompleted",
    ),
  ),
  taskDatesLoseTime: trap(
    'conformance/tasks.test.ts',
    'TSK: dates lose',
    truth(
      'task-rules.ts',
      'const midnight = Math.floor(wallOf(zone, utcMs) / dayMs) * dayMs;',
      'const midnight = wallOf(zone, utcMs);',
    ),
  ),
  startPullsDueDate: trap(
    'conformance/tasks.test.ts',
    'TSK: dates lose',
    truth(
      'task-rules.ts',
      'if (start === undefined || due === undefined || start <= due) return;',
      'if (start !== null) return;',
    ),
  ),
  statusDrivesCompletion: trap(
    'conformance/tasks.test.ts',
    'TSK-01',
    truth('task-rules.ts', '    draft.set(todo.percentComplete, 1);\n', ''),
  ),
  fileAsStaysEmpty: trap(
    'conformance/contacts.test.ts',
    'CON-06',
    truth(
      'contact-rules.ts',
      'if (mapping !== undefined && mapping !== 0 && !isChosen) draft.put(contact.fileAs, fileAsFrom(mapping, now));',
      'if (!isChosen) draft.put(contact.fileAs, fileAsFrom(mapping || 0x8017, now));',
    ),
  ),
  derivedNamesFollow: trap(
    'conformance/contacts.test.ts',
    'CON-06',
    truth('contact-rules.ts', 'if (current === undefined || current === derivedBefore)', 'if (current === undefined)'),
  ),
  photoGivesNewKey: trap(
    'conformance/contacts.test.ts',
    'CON-05',
    ews('operations/create-attachment.ts', 'call.mailbox.update(draft, ', 'void (draft, '),
  ),
};

const writing: Readonly<Record<string, Trap>> = {
  bodyIsRewritten: trap(
    'conformance/writing.test.ts',
    'WRT: a body of text',
    ews('body.ts', "return { type: 'HTML', content: htmlOfText(text) };", "return { type: 'HTML', content: text };"),
  ),
  lineEndsAreRewritten: trap(
    'conformance/writing.test.ts',
    'WRT: a body of text',
    ews(
      'body.ts',
      "const content = body.content.replace(/\\r\\n|\\r|\\n/g, '\\r\\n');",
      'const content = body.content;',
    ),
  ),
  softlyDeletedIsKept: trap(
    'conformance/writing.test.ts',
    'WRT: what is softly deleted',
    truth(
      'mailbox.ts',
      "if (mode !== 'hard' && !isWithin(item.folder, recoverable)) {",
      "if (mode === 'trash' && !isWithin(item.folder, recoverable)) {",
    ),
  ),
  orderOfElements: trap(
    'conformance/envelope.test.ts',
    'ENV-04',
    ews(
      'face.ts',
      'isSure ? undefined : schemaViolation(text, profile.schema);',
      'undefined as ReturnType<typeof schemaViolation>;',
    ),
  ),
  subscriptionsBelongToOneServer: trap(
    'affinity.test.ts',
    'NOT-10',
    ews('subscriptions.ts', 'return found?.node === node ? found : undefined;', 'return node && found;'),
  ),
  invitationsMustBeChosen: trap(
    'conformance/writing.test.ts',
    'WRT-02',
    ews(
      'operations/create-item.ts',
      "if (type === 'CalendarItem' && SendMeetingInvitations === undefined) {",
      "if (type === 'Item' && SendMeetingInvitations === undefined) {",
    ),
  ),
  taskOccurrencesMustBeChosen: trap(
    'conformance/writing.test.ts',
    'WRT-08',
    ews(
      'operations/delete-item.ts',
      "if (type === 'Task' && AffectedTaskOccurrences === undefined) {",
      "if (type === 'Item' && AffectedTaskOccurrences === undefined) {",
    ),
  ),
  kindsHaveFolders: trap(
    'conformance/writing.test.ts',
    'WRT-01',
    ews(
      'operations/create-item.ts',
      'if (home !== undefined && !isClass(folder.folderClass, home.base)) throw new EwsError(home.refusal);',
      '',
    ),
  ),
  goneItemIsSaidTwice: trap(
    'conformance/writing.test.ts',
    'WRT: deleting what is gone',
    ews('operations/delete-item.ts', '!call.profile.longItemNotFoundOnDelete', 'call.profile.longItemNotFoundOnDelete'),
  ),
  neverOverwrite: trap(
    'conformance/writing.test.ts',
    'CNF-01',
    ews(
      'conflict.ts',
      "if (mode === 'NeverOverwrite' && knownChange !== item.change) throw new EwsError('ErrorIrresolvableConflict');",
      '',
    ),
  ),
  autoResolveMerges: trap(
    'conformance/writing.test.ts',
    'CNF-02',
    ews('conflict.ts', 'if (!isRemembered || clashes)', 'if (!isRemembered || clashes || touched.size > 0)'),
  ),
  autoResolvePerProperty: trap(
    'conformance/writing.test.ts',
    'CNF-03',
    ews('conflict.ts', 'if (!isRemembered || clashes)', 'if (!isRemembered)'),
  ),
  alwaysOverwrite: trap(
    'conformance/writing.test.ts',
    'CNF-04',
    ews(
      'conflict.ts',
      "if (mode === 'AlwaysOverwrite') return;",
      "if (mode === 'AlwaysOverwrite' && knownChange !== undefined && knownChange !== item.change) throw new EwsError('ErrorIrresolvableConflict');\n  if (mode === 'AlwaysOverwrite') return;",
    ),
  ),
  keyIsRequired: trap(
    'conformance/writing.test.ts',
    'CNF-05',
    ews(
      'conflict.ts',
      "if (knownChange === undefined) throw new EwsError('ErrorChangeKeyRequiredForWriteOperations');",
      'if (knownChange === undefined) return;',
    ),
  ),
  keyIsRead: trap(
    'conformance/writing.test.ts',
    'CNF-05',
    ews('resolve.ts', "if (change === undefined) throw new EwsError('ErrorInvalidChangeKey');", ''),
  ),
};

const access: Readonly<Record<string, Trap>> = {
  impersonationIsDenied: trap(
    'conformance/envelope.test.ts',
    'IMP-03',
    ews(
      'header.ts',
      "if (!directory.mayImpersonate(account, mailbox.address)) throw new EwsFault('ErrorImpersonateUserDenied');",
      '',
    ),
  ),
  aliasesAreRefused: trap(
    'conformance/envelope.test.ts',
    'IMP-02',
    ews('header.ts', "if (named.name === 'PrimarySmtpAddress' &&", "if (named.name === 'SID' &&"),
  ),
  newerVersionsAreRefused: trap(
    'conformance/envelope.test.ts',
    'ENV-06',
    ews('header.ts', ' || rankOf(version) > rankOf(profile.newest)', ''),
  ),
  signInBelongsToTheConnection: trap(
    'sign-in/sign-in.test.ts',
    'ENV-02',
    off(
      'sign-in/sign-in.ts',
      'this.#bySocket.get(connectionOf(request))',
      '(globalThis as never as { last?: Account }).last',
    ),
    off(
      'sign-in/sign-in.ts',
      'this.#bySocket.set(socket, account);',
      '(globalThis as never as { last?: Account }).last = account;',
    ),
  ),
};

/** What clients that are not ours would stumble over first. */
const manners: Readonly<Record<string, Trap>> = {
  unsentIsADraft: trap(
    'conformance/attachments.test.ts',
    'what is saved unsent',
    ews('operations/create-item.ts', 'pending.draft.set(message.flags, unsentFlag)', 'void unsentFlag'),
  ),
  sendingNeedsSomebody: trap(
    'conformance/attachments.test.ts',
    'what is saved unsent',
    ews('operations/create-item.ts', 'pending.draft.recipients.length === 0', 'pending.draft.recipients.length < 0'),
  ),
  occurrencesHaveAttachments: trap(
    'conformance/attachments.test.ts',
    'attaching to one occurrence',
    ews('operations/create-attachment.ts', 'if (occurrence !== undefined) {', 'if (occurrence === null) {'),
  ),
  removedAttendeesHear: trap(
    'conformance/meetings.test.ts',
    'who is no longer invited',
    ews('meetings.ts', 'if (removed.length > 0) dispatch(', 'if (removed.length < 0) dispatch('),
  ),
  refusedBeforeSearching: trap(
    'conformance/searching.test.ts',
    'what cannot be searched',
    ews('operations/find-item.ts', 'checkExpression(restriction, isSearchable);', ''),
  ),
  busyInTheCallersZone: trap(
    'conformance/services.test.ts',
    'free and busy times',
    ews('operations/get-user-availability.ts', 'wallOf(zone, one.startMs)', 'one.startMs'),
  ),
  pushEndsAtItsListener: trap(
    'conformance/services.test.ts',
    'subscriptions that make no sense',
    ews('operations/subscribe.ts', "if (subscription.kind === 'push') throw", "if (subscription.id === '') throw"),
  ),
};

/** All traps by name. */
export const traps: Readonly<Record<string, Trap>> = {
  ...identity,
  ...synchronisation,
  ...listing,
  ...calendar,
  ...tasksAndContacts,
  ...writing,
  ...access,
  ...manners,
};
