/** The properties of an appointment (MS-OXOCAL 2.2.1), the general ones aside. */
import { calendar, lid } from '../operations/property.ts';

export const eventProperties = {
  location: calendar('location'),
  start: calendar('dtstart', 'dateTime.tz'),
  end: calendar('dtend', 'dateTime.tz'),
  durationSeconds: calendar('duration', 'int'),
  allDay: calendar('alldayevent', 'boolean'),
  busyStatusName: calendar('busystatus'),
  instanceType: calendar('instancetype', 'int'),
  uid: calendar('uid'),
  startWhole: lid('appointment', 0x820d, 'dateTime.tz'),
  endWhole: lid('appointment', 0x820e, 'dateTime.tz'),
  durationMinutes: lid('appointment', 0x8213, 'int'),
  subType: lid('appointment', 0x8215, 'boolean'),
  busyStatus: lid('appointment', 0x8205, 'int'),
  sequence: lid('appointment', 0x8201, 'int'),
  stateFlags: lid('appointment', 0x8217, 'int'),
  responseStatus: lid('appointment', 0x8218, 'int'),
  recurrence: lid('appointment', 0x8216, 'bin.base64'),
  isRecurring: lid('appointment', 0x8223, 'boolean'),
  recurrenceType: lid('appointment', 0x8231, 'int'),
  zoneStruct: lid('appointment', 0x8233, 'bin.base64'),
  zoneDescription: lid('appointment', 0x8234, 'string'),
  clipStart: lid('appointment', 0x8235, 'dateTime.tz'),
  clipEnd: lid('appointment', 0x8236, 'dateTime.tz'),
  startZone: lid('appointment', 0x825e, 'bin.base64'),
  endZone: lid('appointment', 0x825f, 'bin.base64'),
  seriesZone: lid('appointment', 0x8260, 'bin.base64'),
  globalObjectId: lid('meeting', 0x0003, 'bin.base64'),
  cleanGlobalObjectId: lid('meeting', 0x0023, 'bin.base64'),
} as const;

/** Values of `instancetype`: what the server shows one row of a calendar for. */
export const instanceTypes = { single: 0, master: 1, occurrence: 2, exception: 3 } as const;
