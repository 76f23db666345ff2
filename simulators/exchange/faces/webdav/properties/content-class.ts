/** `DAV:contentclass` beside the message class, for items and folders. */
import { familyOf } from '../../../truth/item.ts';

const prefix = 'urn:content-classes:';

const itemClasses: Readonly<Record<string, string>> = {
  person: 'IPM.Contact',
  group: 'IPM.DistList',
  appointment: 'IPM.Appointment',
  task: 'IPM.Task',
  message: 'IPM.Note',
  calendarmessage: 'IPM.Schedule.Meeting.Request',
  note: 'IPM.StickyNote',
};

/** The message class that a content class stands for; undefined for an unknown one. */
export function classOfContent(contentClass: string | undefined): string | undefined {
  return contentClass === undefined ? undefined : itemClasses[contentClass.toLowerCase().replace(prefix, '')];
}

const familyNames = { contact: 'person', list: 'group', appointment: 'appointment', task: 'task', message: 'message' };

export function contentOfClass(itemClass: string): string {
  if (itemClass.toLowerCase().startsWith('ipm.schedule.meeting')) return `${prefix}calendarmessage`;
  return `${prefix}${familyNames[familyOf(itemClass)]}`;
}

/** Content class of a folder by its class (`IPF.…`). */
export function contentOfFolder(folderClass: string): string {
  const names: Readonly<Record<string, string>> = {
    'IPF.Appointment': 'calendarfolder',
    'IPF.Contact': 'contactfolder',
    'IPF.Task': 'taskfolder',
    'IPF.Note': 'mailfolder',
    'IPF.StickyNote': 'notefolder',
    'IPF.Journal': 'journalfolder',
  };
  return `${prefix}${names[folderClass] ?? 'folder'}`;
}
