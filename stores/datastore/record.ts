/**
 * The record as the one property of an entity, or the one field of a document.
 *
 * @module
 */
import { property } from "../http/exchange.ts";

/** What the property is called. */
const NAME = "record";

/** What stands for an entity of someone else: no record, and so it is never overwritten. */
const FOREIGN = "An entity that is no status record";

/** The most bytes that are made a text at once: arguments of a call are limited. */
const CHUNK_BYTES = 8_192;

/**
 * The properties of an entity that holds a record.
 *
 * @param value The record's bytes.
 * @param type What the service calls bytes.
 * @param more What else it is to know of the property.
 */
export function propertiesOf(value: Uint8Array, type: string, more?: Readonly<Record<string, unknown>>): unknown {
  let text = "";
  for (let offset = 0; offset < value.length; offset += CHUNK_BYTES) {
    text += String.fromCharCode(...value.subarray(offset, offset + CHUNK_BYTES));
  }
  return { [NAME]: { [type]: btoa(text), ...more } };
}

/**
 * The record that an entity holds.
 *
 * @param properties Its properties, whatever they are.
 * @param type What the service calls bytes.
 * @returns The record's bytes, or others that are no record if the entity is not one of ours.
 */
export function recordIn(properties: unknown, type: string): Uint8Array {
  const isAlone = Object.keys(properties ?? {}).length === 1;
  const text = property(property(properties, NAME), type);
  try {
    if (isAlone && typeof text === "string") return Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0));
  } catch {
    // not what the service calls bytes
  }
  return new TextEncoder().encode(FOREIGN);
}
