/** Message classes (MS-OXCMSG PidTagMessageClass). */

/** Whether an item class is this one or made from it; MAPI classes are not case-sensitive. */
export function isOfClass(itemClass: string, base: string): boolean {
  const [given, wanted] = [itemClass.toLowerCase(), base.toLowerCase()];
  return given === wanted || given.startsWith(`${wanted}.`);
}
