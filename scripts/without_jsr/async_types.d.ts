// The declarations of what ./async.ts exports (@std/async, MIT license, the Deno authors): npm:deno-std leaves them out.

export interface DeadlineOptions {
  signal?: AbortSignal;
}

export interface DelayOptions {
  signal?: AbortSignal;
  persistent?: boolean;
}

export function abortable<T>(p: Promise<T>, signal: AbortSignal): Promise<T>;
export function abortable<T>(p: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T>;
export function deadline<T>(p: Promise<T>, ms: number, options?: DeadlineOptions): Promise<T>;
export function delay(ms: number, options?: DelayOptions): Promise<void>;
