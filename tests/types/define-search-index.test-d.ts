/** An index's variables are those that it declares, with the types of their schemas. */
import { expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineApp } from '../../packages/sagaline/app/define-app.ts';
import { defineSearchIndex, type SearchIndex } from '../../packages/sagaline/pipeline/search/define-search-index.ts';
import { openSearch } from '../../packages/sagaline/opensearch/opensearch.ts';

declare const anIndex: SearchIndex;
declare const pick: (url: unknown) => SearchIndex;
const env = { LIBRARY_URL: z.url(), LIBRARY_SHARDS: z.coerce.number().default(1) };

test('create is given what the schemas make of the environment', () => {
  defineSearchIndex('library', {
    env,
    create: ({ env: { LIBRARY_URL, LIBRARY_SHARDS }, personalData }) => {
      expectTypeOf(LIBRARY_URL).toEqualTypeOf<string>();
      expectTypeOf(LIBRARY_SHARDS).toEqualTypeOf<number>();
      expectTypeOf(personalData).toEqualTypeOf<boolean>();
      return anIndex;
    },
  });
});

test('contradictions may find a variable absent', () => {
  defineSearchIndex('library', {
    env,
    contradictions: ({ LIBRARY_SHARDS }) => {
      expectTypeOf(LIBRARY_SHARDS).toEqualTypeOf<number | undefined>();
      return [];
    },
    create: () => anIndex,
  });
});

test('a variable that is not declared does not compile, and neither does an index without a reader', () => {
  defineSearchIndex('library', {
    env,
    // @ts-expect-error -- misspelt: LIBRARY_URL
    create: ({ env }) => pick(env.LIBRARY_URI),
  });
  defineSearchIndex('library', {
    env,
    // @ts-expect-error -- nobody could search it
    create: () => ({ createWriter: () => anIndex.createWriter() }),
  });
});

test('an application takes one', () => {
  expectTypeOf(defineApp).parameter(0).toHaveProperty('search');
  expectTypeOf(openSearch).toExtend<NonNullable<Parameters<typeof defineApp>[0]['search']>>();
});
