/** The runtime's own Temporal where it has one (Node 26), else the polyfill. The only place that knows which. */
import type { Temporal as TemporalApi } from 'temporal-polyfill';

type Api = typeof TemporalApi;

const native = (globalThis as { readonly Temporal?: Api }).Temporal;

export const Temporal: Api = native ?? (await import('temporal-polyfill')).Temporal;
