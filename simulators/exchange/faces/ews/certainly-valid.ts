/**
 * A quick yes: most requests are valid, and telling so from the tree that is read anyway costs a small part of what the
 * validator costs. Only what can be shown to follow the schema is accepted; for everything else, right or wrong, the
 * validator decides and gives the reasons. Content models of XML Schema are deterministic, so no choice is ever taken back.
 */
import type { XmlElement } from '#xml/reader.ts';
import { messagesNs } from './envelope.ts';
import { type ContentType, Grammar, type GroupParticle, type Particle } from './grammar.ts';

const grammars = new Map<string, Grammar>();

/**
 * Attributes that the tree does not tell from others: those with a prefix, beside declarations, and one whose name it cannot
 * hold. A text that seems to have any is not looked at here.
 */
const unseenAttribute = /[ \t\r\n](?:(?!xmlns:)[^\s<>"'=:/]+:[^\s<>"'=:/]+|__proto__)[ \t\r\n]*=/;

/** Whether an operation, read without a flaw from `text`, is valid beyond doubt. `folder` is a folder of `schema/`. */
export function isCertainlyValid(operation: XmlElement, text: string, folder: string): boolean {
  if (operation.ns !== messagesNs || unseenAttribute.test(text)) return false;
  let grammar = grammars.get(folder);
  if (grammar === undefined) {
    grammar = new Grammar(folder);
    grammars.set(folder, grammar);
  }
  return fits(operation, grammar.messageType(operation.name));
}

function fits(element: XmlElement, type: ContentType): boolean {
  const { attributes, children, text } = element;
  if (!type.isKnown) return false;
  for (const name in attributes) {
    const test = type.attributes.get(name);
    if (test === undefined || !test(attributes[name] as string)) return false;
  }
  for (const name of type.required) if (attributes[name] === undefined) return false;
  if (type.text !== undefined) return children.length === 0 && type.text(text);
  if (text !== '' && /[^ \t\r\n]/.test(text)) return false;
  if (type.content === undefined) return children.length === 0;
  return matched(type.content, children, 0) === children.length;
}

/** Where the children that a particle covers end; -1 when they do not fit it. */
function matched(particle: Particle, children: readonly XmlElement[], from: number): number {
  let at = from;
  if (particle.kind === 'element') {
    const { name, ns, max } = particle;
    for (let next = children[at]; next !== undefined && next.name === name && at - from < max; next = children[at]) {
      if (next.ns !== ns || !fits(next, particle.type())) return -1;
      at += 1;
    }
    return at - from >= particle.min ? at : -1;
  }
  for (let count = 0; count < particle.max; count += 1) {
    const next = children[at];
    if (next === undefined || !particle.first.has(next.name))
      return count >= particle.min || particle.mayBeEmpty ? at : -1;
    const end = matchedOnce(particle, children, at);
    if (end <= at) return end;
    at = end;
  }
  return at;
}

function matchedOnce(group: GroupParticle, children: readonly XmlElement[], from: number): number {
  if (group.kind === 'all') return matchedAll(group, children, from);
  let at = from;
  for (const part of group.parts) {
    const name = children[at]?.name ?? '';
    const begins = part.kind === 'element' ? part.name === name : part.first.has(name);
    if (group.kind === 'choice') {
      if (begins) return matched(part, children, at);
    } else if (begins) {
      at = matched(part, children, at);
      if (at < 0) return -1;
    } else if (!part.mayBeEmpty) return -1;
  }
  return at;
}

/** Each part once at most, in any order. */
function matchedAll(group: GroupParticle, children: readonly XmlElement[], from: number): number {
  const open = new Set(group.parts);
  let at = from;
  for (let next = children[at]; next !== undefined; next = children[at]) {
    const part = group.parts.find((one) => one.kind === 'element' && one.name === next?.name);
    if (part === undefined || !open.delete(part)) break;
    at = matched(part, children, at);
    if (at < 0) return -1;
  }
  return [...open].every((one) => one.mayBeEmpty) ? at : -1;
}
