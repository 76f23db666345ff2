/** All operations by the name of their request element. */
import type { Operation } from './call.ts';
import { copyItem } from './operations/copy-item.ts';
import { createItem } from './operations/create-item.ts';
import { deleteItem } from './operations/delete-item.ts';
import { findFolder } from './operations/find-folder.ts';
import { findItem } from './operations/find-item.ts';
import { getFolder } from './operations/get-folder.ts';
import { getItem } from './operations/get-item.ts';
import { getServerTimeZones } from './operations/get-server-time-zones.ts';
import { getUserAvailability } from './operations/get-user-availability.ts';
import { getUserConfiguration } from './operations/get-user-configuration.ts';
import { moveItem } from './operations/move-item.ts';
import { resolveNames } from './operations/resolve-names.ts';
import { syncFolderHierarchy } from './operations/sync-folder-hierarchy.ts';
import { syncFolderItems } from './operations/sync-folder-items.ts';
import { updateItem } from './operations/update-item.ts';

export const operations: Readonly<Record<string, Operation>> = {
  CopyItem: copyItem,
  CreateItem: createItem,
  DeleteItem: deleteItem,
  FindFolder: findFolder,
  FindItem: findItem,
  GetFolder: getFolder,
  GetItem: getItem,
  GetServerTimeZones: getServerTimeZones,
  GetUserAvailabilityRequest: getUserAvailability,
  GetUserConfiguration: getUserConfiguration,
  MoveItem: moveItem,
  ResolveNames: resolveNames,
  SyncFolderHierarchy: syncFolderHierarchy,
  SyncFolderItems: syncFolderItems,
  UpdateItem: updateItem,
};

/** Operations whose answer has no ResponseMessages and is written without prefixes. */
export const bareAnswers: ReadonlySet<string> = new Set(['GetUserAvailabilityRequest']);
