import { assertEquals } from "@std/assert";
import { headOf, messageLength } from "./http_message.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const lengthOf = (text: string) => messageLength(bytes(text));

const WITH_BODY = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n5\r\nhello\r\n1a\r\n" + "0\r\n\r\n".repeat(5) +
  "a\r\n0\r\n\r\n";
const EMPTY = "GET / HTTP/1.1\r\nhost: here\r\n\r\n";

Deno.test("messageLength() counts a body by its length or its chunks, and none without either", () => {
  for (const message of [WITH_BODY, CHUNKED, EMPTY]) {
    assertEquals(lengthOf(message), message.length);
    assertEquals(lengthOf(message + WITH_BODY), message.length);
  }
});

Deno.test("messageLength() is undefined for an incomplete message", () => {
  for (const message of [WITH_BODY, CHUNKED, EMPTY]) {
    for (let length = 0; length < message.length; length++) assertEquals(lengthOf(message.slice(0, length)), undefined);
  }
});

Deno.test("headOf() returns the first line and the lengths of head and body", () => {
  const { first, length, body } = headOf(bytes(WITH_BODY))!;
  assertEquals([first, length, body], ["HTTP/1.1 200 OK", WITH_BODY.length - 5, 5]);
});
