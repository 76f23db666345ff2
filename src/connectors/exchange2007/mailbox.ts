/** One open mailbox: what the parts of the connector share for its life. */
import { fault } from '#contract/fault.ts';
import type { Kind, ZoneId } from '#model/item.ts';
import { ianaZoneOf } from '#model/zones.ts';
import type { Ports } from '#ports/ports.ts';
import { newGlobalObjectId } from '../mapi/global-object-id.ts';
import { Folder } from './folder.ts';
import type { KindMapping, MappingContext } from './mapping/mapping.ts';
import { mappings } from './mapping/mappings.ts';
import { pathOfHref } from './operations/href.ts';
import { readMultistatus } from './operations/multistatus.ts';
import { exchange, httpmail, named, type Property } from './operations/property.ts';
import { buildPropfind } from './operations/propfind.ts';
import type { Exchange2007Settings } from './options.ts';
import type { Found } from './outcome.ts';
import type { DavSession } from './transport/session.ts';

/** The folders by their role, which names in any language do not hide. */
const roles = {
  contacts: httpmail('contacts'),
  calendar: httpmail('calendar'),
  tasks: httpmail('tasks'),
  deletedItems: httpmail('deleteditems'),
} as const;
const zoneProperty = exchange('timezone');

interface Root {
  readonly paths: { readonly [role in keyof typeof roles]: string | undefined };
  readonly zone: ZoneId | undefined;
}

export class Mailbox {
  readonly settings: Exchange2007Settings;
  readonly ports: Ports;
  readonly session: DavSession;
  readonly linkKey: Property;
  readonly #folders = new Map<Kind, Folder>();
  #root: Promise<Found<Root>> | undefined;
  #readsBatches = true;

  constructor(settings: Exchange2007Settings, ports: Ports, session: DavSession) {
    this.settings = settings;
    this.ports = ports;
    this.session = session;
    this.linkKey = named('publicStrings', settings.linkKeyName);
  }

  now(): number {
    return this.ports.clock.now();
  }

  mapping(kind: Kind): KindMapping {
    return mappings[kind];
  }

  /** Several items may be read with one request. */
  get readsBatches(): boolean {
    return this.#readsBatches;
  }

  /** A filter in front of the server does not let BPROPFIND through: items are read one by one from now on. */
  readSingly(status: number | undefined): void {
    if (!this.#readsBatches) return;
    this.#readsBatches = false;
    this.ports.log({ level: 'warn', event: 'webdav.verbBlocked', method: 'BPROPFIND', status });
  }

  /** The user's folder of a kind. */
  async folder(kind: Kind): Promise<Found<Folder>> {
    const known = this.#folders.get(kind);
    if (known !== undefined) return { ok: true, value: known };
    const role = this.mapping(kind).folder;
    const root = await this.root();
    if (!root.ok) return root;
    const path = root.value.paths[role];
    if (path === undefined) {
      return {
        ok: false,
        trouble: { fault: fault('mailbox.folderGone', `The mailbox has no ${role} folder.`), certain: true },
      };
    }
    const folder = this.#folders.get(kind) ?? new Folder(path, this.session, this.settings);
    this.#folders.set(kind, folder);
    return { ok: true, value: folder };
  }

  /** Where deleted items go; undefined when the mailbox does not tell. */
  async deletedItems(): Promise<Found<string | undefined>> {
    const root = await this.root();
    return root.ok ? { ok: true, value: root.value.paths.deletedItems } : root;
  }

  async context(): Promise<Found<MappingContext>> {
    const root = await this.root();
    if (!root.ok) return root;
    const context: MappingContext = {
      mailboxZone: root.value.zone ?? this.settings.mailboxZone,
      mailbox: this.settings.mailbox,
      now: `${new Date(this.now()).toISOString().slice(0, 19)}Z`,
      newGlobalObjectId: () => newGlobalObjectId(this.now(), this.ports.random.bytes(16)),
    };
    return { ok: true, value: context };
  }

  /** The mailbox's root, asked for once; trouble is asked about again. */
  async root(): Promise<Found<Root>> {
    this.#root ??= this.#askRoot();
    const root = await this.#root;
    if (!root.ok) this.#root = undefined;
    return root;
  }

  async #askRoot(): Promise<Found<Root>> {
    const { rootPath } = this.settings;
    const root = await this.#askAt(rootPath);
    // Who has rights on single folders only may still ask the hidden half of the mailbox where they are.
    if (root.ok || root.trouble.fault.code !== 'mailbox.denied') return root;
    const hidden = await this.#askAt(`${rootPath}NON_IPM_SUBTREE/`);
    return hidden.ok ? hidden : root;
  }

  async #askAt(path: string): Promise<Found<Root>> {
    const answer = await this.session.call(buildPropfind(path, 'mailbox', [...Object.values(roles), zoneProperty]));
    if (!answer.ok) return answer;
    const [response] = answer.value.multistatus === undefined ? [] : readMultistatus(answer.value.multistatus);
    const pathOf = (role: keyof typeof roles) => {
      const href = response?.found.text(roles[role]);
      const found = href && pathOfHref(href.trim());
      return found ? found.replace(/\/*$/, '/') : undefined;
    };
    const paths = {
      contacts: pathOf('contacts'),
      calendar: pathOf('calendar'),
      tasks: pathOf('tasks'),
      deletedItems: pathOf('deletedItems'),
    };
    return { ok: true, value: { paths, zone: ianaZoneOf(response?.found.text(zoneProperty) ?? '') } };
  }
}
