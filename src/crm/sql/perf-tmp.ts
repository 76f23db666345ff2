import { testCrm } from '#testing/sql-crm.ts';
import { openDatabase } from '#postgres/database.ts';
import { openSqlCrm } from '#crm/sql/adapter.ts';
import { systemPorts } from '#ports/system-ports.ts';
const afters: (() => Promise<void>)[] = [];
const crm = await testCrm({ after: (f) => { afters.push(f); } });
const ada = await crm.employ('ada');
await crm.database.script(`insert into crm.contact (last_name) select 'n' || n from generate_series(1, 30000) n;
 insert into crm.contact_email select id, '1', 'a' || id || '@x.example' from crm.contact;
 insert into crm.contact_phone select id, 'home', '1' from crm.contact;
 insert into crm.contact_phone select id, 'mobile', '1' from crm.contact;
 insert into crm.sync_list select id, ${ada} from crm.contact where id <= 3000;
 insert into crm.activity (display, owner_employee_id, description, planned_start, planned_completion) select 'Calendar and Activities', ${ada}, 'x', '2026-01-01', '2026-01-01' from generate_series(1, 30000);
 insert into crm.activity_other select id, 'x@y' from crm.activity;
 ${process.argv[2] === 'analyze' ? 'analyze;' : ''}`);
const logged = new Map<string, { text: string; values: any; ms: number; n: number }>();
const db = openDatabase(crm.url, { max: 2 });
const wrap = (q: any) => ({ ...q, query: async (name: string, text: string, values: any) => { const t = performance.now(); const r = await q.query(name, text, values); const e = logged.get(name) ?? { text, values, ms: 0, n: 0 }; e.ms += performance.now() - t; e.n++; logged.set(name, e); return r; } });
const spy: any = { ...wrap(db), transaction: (w: any, o: any) => db.transaction((q) => w(wrap(q)), o) };
const c = openSqlCrm({ database: spy, employeeLogin: 'ada' }, systemPorts());
for (let round = 0; round < 8; round++) {
for (const kind of ['contact', 'event'] as const) {
  const page: any = await c.changes(kind, null);
  const ids = page.value.changes.slice(0, 100).map((x: any) => x.id);
  const r: any = await c.read(kind, ids);
  const paths = kind === 'contact' ? ['name.given', 'emails.1', 'phones.home', 'addresses.home'] : ['title', 'attendees.x@y', 'recurrence'];
  const ups = r.value.map((o: any) => ({ id: o.snapshot.id, version: o.snapshot.version, paths, target: kind === 'contact' ? { ...o.snapshot.item, name: { given: 'g' + round }, emails: { '1': `n${round}@x.example` }, phones: round % 2 ? { home: '7' } : {}, addresses: round % 2 ? { home: { city: 'U' } } : {} } : { ...o.snapshot.item, title: 't' + round, attendees: round % 2 ? { 'x@y': { role: 'optional' } } : { 'x@y': { role: 'required' } } } }));
  const out = await c.update(kind, ups);
  if (out.some((o: any) => o.kind !== 'applied')) console.log(JSON.stringify(out[0]));
}}
await c.create('contact', Array.from({length: 100}, (_, i) => ({ linkKey: 'k' + i, item: { kind: 'contact', name: { given: 'x' }, emails: { '1': 'q@q.q' } } as any })));
for (const [name, e] of [...logged].sort((a, b) => b[1].ms - a[1].ms)) console.log((e.ms / e.n).toFixed(1).padStart(8), 'ms', String(e.n).padStart(3), name);
if (process.argv[3]) for (const name of process.argv[3].split(',')) {
  const e = logged.get(name)!;
  let text = e.text; e.values.forEach((v: any, i: number) => { text = text.replaceAll(`$${i + 1}`, typeof v === 'number' ? String(v) : Array.isArray(v) ? `'{${v.join(',')}}'` : `'${String(v).replaceAll("'", "''")}'`); });
  await db.transaction(async (q) => { for (const row of await q.query<any>('x' + name, `explain (analyze, buffers off) ${text}`)) { const l = Object.values(row)[0] as string; console.log(l.slice(0, 150)); } });
}
await db.close();
for (const f of afters) await f();
process.exit(0);
