/** What the demo and its simulated Exchange say to each other: one answer per question. */
import type { EstateInput } from '#simulators/exchange/estate.ts';
import type { ProfileId } from '#simulators/exchange/faces/ews/profiles.ts';
import type { SeedOptions } from '#simulators/exchange/people/seed-mailbox.ts';

export type Ask =
  | { readonly kind: 'start'; readonly estate: EstateInput; readonly seed: number }
  | { readonly kind: 'seed'; readonly mailbox: string; readonly content: Omit<SeedOptions, 'random'> }
  /** One human-like edit. */
  | { readonly kind: 'edit'; readonly mailbox: string }
  /** Moves a mailbox to a server of another build. */
  | { readonly kind: 'move'; readonly mailbox: string; readonly version: ProfileId }
  | { readonly kind: 'counters' };

export type Answer =
  | { readonly kind: 'started'; readonly url: string }
  | { readonly kind: 'moved' }
  | { readonly kind: 'seeded'; readonly items: number }
  | { readonly kind: 'edited'; readonly edit: { readonly kind: string; readonly family: string } }
  | {
      readonly kind: 'counters';
      readonly requests: number;
      readonly invalidResponses: number;
      /** Messages that left any mailbox. */
      readonly mailsSent: number;
    };

export interface Question {
  readonly id: number;
  readonly ask: Ask;
}

export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: Answer }
  | { readonly id: number; readonly ok: false; readonly message: string };
