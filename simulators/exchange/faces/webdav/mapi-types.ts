/** Property types by the code at the end of a tag ([MS-OXCDATA] 2.11.1). */
import type { PropertyType } from '../../truth/properties.ts';

const scalars: Readonly<Record<number, PropertyType>> = {
  2: 'Short',
  3: 'Integer',
  4: 'Float',
  5: 'Double',
  6: 'Currency',
  7: 'ApplicationTime',
  11: 'Boolean',
  20: 'Long',
  30: 'String',
  31: 'String',
  64: 'SystemTime',
  72: 'CLSID',
  258: 'Binary',
};

const many = 0x1000;

/** The type; undefined for one that WebDAV never shows, such as objects. Text of both widths is the same. */
export function typeOfCode(code: number): PropertyType | undefined {
  const scalar = scalars[code & ~many];
  if (scalar === undefined || (code & many) === 0) return scalar;
  return scalar === 'Boolean' ? undefined : (`${scalar}Array` as PropertyType);
}
