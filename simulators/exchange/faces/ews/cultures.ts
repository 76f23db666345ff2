/** Cultures by their locale number ([MS-LCID]); the ones that messages in an estate may be written in. */
const locales: Readonly<Record<string, number>> = {
  'ar-SA': 0x0401,
  'cs-CZ': 0x0405,
  'da-DK': 0x0406,
  'de-AT': 0x0c07,
  'de-CH': 0x0807,
  'de-DE': 0x0407,
  'el-GR': 0x0408,
  'en-AU': 0x0c09,
  'en-CA': 0x1009,
  'en-GB': 0x0809,
  'en-IE': 0x1809,
  'en-IN': 0x4009,
  'en-US': 0x0409,
  'es-ES': 0x0c0a,
  'es-MX': 0x080a,
  'fi-FI': 0x040b,
  'fr-BE': 0x080c,
  'fr-CA': 0x0c0c,
  'fr-CH': 0x100c,
  'fr-FR': 0x040c,
  'he-IL': 0x040d,
  'hu-HU': 0x040e,
  'it-IT': 0x0410,
  'ja-JP': 0x0411,
  'ko-KR': 0x0412,
  'nb-NO': 0x0414,
  'nl-BE': 0x0813,
  'nl-NL': 0x0413,
  'pl-PL': 0x0415,
  'pt-BR': 0x0416,
  'pt-PT': 0x0816,
  'ro-RO': 0x0418,
  'ru-RU': 0x0419,
  'sv-SE': 0x041d,
  'tr-TR': 0x041f,
  'uk-UA': 0x0422,
  'zh-CN': 0x0804,
  'zh-TW': 0x0404,
};

/** The locale number of a culture name; letters compare without case. */
export function localeId(culture: string): number | undefined {
  const wanted = culture.toLowerCase();
  for (const [name, id] of Object.entries(locales)) if (name.toLowerCase() === wanted) return id;
  return undefined;
}

export function cultureOf(id: number | undefined): string | undefined {
  for (const [name, one] of Object.entries(locales)) if (one === id) return name;
  return undefined;
}
