/** All operations by the name of their request element. */
import type { Operation } from './call.ts';
import { convertId } from './operations/convert-id.ts';
import { copyFolder } from './operations/copy-folder.ts';
import { copyItem } from './operations/copy-item.ts';
import { createAttachment } from './operations/create-attachment.ts';
import { createFolder } from './operations/create-folder.ts';
import { createItem } from './operations/create-item.ts';
import { addDelegate, getDelegate, removeDelegate, updateDelegate } from './operations/delegates.ts';
import { deleteAttachment } from './operations/delete-attachment.ts';
import { deleteFolder } from './operations/delete-folder.ts';
import { deleteItem } from './operations/delete-item.ts';
import { emptyFolder } from './operations/empty-folder.ts';
import { exportItems, uploadItems } from './operations/export-items.ts';
import { findFolder } from './operations/find-folder.ts';
import { findItem } from './operations/find-item.ts';
import { findPeople } from './operations/find-people.ts';
import { getAttachment } from './operations/get-attachment.ts';
import { getEvents } from './operations/get-events.ts';
import { getFolder } from './operations/get-folder.ts';
import { getItem } from './operations/get-item.ts';
import { getServerTimeZones } from './operations/get-server-time-zones.ts';
import { getUserAvailability } from './operations/get-user-availability.ts';
import { moveFolder } from './operations/move-folder.ts';
import { moveItem } from './operations/move-item.ts';
import { resolveNames } from './operations/resolve-names.ts';
import { sendItem } from './operations/send-item.ts';
import {
  getPasswordExpirationDate,
  getRoomLists,
  getRooms,
  markAllItemsAsRead,
} from './operations/small-operations.ts';
import { subscribe, unsubscribe } from './operations/subscribe.ts';
import { syncFolderHierarchy } from './operations/sync-folder-hierarchy.ts';
import { syncFolderItems } from './operations/sync-folder-items.ts';
import { updateFolder } from './operations/update-folder.ts';
import { updateItem } from './operations/update-item.ts';
import {
  createUserConfiguration,
  deleteUserConfiguration,
  getUserConfiguration,
  updateUserConfiguration,
} from './operations/user-configuration.ts';
import { getUserOofSettings, setUserOofSettings } from './operations/user-oof-settings.ts';

export const operations: Readonly<Record<string, Operation>> = {
  AddDelegate: addDelegate,
  ConvertId: convertId,
  CopyFolder: copyFolder,
  CreateAttachment: createAttachment,
  CreateFolder: createFolder,
  DeleteAttachment: deleteAttachment,
  CreateUserConfiguration: createUserConfiguration,
  DeleteUserConfiguration: deleteUserConfiguration,
  UpdateUserConfiguration: updateUserConfiguration,
  DeleteFolder: deleteFolder,
  EmptyFolder: emptyFolder,
  GetAttachment: getAttachment,
  GetDelegate: getDelegate,
  GetEvents: getEvents,
  MoveFolder: moveFolder,
  RemoveDelegate: removeDelegate,
  UpdateDelegate: updateDelegate,
  UpdateFolder: updateFolder,
  GetUserOofSettingsRequest: getUserOofSettings,
  SetUserOofSettingsRequest: setUserOofSettings,
  SendItem: sendItem,
  Subscribe: subscribe,
  Unsubscribe: unsubscribe,
  CopyItem: copyItem,
  CreateItem: createItem,
  DeleteItem: deleteItem,
  ExportItems: exportItems,
  FindFolder: findFolder,
  FindItem: findItem,
  FindPeople: findPeople,
  GetFolder: getFolder,
  GetItem: getItem,
  GetPasswordExpirationDate: getPasswordExpirationDate,
  GetRoomLists: getRoomLists,
  GetRooms: getRooms,
  GetServerTimeZones: getServerTimeZones,
  GetUserAvailabilityRequest: getUserAvailability,
  GetUserConfiguration: getUserConfiguration,
  MarkAllItemsAsRead: markAllItemsAsRead,
  MoveItem: moveItem,
  ResolveNames: resolveNames,
  SyncFolderHierarchy: syncFolderHierarchy,
  SyncFolderItems: syncFolderItems,
  UpdateItem: updateItem,
  UploadItems: uploadItems,
};

/** Operations whose answer has no ResponseMessages and is written without prefixes. */
export const bareAnswers: ReadonlySet<string> = new Set([
  'GetUserAvailabilityRequest',
  'GetUserOofSettingsRequest',
  'SetUserOofSettingsRequest',
]);

/** Operations whose response element is a response message itself. */
export const messageAnswers: ReadonlySet<string> = new Set([
  'AddDelegate',
  'GetDelegate',
  'GetRoomLists',
  'GetRooms',
  'RemoveDelegate',
  'UpdateDelegate',
]);

/** Operations whose response element is a response message itself, written without prefixes. */
export const bareMessageAnswers: ReadonlySet<string> = new Set(['FindPeople', 'GetPasswordExpirationDate']);
