/** F18: what the engine's clock shows. The world's own time is right; this is only a view of it. */
import type { ClockShape } from './script.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How far the engine's clock is ahead of the world's. */
export function aheadMs(shape: ClockShape | undefined, nowMs: number, startMs: number): number {
  if (shape === undefined) return 0;
  const { form, amountMs } = shape;
  switch (form) {
    case 'offset':
      return amountMs;
    case 'drift':
      return Math.round(((nowMs - startMs) / hourMs) * amountMs);
    case 'periodic':
      return Math.round(amountMs * Math.sin((2 * Math.PI * (nowMs - startMs)) / dayMs));
    case 'noise':
      // Any number that jumps about and depends on nothing but the time.
      return (Math.imul(nowMs % 2 ** 31, 0x9e3779b1) >>> 0) % (amountMs + 1);
  }
}

/** Two looks at the clock may disagree by this much about the same moment. */
export function trembleMs(shape: ClockShape | undefined): number {
  return shape?.form === 'noise' ? shape.amountMs : 0;
}
