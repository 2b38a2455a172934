/**
 * The record as the only property of an entity, or the only field of a document.
 *
 * @module
 */
import { property } from "../http/response.ts";

const PROPERTY_NAME = "record";

/** Stands in for the record of an entity that holds other data: it is not a record, so the scheduler never overwrites it. */
const FOREIGN_DATA = "An entity that is not a status record";

/** How many bytes are passed to one call of `String.fromCharCode`, whose arguments are limited. */
const CHUNK_BYTES = 8_192;

/**
 * The properties of an entity that holds a record.
 *
 * @param value The bytes of the record.
 * @param type The name of the bytes type of the service.
 * @param attributes Further attributes of the property.
 */
export function propertiesOf(value: Uint8Array, type: string, attributes?: Readonly<Record<string, unknown>>): unknown {
  let binary = "";
  for (let offset = 0; offset < value.length; offset += CHUNK_BYTES) {
    binary += String.fromCharCode(...value.subarray(offset, offset + CHUNK_BYTES));
  }
  return { [PROPERTY_NAME]: { [type]: btoa(binary), ...attributes } };
}

/**
 * The record that an entity holds.
 *
 * @param properties The properties of the entity.
 * @param type The name of the bytes type of the service.
 * @returns The bytes of the record, or other bytes if the entity holds other data.
 */
export function recordIn(properties: unknown, type: string): Uint8Array {
  const isOnlyProperty = Object.keys(properties ?? {}).length === 1;
  const base64 = property(property(properties, PROPERTY_NAME), type);
  try {
    if (isOnlyProperty && typeof base64 === "string") {
      return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    }
  } catch {
    // not base64
  }
  return new TextEncoder().encode(FOREIGN_DATA);
}
