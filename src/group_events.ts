/**
 * The events of the members of a group.
 *
 * @module
 */
import { NeatPeriodicTaskEvent, type NeatPeriodicTaskEventDetail, SafeEventTarget } from "./events.ts";
import { logTo } from "./log.ts";
import type { NeatPeriodicTaskScheduler } from "./scheduler.ts";

/** A member of a group. It may come from another copy of the package, so only its methods are used. */
type Member = Pick<NeatPeriodicTaskScheduler, "addEventListener">;
type EventType = Parameters<Member["addEventListener"]>[0];

/** Passes events of members on to the listeners of a group. Listens to a member only for types that the group has listeners for. */
export class GroupEvents {
  readonly #members: Iterable<Member>;
  readonly #types = new Set<string>();
  readonly #target = new SafeEventTarget((error, event) => this.#report(error, event));
  /** Reports the error of a listener to the member whose event is passed on. */
  readonly #reports = new WeakMap<Event, (error: unknown) => void>();

  /**
   * Creates the events of a group.
   *
   * @param members The members of the group, also those that are added later.
   */
  constructor(members: Iterable<Member>) {
    this.#members = members;
  }

  /** Adds a listener. */
  addEventListener(...[type, listener, options]: Parameters<SafeEventTarget["addEventListener"]>): void {
    this.#target.addEventListener(type, listener, options);
    if (listener === null || this.#types.has(type)) return;
    this.#types.add(type);
    for (const member of this.#members) this.#listen(member, type);
  }

  /** Removes a listener. */
  removeEventListener(...[type, listener, options]: Parameters<SafeEventTarget["removeEventListener"]>): void {
    this.#target.removeEventListener(type, listener, options);
  }

  /** Dispatches an event to the listeners. */
  dispatchEvent(event: Event): boolean {
    return this.#target.dispatchEvent(event);
  }

  /** Passes on the events of a member that was added after the first listener. */
  join(member: Member): void {
    for (const type of this.#types) this.#listen(member, type);
  }

  #listen(member: Member, type: string): void {
    member.addEventListener(type as EventType, (event) => this.#pass(event));
  }

  /**
   * Dispatches a copy of an event, as an event has one target.
   *
   * @returns Rejects with the first error of a listener, so that the member logs it. Otherwise never settles.
   */
  #pass(event: Event & NeatPeriodicTaskEventDetail): Promise<never> {
    const copy = copyOf(event);
    return new Promise((_, reject) => {
      this.#reports.set(copy, reject);
      this.#target.dispatchEvent(copy);
    });
  }

  #report(error: unknown, event: Event): void {
    const report = this.#reports.get(event);
    this.#reports.delete(event);
    if (report) report(error);
    // an event that was dispatched to the group, or a further error for the same event
    else logTo(undefined, "warn", "neat-periodic-task: a listener of the group failed", error);
  }
}

function copyOf(event: Event & NeatPeriodicTaskEventDetail): NeatPeriodicTaskEvent {
  const { name, instance, time } = event;
  // some runtimes keep the state of an event in properties of their own: isTrusted, and some with symbols as their names
  const detail = Object.fromEntries(Object.entries(event).filter(([key]) => key !== "isTrusted"));
  return new NeatPeriodicTaskEvent(event.type, { ...detail, name, instance, time });
}
