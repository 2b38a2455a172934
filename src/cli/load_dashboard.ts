/**
 * Loads the entry point `./dashboard`, which stands on hono.
 *
 * @module
 */
import type { StatusStore } from "../store/store.ts";

/** What the command line uses of the entry point `./dashboard`. */
export interface DashboardModule {
  dashboard(
    options: { readonly store: StatusStore; readonly actions: boolean; readonly errorText: (error: unknown) => string },
  ): {
    readonly fetch: (request: Request) => Response | Promise<Response>;
  };
}

/** Loads the dashboard. Rejects if hono is not installed. */
export async function loadDashboard(): Promise<DashboardModule> {
  return await import("../dashboard.ts");
}
