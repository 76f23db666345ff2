/** Recordings of contacts, tasks, messages and folders, and of errors about them. */
import { find } from './client.ts';
import type { RecordedScene, Stage } from './recorded-stage.ts';
import { openStage } from './recorded-stage.ts';
import {
  createContact,
  createTask,
  deleteItem,
  findItems,
  getFolder,
  getItem,
  idOf,
  setField,
  update,
} from './world.ts';

const entry = (key: string, value: string) => `<t:Entry Key="${key}">${value}</t:Entry>`;
const mails = `<t:EmailAddresses>${entry('EmailAddress1', 'alex.sample@example.test')}</t:EmailAddresses>`;
const phones = `<t:PhoneNumbers>${entry('HomePhone', '+1 555 0100')}</t:PhoneNumbers>`;
const home =
  '<t:PhysicalAddresses><t:Entry Key="Home"><t:Street>1 Example Street</t:Street><t:City>Exampletown</t:City><t:State>Examplestate</t:State><t:CountryOrRegion>Exampleland</t:CountryOrRegion><t:PostalCode>00000</t:PostalCode></t:Entry></t:PhysicalAddresses>';

async function readContact({ call, text }: Stage, content: string): Promise<string> {
  return text(getItem(idOf(await call(createContact(content))).id));
}

const createFolder = (parent: string, name: string, folderClass?: string) =>
  `<m:CreateFolder><m:ParentFolderId>${parent}</m:ParentFolderId><m:Folders><t:Folder>${folderClass === undefined ? '' : `<t:FolderClass>${folderClass}</t:FolderClass>`}<t:DisplayName>${name}</t:DisplayName></t:Folder></m:Folders></m:CreateFolder>`;
const root = '<t:DistinguishedFolderId Id="msgfolderroot"/>';
const folderIn = async (stage: Stage, parent: string, name: string) =>
  `<t:FolderId Id="${find((await stage.call(createFolder(parent, name))).body, 'FolderId')?.attributes.Id}"/>`;

async function readFolderWithChild(stage: Stage): Promise<string> {
  const folder = await folderIn(stage, root, 'Sample Name');
  await folderIn(stage, folder, 'Below');
  return stage.text(
    `<m:GetFolder><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape><m:FolderIds>${folder}</m:FolderIds></m:GetFolder>`,
  );
}

/** A message that was put into the mailbox as if it had come: flagged read and sent. */
const storedMessage =
  '<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId><t:DistinguishedFolderId Id="inbox"/></m:SavedItemFolderId><m:Items><t:Message><t:Subject>Sample subject</t:Subject><t:Body BodyType="HTML">Sample body&#xD;\n</t:Body><t:ExtendedProperty><t:ExtendedFieldURI PropertyTag="0xe07" PropertyType="Integer"/><t:Value>1</t:Value></t:ExtendedProperty></t:Message></m:Items></m:CreateItem>';

