/** GetUserConfiguration (messages.xsd GetUserConfigurationType): the time zone the user chose in Outlook on the web. */
import { child, childrenNamed, childText, type XmlElement } from '#xml/reader.ts';
import { xml } from '#xml/writer.ts';
import type { EwsRequest } from '../transport/session.ts';
import { type Entry, entriesOf } from './response.ts';

/** `folder`: where the server keeps the settings; `root` on current servers, `calendar` seen on older ones. */
export function buildGetUserConfiguration(folder: 'root' | 'calendar', owner: string | undefined): EwsRequest {
  const mailbox =
    owner === undefined ? undefined : xml`<t:Mailbox><t:EmailAddress>${owner}</t:EmailAddress></t:Mailbox>`;
  return {
    operation: 'GetUserConfiguration',
    effect: 'read',
    body: xml`<m:GetUserConfiguration><m:UserConfigurationName Name="OWA.UserOptions"><t:DistinguishedFolderId Id="${folder}">${mailbox}</t:DistinguishedFolderId></m:UserConfigurationName><m:UserConfigurationProperties>Dictionary</m:UserConfigurationProperties></m:GetUserConfiguration>`,
  };
}

/** The value of `timezone` as the server has it, mostly a Windows id; null when there is none. */
export function readGetUserConfiguration(response: XmlElement): Entry<string | null> {
  return entriesOf(response, 1, (message) => {
    const dictionary = child(child(message, 'UserConfiguration'), 'Dictionary');
    for (const entry of childrenNamed(dictionary, 'DictionaryEntry')) {
      if (childText(child(entry, 'DictionaryKey'), 'Value')?.toLowerCase() !== 'timezone') continue;
      const name = childText(child(entry, 'DictionaryValue'), 'Value')?.trim() ?? '';
      return name === '' ? null : name;
    }
    return null;
  })[0] as Entry<string | null>;
}
