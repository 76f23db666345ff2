/** Recordings of faults, notifications, time zones and autodiscover. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { find, postText, requestText } from './client.ts';
import { narrow, type RecordedScene, type Stage, single } from './recorded-stage.ts';
import { createEvent, getFolder } from './world.ts';

const badParent =
  '<m:CreateFolder><m:ParentFolderId><t:DistinguishedFolderId Id="invalidparentid"/></m:ParentFolderId><m:Folders><t:Folder><t:DisplayName>x</t:DisplayName></t:Folder></m:Folders></m:CreateFolder>';

/** One notification that a push subscription to the calendar posts: of a change, or that there is none. */
async function pushed({ call }: Stage, change: boolean): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const listener = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    response.end(
      '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><SendNotificationResult xmlns="http://schemas.microsoft.com/exchange/services/2006/messages"><SubscriptionStatus>Unsubscribe</SubscriptionStatus></SendNotificationResult></s:Body></s:Envelope>',
    );
    resolve(text);
  });
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening));
  const { port } = listener.address() as AddressInfo;
  const made = await call(createEvent(single()));
  const { Id } = find(made.body, 'ItemId')?.attributes ?? {};
  await call(
    `<m:Subscribe><m:PushSubscriptionRequest><t:FolderIds><t:DistinguishedFolderId Id="calendar"/></t:FolderIds><t:EventTypes><t:EventType>ModifiedEvent</t:EventType></t:EventTypes><t:StatusFrequency>1</t:StatusFrequency><t:URL>http://127.0.0.1:${port}/</t:URL></m:PushSubscriptionRequest></m:Subscribe>`,
  );
  if (change) {
    await call(
      `<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone"><m:ItemChanges><t:ItemChange><t:ItemId Id="${Id}"/><t:Updates><t:SetItemField><t:FieldURI FieldURI="item:Subject"/><t:CalendarItem><t:Subject>Other</t:Subject></t:CalendarItem></t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    );
  }
  const text = await promise;
  listener.closeAllConnections();
  listener.close();
  return text;
}

/** The first document of a streaming connection. */
async function firstDocument({ call, exchange }: Stage): Promise<string> {
  const subscribed = await call(
    '<m:Subscribe><m:StreamingSubscriptionRequest><t:FolderIds><t:DistinguishedFolderId Id="calendar"/></t:FolderIds><t:EventTypes><t:EventType>ModifiedEvent</t:EventType></t:EventTypes></m:StreamingSubscriptionRequest></m:Subscribe>',
  );
  const id = find(subscribed.body, 'SubscriptionId')?.text ?? '';
  const stop = new AbortController();
  const response = await fetch(exchange.url, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('alice@example.test:alice-pw1').toString('base64')}` },
    body: requestText(
      `<m:GetStreamingEvents><m:SubscriptionIds><t:SubscriptionId>${id}</t:SubscriptionId></m:SubscriptionIds><m:ConnectionTimeout>1</m:ConnectionTimeout></m:GetStreamingEvents>`,
    ),
    signal: stop.signal,
  });
  let text = '';
  for await (const part of response.body ?? []) {
    text += Buffer.from(part).toString('utf8');
    if (text.includes('</Envelope>')) break;
  }
  stop.abort();
  return text;
}

const discovered = [
  'ActiveDirectoryServer',
  'UserDisplayName',
  'CasVersion',
  'EwsSupportedSchemas',
  'GroupingInformation',
  'ExternalEwsUrl',
];

async function discover({ exchange }: Stage): Promise<string> {
  const user = (address: string) => `<a:User><a:Mailbox>${address}</a:Mailbox></a:User>`;
  const settings = discovered.map((one) => `<a:Setting>${one}</a:Setting>`).join('');
  const response = await fetch(`${exchange.origin}/autodiscover/autodiscover.svc`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('alice@example.test:alice-pw1').toString('base64')}` },
    body: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover"><s:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users>${user('alice@example.test')}${user('nobody@example.test')}</a:Users><a:RequestedSettings>${settings}</a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></s:Body></s:Envelope>`,
  });
  return response.text();
}

export const serviceScenes: readonly RecordedScene[] = [
  { sample: 'autodiscover-soap-getusersettings-online15.1', profile: '2016', play: discover },
  {
    sample: 'fault-impersonateuserdenied-online',
    profile: 'se',
    play: ({ text }) => text(getFolder(), { ...narrow, impersonate: 'alice@example.test' }),
  },
  { sample: 'fault-schemavalidation-ex2007sp1', profile: '2010sp2', play: ({ text }) => text(badParent) },
  { sample: 'fault-schemavalidation-ex2010sp2', profile: '2010sp2', play: ({ text }) => text(badParent) },
  {
    sample: 'fault-schemavalidation-notwellformed-online15.20',
    profile: 'se',
    play: async ({ exchange }) =>
      (await postText(requestText(getFolder()).replace('</s:Envelope>', 'x'), { url: exchange.url })).text,
  },
  {
    sample: 'fault-serverbusy-online',
    profile: 'se',
    play({ exchange, text }) {
      exchange.control.inject({ kind: 'busy', form: 'fault', backOffMs: 178_510 });
      return text(getFolder());
    },
  },
  {
    sample: 'getservertimezones-nodata-online15.20',
    profile: 'se',
    play: ({ text }) =>
      text(
        '<m:GetServerTimeZones ReturnFullTimeZoneData="false"><m:Ids><t:Id>Dateline Standard Time</t:Id><t:Id>Samoa Standard Time</t:Id><t:Id>UTC-11</t:Id></m:Ids></m:GetServerTimeZones>',
      ),
  },
  { sample: 'push-sendnotification-modified-online15.20', profile: 'se', play: (stage) => pushed(stage, true) },
  { sample: 'push-sendnotification-status-onprem', profile: '2013', play: (stage) => pushed(stage, false) },
  { sample: 'wire-getstreamingevents-first-ex2013', profile: '2013', play: firstDocument },
];
