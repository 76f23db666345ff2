/** Numbers that CDO gives time zones (`urn:schemas:calendar:timezoneid`), each with the Windows id of today. */
const windowsIds: Readonly<Record<number, string>> = {
  0: 'UTC',
  1: 'GMT Standard Time',
  3: 'Romance Standard Time',
  4: 'W. Europe Standard Time',
  5: 'GTB Standard Time',
  6: 'Central Europe Standard Time',
  7: 'GTB Standard Time',
  8: 'E. South America Standard Time',
  9: 'Atlantic Standard Time',
  10: 'Eastern Standard Time',
  11: 'Central Standard Time',
  12: 'Mountain Standard Time',
  13: 'Pacific Standard Time',
  14: 'Alaskan Standard Time',
  15: 'Hawaiian Standard Time',
  17: 'New Zealand Standard Time',
  18: 'E. Australia Standard Time',
  19: 'Cen. Australia Standard Time',
  20: 'Tokyo Standard Time',
  21: 'Singapore Standard Time',
  22: 'SE Asia Standard Time',
  23: 'India Standard Time',
  24: 'Arabian Standard Time',
  25: 'Iran Standard Time',
  26: 'Arabic Standard Time',
  27: 'Israel Standard Time',
  28: 'Newfoundland Standard Time',
  29: 'Azores Standard Time',
  31: 'Greenwich Standard Time',
  32: 'SA Eastern Standard Time',
  33: 'SA Western Standard Time',
  34: 'US Eastern Standard Time',
  35: 'SA Pacific Standard Time',
  36: 'Canada Central Standard Time',
  37: 'Central Standard Time (Mexico)',
  38: 'US Mountain Standard Time',
  40: 'Fiji Standard Time',
  42: 'Tasmania Standard Time',
  43: 'West Pacific Standard Time',
  44: 'AUS Central Standard Time',
  45: 'China Standard Time',
  47: 'West Asia Standard Time',
  48: 'Afghanistan Standard Time',
  49: 'Egypt Standard Time',
  50: 'South Africa Standard Time',
  51: 'Russian Standard Time',
  53: 'Cape Verde Standard Time',
  54: 'Azerbaijan Standard Time',
  55: 'Central America Standard Time',
  56: 'E. Africa Standard Time',
  57: 'AUS Eastern Standard Time',
  58: 'Ekaterinburg Standard Time',
  59: 'FLE Standard Time',
  60: 'Greenland Standard Time',
  61: 'Myanmar Standard Time',
  62: 'Nepal Standard Time',
  63: 'North Asia East Standard Time',
  64: 'North Asia Standard Time',
  65: 'Pacific SA Standard Time',
  66: 'Sri Lanka Standard Time',
  67: 'Tonga Standard Time',
  68: 'Vladivostok Standard Time',
  69: 'W. Central Africa Standard Time',
  70: 'Yakutsk Standard Time',
  71: 'Central Asia Standard Time',
  72: 'Korea Standard Time',
  73: 'W. Australia Standard Time',
  74: 'Arab Standard Time',
  75: 'Taipei Standard Time',
  76: 'AUS Eastern Standard Time',
};

const numbers = new Map(
  Object.entries(windowsIds)
    .toReversed()
    .map(([number, id]) => [id, Number(number)]),
);

/** The number of a zone; undefined for one that CDO does not know. */
export function cdoZoneNumber(windowsId: string): number | undefined {
  return numbers.get(windowsId);
}

/** The Windows id behind a number. */
export function windowsIdOfCdo(number: number): string | undefined {
  return windowsIds[number];
}
