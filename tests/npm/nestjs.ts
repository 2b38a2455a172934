/** The versions of Nest that the tests use: 12 is an ES module, the others are CommonJS. */
export const NEST_VERSIONS = [10, 11, 12] as const;

/** A version of Nest. */
export type NestVersion = typeof NEST_VERSIONS[number];

/** The packages of an application without a server, as npm takes them. */
export function nestPackages(version: NestVersion): string[] {
  return [`@nestjs/common@${version}`, `@nestjs/core@${version}`, "reflect-metadata@0.2.2", "rxjs@7.8.2"];
}
