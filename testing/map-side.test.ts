import { connectorConformance } from './connector-conformance.ts';
import { MapSide } from './map-side.ts';

connectorConformance('Reference side', {
  async open() {
    const side = new MapSide({ name: 'x' });
    return { connector: side.connector(), other: side.connector() };
  },
});
