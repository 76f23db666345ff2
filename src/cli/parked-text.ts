/** Why an item is left alone, in words. Pure. */

/** Fault codes stay as they are. */
export function parkedText(parked: string | null): string {
  switch (parked) {
    case 'ambiguous':
      return 'several items could be its counterpart';
    case 'attendeeCopy':
      return 'a colleague’s meeting; it crosses through its organizer’s calendar';
    case 'oneWay':
      return 'its level does not let it cross';
    case 'linkEnded':
      return 'its pair was ended; the copy stays';
    default:
      return parked ?? '';
  }
}
