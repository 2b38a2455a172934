/**
 * Creates the table of records.
 *
 * @module
 */
import { cannot } from "../../src/errors.ts";
import { columnsOf } from "./answers.ts";
import { callPostgres, type PostgresCall } from "./call.ts";
import type { PostgresDriver } from "./driver.ts";
import { isCreatedByAnother } from "./errors.ts";
import { createStatement, existsStatement, type Table } from "./statements.ts";

/** How often the table is created while other sessions create it, too. */
const MAX_ATTEMPTS = 5;

/**
 * Creates the table unless it exists.
 *
 * It looks first: `IF NOT EXISTS` needs the right to create a table that exists, and makes the server send a notice, which drivers print.
 */
export async function createTable(driver: PostgresDriver, table: Table, call: PostgresCall): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const rows = await callPostgres(call, (signal) => driver.query(existsStatement(table), signal));
    const [[existing] = []] = columnsOf(rows, call);
    if (existing !== null || await create(driver, table, call)) return;
  }
  throw new Error(cannot(call.action, "it came and went at each attempt", MAX_ATTEMPTS));
}

/** Creates the table. Returns false if another session was creating it: `IF NOT EXISTS` does not know of such a table. */
function create(driver: PostgresDriver, table: Table, call: PostgresCall): Promise<boolean> {
  return callPostgres(call, async (signal) => {
    try {
      await driver.query(createStatement(table), signal);
      return true;
    } catch (error) {
      if (isCreatedByAnother(error)) return false;
      throw error;
    }
  });
}
