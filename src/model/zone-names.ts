/**
 * Where the zone tables of `windows-iana` (CLDR windowsZones) are silent, outdated or use a spelling the tz database has
 * replaced. Windows ids as Exchange uses them, IANA ids as they are spelled now.
 */

/**
 * Windows zones of IANA ids that the tables miss or place among zones with another offset. Antarctica/Troll stays without
 * on purpose: no Windows zone has its rules.
 */
export const windowsZones: Readonly<Record<string, string>> = {
  'America/Ciudad_Juarez': 'Mountain Standard Time',
  'America/Coyhaique': 'Magallanes Standard Time',
  'Europe/Kyiv': 'FLE Standard Time',
  'Pacific/Kanton': 'UTC+13',
  // Old short names, since 2024 links to Brussels, Athens, Brussels and Lisbon.
  CET: 'Romance Standard Time',
  EET: 'GTB Standard Time',
  MET: 'Romance Standard Time',
  WET: 'GMT Standard Time',
  // Mexico 2022, Antarctica 2023, Greenland and Kazakhstan 2024 changed their clocks; Windows followed, the tables did not.
  'America/Chihuahua': 'Central Standard Time (Mexico)',
  'America/Ojinaga': 'Central Standard Time',
  'America/Scoresbysund': 'Greenland Standard Time',
  'Antarctica/Casey': 'W. Australia Standard Time',
  'Antarctica/Vostok': 'West Asia Standard Time',
  'Asia/Almaty': 'Qyzylorda Standard Time',
  'Asia/Qostanay': 'Qyzylorda Standard Time',
};

/** Representatives that the tables name wrongly or by an old spelling. */
export const representativeNames: Readonly<Record<string, string>> = {
  'Argentina Standard Time': 'America/Argentina/Buenos_Aires',
  'Central Asia Standard Time': 'Asia/Bishkek',
  'FLE Standard Time': 'Europe/Kyiv',
  'Greenland Standard Time': 'America/Nuuk',
  'India Standard Time': 'Asia/Kolkata',
  'Mountain Standard Time (Mexico)': 'America/Mazatlan',
  'Myanmar Standard Time': 'Asia/Yangon',
  'Nepal Standard Time': 'Asia/Kathmandu',
  'US Eastern Standard Time': 'America/Indiana/Indianapolis',
};

/** Zones of names that are no CLDR Windows id but that Exchange sends. */
export const otherNames: Readonly<Record<string, string>> = {
  'tzone://Microsoft/Utc': 'Etc/UTC',
  UTC: 'Etc/UTC',
  'Etc/GMT': 'Etc/UTC',
  GMT: 'Etc/UTC',
  Z: 'Etc/UTC',
  'Coordinated Universal Time': 'Etc/UTC',
  // Obsolete Windows ids that old items still carry.
  'Kamchatka Standard Time': 'Asia/Kamchatka',
  'Mid-Atlantic Standard Time': 'Etc/GMT+2',
};