export const itemScenes: readonly RecordedScene[] = [
  {
    sample: 'createfolder-error-exists-ex2007sp1',
    profile: '2010sp2',
    async play({ call, text }) {
      await call(createFolder(root, 'Twice'));
      return text(createFolder(root, 'Twice'));
    },
  },
  {
    sample: 'createfolder-error-nonexistentmailbox-ex2007sp1',
    profile: '2010sp2',
    async play({ text }) {
      const elsewhere = await openStage('2010sp2', ['zoe']);
      const strange = await elsewhere.call(getFolder('inbox'), { user: 'zoe@example.test', password: 'zoe-pw1' });
      return text(createFolder(`<t:FolderId Id="${find(strange.body, 'FolderId')?.attributes.Id}"/>`, 'x'));
    },
  },
  {
    sample: 'deletefolder-error-distinguished-ex2010sp2',
    profile: '2010sp2',
    play: ({ text }) =>
      text(
        '<m:DeleteFolder DeleteType="HardDelete"><m:FolderIds><t:DistinguishedFolderId Id="inbox"/></m:FolderIds></m:DeleteFolder>',
      ),
  },
  {
    sample: 'deleteitem-error-itemnotfound-online15.20',
    profile: 'se',
    async play({ call, text }) {
      const { both } = idOf(await call(createContact('<t:GivenName>Alex</t:GivenName>')));
      const gone = deleteItem(`<t:ItemId ${both}/>`, '', 'HardDelete');
      await call(gone);
      return text(gone);
    },
  },
  {
    sample: 'findfolder-contactsfolders-allproperties-ex2019',
    profile: '2019',
    async play(stage) {
      const above = await folderIn(stage, root, 'Above');
      const classes = ['MOC.QuickContacts', 'MOC.ImContactList', 'Company', 'GalContacts'];
      for (const one of classes) await stage.call(createFolder(above, one, `IPF.Contact.${one}`));
      return stage.text(
        `<m:FindFolder Traversal="Shallow"><m:FolderShape><t:BaseShape>AllProperties</t:BaseShape></m:FolderShape><m:ParentFolderIds>${above}</m:ParentFolderIds></m:FindFolder>`,
      );
    },
  },
  {
    sample: 'finditem-contact-paged-online15.1',
    profile: '2016',
    async play({ call, text }) {
      for (let n = 0; n < 6; n += 1) await call(createContact('<t:GivenName>Alex</t:GivenName>'));
      const view = '<m:IndexedPageItemView MaxEntriesReturned="2" Offset="0" BasePoint="Beginning"/>';
      return text(findItems('', 'contacts', view).replace('IdOnly', 'AllProperties'));
    },
  },
  { sample: 'getfolder-allproperties-ex2007sp1', profile: '2010sp2', play: readFolderWithChild },
  { sample: 'getfolder-allproperties-ex2010sp2', profile: '2010sp2', play: readFolderWithChild },
  {
    sample: 'getitem-contact-allproperties-ex2013',
    profile: '2013',
    play: (stage) =>
      readContact(stage, `<t:GivenName>Alex</t:GivenName>${mails}${home}${phones}<t:Surname>Sample</t:Surname>`),
  },
  {
    sample: 'getitem-contact-allproperties-ex2019',
    profile: '2019',
    play: (stage) =>
      readContact(
        stage,
        `<t:GivenName>Alex</t:GivenName><t:CompanyName>Example Works</t:CompanyName>${mails}${phones}<t:Department>D</t:Department><t:JobTitle>T</t:JobTitle><t:Surname>Sample</t:Surname>`,
      ),
  },
  {
    sample: 'getitem-contact-allproperties-online15.20',
    profile: 'se',
    play: (stage) =>
      readContact(stage, `<t:GivenName>Alex</t:GivenName>${mails}${home}${phones}<t:Surname>Sample</t:Surname>`),
  },
  {
    sample: 'getitem-message-allproperties-online15.20',
    profile: 'se',
    play: async ({ call, text }) => text(getItem(idOf(await call(storedMessage)).id)),
  },
  {
    sample: 'getitem-task-allproperties-online15.1',
    profile: '2016',
    async play({ call, text }) {
      const version = 'Exchange2013';
      const header = '<t:TimeZoneContext><t:TimeZoneDefinition Id="India Standard Time"/></t:TimeZoneContext>';
      const rule =
        '<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Tuesday Wednesday Thursday</t:DaysOfWeek></t:WeeklyRecurrence><t:EndDateRecurrence><t:StartDate>2031-04-01</t:StartDate><t:EndDate>2031-04-11</t:EndDate></t:EndDateRecurrence></t:Recurrence>';
      const task = createTask(
        `<t:Subject>Sample subject</t:Subject><t:Body BodyType="HTML">Sample body&#xD;\n</t:Body><t:Importance>High</t:Importance><t:ReminderDueBy>2031-04-08T02:30:00Z</t:ReminderDueBy><t:ReminderIsSet>true</t:ReminderIsSet><t:ActualWork>1140</t:ActualWork><t:BillingInformation>sample text</t:BillingInformation><t:Companies><t:String>Sample value</t:String></t:Companies><t:DueDate>2031-04-10T00:00:00</t:DueDate><t:Mileage>sample text</t:Mileage><t:PercentComplete>20</t:PercentComplete>${rule}<t:StartDate>2031-04-01T00:00:00</t:StartDate><t:Status>InProgress</t:Status><t:TotalWork>1200</t:TotalWork>`,
      );
      return text(getItem(idOf(await call(task, { version, header })).id), { version });
    },
  },
  {
    sample: 'moveitem-message-online15.20',
    profile: 'se',
    async play({ call, text }) {
      const { both } = idOf(await call(storedMessage));
      return text(
        `<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id="deleteditems"/></m:ToFolderId><m:ItemIds><t:ItemId ${both}/></m:ItemIds></m:MoveItem>`,
      );
    },
  },
  {
    sample: 'updateitem-contact-ex2013',
    profile: '2013',
    async play({ call, text }) {
      const { both } = idOf(await call(createContact('<t:GivenName>Alex</t:GivenName>')));
      return text(
        update(`<t:ItemId ${both}/>`, setField('contacts:Surname', 'Contact', '<t:Surname>Sample</t:Surname>')),
      );
    },
  },
  {
    sample: 'updateitem-message-isread-online15.20',
    profile: 'se',
    async play({ call, text }) {
      const { both } = idOf(await call(storedMessage));
      const flag = setField('message:IsRead', 'Message', '<t:IsRead>false</t:IsRead>');
      const marked = update(`<t:ItemId ${both}/>`, flag);
      return text(marked.replace('<m:UpdateItem', '<m:UpdateItem MessageDisposition="SaveOnly"'));
    },
  },
];
