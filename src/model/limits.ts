/** Bounds of an item. An item beyond them is refused with a reason (`validate.ts`), never cut. */
export const limits = {
  /** Outlook and Exchange keep 255 characters of a subject (MS-OXCMSG PidTagSubject). */
  titleCharsMax: 255,
  locationCharsMax: 255,
  /** Names, telephone numbers, addresses and other one-line values. */
  lineCharsMax: 255,
  emailCharsMax: 320,
  urlCharsMax: 2048,
  streetCharsMax: 1024,
  bodyCharsMax: 1_000_000,
  htmlCharsMax: 4_000_000,
  /** Elements nested deeper than this are left out when text is derived from HTML. */
  htmlDepthMax: 200,
  categoriesMax: 100,
  categoryCharsMax: 255,
  childrenMax: 100,
  attendeesMax: 1000,
  overridesMax: 1000,
  /** Five years (EWS ErrorCalendarDurationIsTooLong); no five years have more than two leap days. */
  durationDaysMax: 5 * 365 + 2,
  /** Five years as well; Exchange itself names no bound. */
  reminderMinutesMax: (5 * 365 + 2) * 24 * 60,
  /** Exchange dates begin with the FILETIME era and series end by 4500-09-01 (EWS ErrorRecurrenceEndDateTooBig). */
  firstDate: '1601-01-01',
  lastDate: '4500-08-31',
} as const;
