/** The names a contact is listed under in Outlook: a contact without them is a blank line there. */
import type { Path } from '#model/groups.ts';
import { groupOf } from '#model/groups.ts';
import type { Contact } from '#model/item.ts';

/** FileAs and DisplayName (also the Subject); undefined when the contact has nothing to be named by. */
export interface ListedNames {
  readonly fileAs: string | undefined;
  readonly displayName: string | undefined;
}

/** `Surname, Given Middle` to file under and the full name to show; a company or an address where there is no name. */
export function listedNames(contact: Contact): ListedNames {
  const { prefix, given, middle, surname, suffix } = contact.name ?? {};
  const forenames = spaced(given, middle);
  const fileAs = surname !== undefined && forenames !== undefined ? `${surname}, ${forenames}` : (surname ?? forenames);
  return {
    fileAs: fileAs ?? otherName(contact),
    displayName: spaced(prefix, given, middle, surname, suffix) ?? otherName(contact),
  };
}

/** Whether an update of these paths can change the names a contact is listed under. */
export function touchesNames(paths: readonly Path[]): boolean {
  return paths.some((path) => groupOf(path) === 'name' || path === 'organization' || path === 'organization.company');
}

function otherName({ emails, name, organization }: Contact): string | undefined {
  return organization?.company ?? name?.nickname ?? emails?.['1'] ?? emails?.['2'] ?? emails?.['3'];
}

/** The parts that are there, with blanks between. */
export function spaced(...parts: readonly (string | undefined)[]): string | undefined {
  const present = parts.filter((part) => part !== undefined);
  return present.length === 0 ? undefined : present.join(' ');
}
