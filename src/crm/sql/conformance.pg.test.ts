import { connectorConformance } from '#testing/connector-conformance.ts';
import { testCrm } from '#testing/sql-crm.ts';

connectorConformance('CRM in PostgreSQL', {
  async open(t) {
    const crm = await testCrm(t);
    await crm.employ('ada');
    return { connector: crm.connector('ada'), other: crm.connector('ada') };
  },
  roundTrips: 300,
  shared: ['contact'],
});
