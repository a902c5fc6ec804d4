import type { Client, Pool, PoolClient } from 'pg';
import { describe, expectTypeOf, test } from 'vitest';
import type { AnyTransaction } from '../../packages/sagaline/outbox/transaction.ts';
import type { ApplicationTables } from '../../prisma/application.ts';
import type { Database, Transaction } from '../../packages/sagaline/prisma/database.ts';
import type { SqlDatabase, SqlTransaction } from '../../packages/sagaline/prisma/sql-database.ts';
import type { Prisma } from '../../prisma/generated/client.ts';

describe('a transaction in which events are recorded', () => {
  test('is one of any client of Prisma', () => {
    expectTypeOf<Transaction>().toExtend<AnyTransaction>();
    expectTypeOf<Prisma.TransactionClient>().toExtend<AnyTransaction>();
    expectTypeOf<Database>().toExtend<AnyTransaction>();
    expectTypeOf<ApplicationTables>().toExtend<AnyTransaction>();
    expectTypeOf<SqlTransaction>().toExtend<AnyTransaction>();
  });

  test("is a connection of pg's, and no pool, whose statements may each have another connection", () => {
    expectTypeOf<Client>().toExtend<AnyTransaction>();
    expectTypeOf<PoolClient>().toExtend<AnyTransaction>();
    expectTypeOf<Pool>().not.toExtend<AnyTransaction>();
  });
});

test('what applications are given as their database is any client of Prisma, by what it can do', () => {
  expectTypeOf<Database>().toExtend<SqlDatabase>();
  expectTypeOf<ApplicationTables>().toExtend<SqlDatabase>();
  expectTypeOf<Transaction>().toExtend<SqlTransaction>();
});
