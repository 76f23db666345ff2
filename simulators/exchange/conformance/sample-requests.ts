/** Requests to damage: what the suites of bad input are made of. */

const shape =
  '<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:IncludeMimeContent>true</t:IncludeMimeContent><t:BodyType>Text</t:BodyType><t:AdditionalProperties><t:FieldURI FieldURI="item:Subject"/><t:IndexedFieldURI FieldURI="contacts:EmailAddress" FieldIndex="EmailAddress1"/><t:ExtendedFieldURI PropertyTag="0x3A45" PropertyType="String"/><t:ExtendedFieldURI PropertySetId="00020329-0000-0000-C000-000000000046" PropertyId="12" PropertyType="Integer"/></t:AdditionalProperties></m:ItemShape>';
const recurrence =
  '<t:Recurrence><t:WeeklyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>Monday Friday</t:DaysOfWeek></t:WeeklyRecurrence><t:EndDateRecurrence><t:StartDate>2030-03-05</t:StartDate><t:EndDate>2030-12-31Z</t:EndDate></t:EndDateRecurrence></t:Recurrence>';
const mailbox = '<t:Mailbox><t:Name>A</t:Name><t:EmailAddress>a@example.test</t:EmailAddress></t:Mailbox>';
/** Valid requests of many kinds, without the envelope. */
export const sampleRequests: readonly string[] = [
  `<m:GetItem>${shape}<m:ItemIds><t:ItemId Id="AAMk" ChangeKey="EQAA"/><t:OccurrenceItemId RecurringMasterId="AAMk" InstanceIndex="3"/></m:ItemIds></m:GetItem>`,
  `<m:SyncFolderItems>${shape}<m:SyncFolderId><t:DistinguishedFolderId Id="calendar">${mailbox}</t:DistinguishedFolderId></m:SyncFolderId><m:SyncState>H4sI</m:SyncState><m:Ignore><t:ItemId Id="AAMk"/></m:Ignore><m:MaxChangesReturned>512</m:MaxChangesReturned></m:SyncFolderItems>`,
  `<m:FindItem Traversal="Shallow">${shape}<m:IndexedPageItemView MaxEntriesReturned="10" Offset="0" BasePoint="Beginning"/><m:Restriction><t:And><t:IsEqualTo><t:FieldURI FieldURI="item:Subject"/><t:FieldURIOrConstant><t:Constant Value="a"/></t:FieldURIOrConstant></t:IsEqualTo><t:Not><t:Exists><t:FieldURI FieldURI="item:Body"/></t:Exists></t:Not></t:And></m:Restriction><m:SortOrder><t:FieldOrder Order="Descending"><t:FieldURI FieldURI="item:DateTimeCreated"/></t:FieldOrder></m:SortOrder><m:ParentFolderIds><t:FolderId Id="AAMk"/></m:ParentFolderIds></m:FindItem>`,
  `<m:CreateItem MessageDisposition="SaveOnly" SendMeetingInvitations="SendToNone"><m:Items><t:Contact><t:Subject>s</t:Subject><t:Body BodyType="Text">b</t:Body><t:Categories><t:String>c</t:String></t:Categories><t:FileAs>x</t:FileAs><t:FileAsMapping>None</t:FileAsMapping><t:GivenName>g</t:GivenName><t:EmailAddresses><t:Entry Key="EmailAddress1" Name="n">a@example.test</t:Entry></t:EmailAddresses><t:PhysicalAddresses><t:Entry Key="Home"><t:Street>s</t:Street><t:City>c</t:City></t:Entry></t:PhysicalAddresses><t:Birthday>1980-02-28T11:59:00Z</t:Birthday><t:BusinessHomePage>https://example.test/a?b=c</t:BusinessHomePage></t:Contact><t:CalendarItem><t:Subject>s</t:Subject><t:ReminderIsSet>false</t:ReminderIsSet><t:ReminderMinutesBeforeStart>15</t:ReminderMinutesBeforeStart><t:Start>2030-03-05T10:00:00+01:00</t:Start><t:End>2030-03-05T11:00:00.5</t:End><t:LegacyFreeBusyStatus>Busy</t:LegacyFreeBusyStatus><t:RequiredAttendees><t:Attendee>${mailbox}</t:Attendee></t:RequiredAttendees>${recurrence}</t:CalendarItem><t:Task><t:Subject>s</t:Subject><t:PercentComplete>12.5</t:PercentComplete></t:Task></m:Items></m:CreateItem>`,
  `<m:UpdateItem ConflictResolution="AutoResolve" MessageDisposition="SaveOnly"><m:ItemChanges><t:ItemChange><t:ItemId Id="AAMk" ChangeKey="EQAA"/><t:Updates><t:SetItemField><t:FieldURI FieldURI="contacts:JobTitle"/><t:Contact><t:JobTitle>j</t:JobTitle></t:Contact></t:SetItemField><t:DeleteItemField><t:FieldURI FieldURI="contacts:Birthday"/></t:DeleteItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
  `<m:DeleteItem DeleteType="MoveToDeletedItems" AffectedTaskOccurrences="AllOccurrences"><m:ItemIds><t:ItemId Id="AAMk"/></m:ItemIds></m:DeleteItem>`,
  `<m:CreateAttachment><m:ParentItemId Id="AAMk"/><m:Attachments><t:FileAttachment><t:Name>n</t:Name><t:IsInline>false</t:IsInline><t:Content>QUI=</t:Content></t:FileAttachment></m:Attachments></m:CreateAttachment>`,
  `<m:Subscribe><m:StreamingSubscriptionRequest SubscribeToAllFolders="true"><t:EventTypes><t:EventType>NewMailEvent</t:EventType></t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>`,
  `<m:ConvertId DestinationFormat="EntryId"><m:SourceIds><t:AlternateId Format="EwsId" Id="AAMk" Mailbox="a@example.test"/></m:SourceIds></m:ConvertId>`,
  `<m:ResolveNames ReturnFullContactData="true" SearchScope="ActiveDirectory"><m:UnresolvedEntry>a</m:UnresolvedEntry></m:ResolveNames>`,
];

/** Pieces of markup: tags, and what stands between them. */
const piecesOf = (markup: string): readonly string[] => markup.match(/<[^>]*>|[^<]+/g) ?? [];
const values = [
  '',
  ' ',
  'x',
  '0',
  '-1',
  '999999999999',
  '1e3',
  'true',
  'Monday',
  '2030-02-30',
  '2030-02-30T10:00:00Z',
  '2030-04-31',
  'AAMk',
  'AB=C',
  'AR==',
  ' 5 ',
  'é',
  'IdOnly',
  '0x10000',
];

/** One small damage to a request, chosen by numbers. What comes out may be valid, invalid or no XML at all. */
export function damagedRequest(request: string, kind: number, at: number, other: number): string {
  const pieces = [...piecesOf(request)];
  const index = at % pieces.length;
  const piece = pieces[index] as string;
  const value = values[other % values.length] as string;
  switch (kind % 8) {
    case 0:
      return pieces.toSpliced(index, 1, piece, piece).join('');
    case 1:
      return pieces.toSpliced(index, 1).join('');
    case 2:
      return pieces.map((one) => (one === piece ? one.replace(/="[^"]*"/, `="${value}"`) : one)).join('');
    case 3:
      return pieces.toSpliced(index, 1, piece.startsWith('<') ? `${piece}${value}` : value).join('');
    case 4:
      return pieces.toSpliced(index, 1, piece.replace(/ [A-Za-z]+="[^"]*"/, '')).join('');
    case 5:
      return pieces
        .toSpliced(
          index,
          1,
          piece.replace(/(\/?>)$/, ` ${['t:Id', 'Id', 'xml:lang', '__proto__', 'Extra'][other % 5]}="${value}"$1`),
        )
        .join('');
    case 6: {
      const elements = request.match(/<t:(\w+)[^>]*\/>|<t:(\w+)[^>]*>[^<]*<\/t:\2>/g) ?? [''];
      const [from, to] = [elements[at % elements.length] as string, elements[other % elements.length] as string];
      return request.replace(from, () => from + to);
    }
    default: {
      const names = [...new Set(request.match(/[mt]:\w+/g))];
      const [from, to] = [names[at % names.length] as string, names[other % names.length] as string];
      return request.replaceAll(new RegExp(`${from}\\b`, 'g'), to);
    }
  }
}
