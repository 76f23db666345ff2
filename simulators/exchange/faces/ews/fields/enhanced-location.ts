/** EnhancedLocation ([MS-OXWSMTGS] 2.2.4.17): a place with its address, kept part by part beside the plain location. */
import { child, childText } from '#xml/reader.ts';
import { propertyOf } from '../../../truth/item.ts';
import { named, type PropertyKey } from '../../../truth/properties.ts';
import { event, propertySets } from '../../../truth/property-keys.ts';
import { element } from '../text.ts';
import type { Field } from './field.ts';

const part = (name: string): PropertyKey<string> => named(propertySets.PublicStrings, `Location${name}`, 'String');

const displayName = part('DisplayName');
const annotation = part('Annotation');

/** Elements of PostalAddress in schema order. */
const addressParts: readonly (readonly [string, PropertyKey<string>])[] = [
  'Street',
  'City',
  'State',
  'Country',
  'PostalCode',
  'PostOfficeBox',
  'Type',
  'Latitude',
  'Longitude',
  'Accuracy',
  'Altitude',
  'AltitudeAccuracy',
  'FormattedAddress',
  'LocationUri',
  'LocationSource',
].map((name) => [name, part(name.replace(/^Location/, ''))] as const);

export const enhancedLocation: Field = {
  uri: 'calendar:EnhancedLocation',
  element: 'EnhancedLocation',
  shape: 'asked',
  since: 'Exchange2013',
  write(view) {
    const name = propertyOf(view, displayName) ?? propertyOf(view, event.location);
    if (name === undefined) return '';
    const note = propertyOf(view, annotation);
    const parts = addressParts.map(([tag, key]) => {
      const value = propertyOf(view, key);
      return value === undefined ? '' : element(tag, value);
    });
    const source = propertyOf(view, part('Source')) === undefined ? element('LocationSource', 'None') : '';
    return `<t:EnhancedLocation>${element('DisplayName', name)}${note === undefined ? '' : element('Annotation', note)}<t:PostalAddress>${parts.join('')}${source}</t:PostalAddress></t:EnhancedLocation>`;
  },
  set({ draft }, value) {
    const name = childText(value, 'DisplayName') ?? '';
    draft.set(displayName, name);
    draft.set(event.location, name);
    draft.put(annotation, childText(value, 'Annotation'));
    const address = child(value, 'PostalAddress');
    for (const [tag, key] of addressParts) draft.put(key, childText(address, tag));
  },
  clear({ draft }) {
    for (const key of [displayName, annotation, event.location]) draft.delete(key);
    for (const [, key] of addressParts) draft.delete(key);
  },
};
