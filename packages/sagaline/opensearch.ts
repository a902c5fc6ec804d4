/**
 * The search in OpenSearch instead of PostgreSQL, for `sagaline/opensearch`: an add-on, which an app file names.
 *
 * @module sagaline/opensearch
 */
export { openSearch } from './opensearch/opensearch.ts';
