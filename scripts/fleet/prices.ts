/**
 * List prices of calls, in US dollars a million, in a region of the USA. Seen in November 2026: check the price lists.
 *
 * @module
 */

/** The price of calls of a store. */
export interface CallPrice {
  readonly store: string;
  readonly read: number;
  readonly write: number;
}

/** The stores that are paid by the call. The others are paid by the server. */
export const CALL_PRICES: readonly CallPrice[] = [
  // operations of class B and A: cloud.google.com/storage/pricing
  { store: "Cloud Storage", read: 0.4, write: 5 },
  // GET and PUT: aws.amazon.com/s3/pricing
  { store: "S3", read: 0.4, write: 5 },
  // cloud.google.com/firestore/pricing, without the free calls of a day
  { store: "Firestore, Datastore", read: 0.3, write: 0.9 },
];
